/**
 * What the page offers to run.
 *
 * `opens` puts an operation into a tab of its own when the page is opened for the first time. A
 * mutation declares `$key: ID!` and leaves it out of its variables: each run gets a fresh key.
 */
export const OPERATIONS = [
  {
    title: "Search",
    about: "Words, prices and stock, specs: three stores, one answer.",
    opens: true,
    query: `# Run with Ctrl-Enter. The book icon opens the schema, the list icon more operations.
query Search($words: String) {
  search(query: $words, first: 5) {
    totalCount
    nodes {
      title
      isAvailable
      priceRange { min { amount currencyCode } }
      specs { label unit value { ... on SpecText { text } ... on SpecNumber { number } } }
    }
  }
}
`,
    variables: { words: "绿茶" },
  },
  {
    title: "Shelf",
    about: "The categories with their cheapest products and the stock of each variant.",
    query: `query Shelf {
  categories {
    name
    products(first: 3, sort: PRICE_ASC) {
      totalCount
      nodes { slug title brand variants { sku price { amount currencyCode } availableQuantity } }
    }
  }
}
`,
  },
  {
    title: "Who am I",
    about: "The user of the token in Headers; null for a visitor.",
    query: `query Me {
  me { id roles }
}
`,
  },
  {
    title: "Create a category",
    about: "A mutation for merchants and owners; put a token into Headers first.",
    opens: true,
    query: `# $key is filled in with a fresh key at each run, unless the variables set it.
mutation CreateCategory($key: ID!, $input: CreateCategoryInput!) {
  createCategory(idempotencyKey: $key, input: $input) {
    category { id version slug name }
    isReplay
    userErrors { code message field }
  }
}
`,
    variables: { input: { name: "Tea pots" } },
  },
  {
    title: "What became of it",
    about: "Asks after the mutation that was sent last; $key is filled in with its key.",
    query: `query Status($key: ID!, $mutation: String!) {
  operationStatus(idempotencyKey: $key, mutation: $mutation) {
    state
    object { __typename id }
    startedAt
    completedAt
  }
}
`,
    variables: { mutation: "createCategory" },
  },
];

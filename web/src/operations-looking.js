/** Operations that change nothing. */
export const LOOKING = [
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
    about: "The categories with their cheapest products, and each variant with its ID and its stock.",
    query: `query Shelf {
  categories {
    id
    name
    products(first: 3, sort: PRICE_ASC) {
      totalCount
      nodes {
        id
        version
        slug
        title
        brand
        variants { id sku price { amount currencyCode } availableQuantity }
      }
    }
  }
}
`,
  },
  {
    title: "Who am I",
    about: "The user of the token in Headers; null for a visitor.",
    query: `# Sign in: make a token in a terminal, with: .venv/bin/mallgraph token --role shopper
# Put it into Headers below: {"Authorization": "Bearer ..."}
# Shoppers buy; merchants and owners sell. More operations open with the same headers.
query Me {
  me { id roles }
}
`,
  },
  {
    title: "What became of it",
    about: "Asks after the mutation that was sent last; $key is filled in with its key.",
    query: `# The variable names the mutation, for example placeOrder.
query Status($key: ID!, $mutation: String!) {
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

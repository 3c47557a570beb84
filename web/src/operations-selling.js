/** Operations of merchants and owners; each needs a token of one. */
const PRODUCT = "<id of a product, from Create a product or Shelf>";

export const SELLING = [
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
    title: "Create a product",
    about: "With a variant, specs and a picture; on sale at once, and found within two seconds.",
    query: `# An owner adds merchantId to the input; a merchant creates its own.
mutation CreateProduct($key: ID!, $input: CreateProductInput!) {
  createProduct(idempotencyKey: $key, input: $input) {
    product { id version slug status variants { id sku price { amount currencyCode } } }
    isReplay
    userErrors { code message field }
  }
}
`,
    variables: {
      input: {
        title: "Iron tea pot",
        categoryId: "<id of a category, from Shelf>",
        status: "ACTIVE",
        variants: [{ sku: "POT-1", price: { amount: "48.00", currencyCode: "EUR" } }],
        specs: [{ key: "capacity", label: "Capacity", unit: "mL", value: { number: "800" } }],
        media: [{ source: { url: "https://pictures.example/pot.png" }, alt: "A tea pot" }],
      },
    },
  },
  {
    title: "Change a product",
    about: "What is left out stays. With an old version the answer shows the product as it is now.",
    query: `mutation UpdateProduct($key: ID!, $version: Int!, $input: UpdateProductInput!) {
  updateProduct(idempotencyKey: $key, version: $version, input: $input) {
    product { id version revision title subtitle }
    isReplay
    userErrors {
      code
      message
      field
      details {
        ... on VersionConflictDetails { currentVersion current { ... on Product { title subtitle } } }
      }
    }
  }
}
`,
    variables: { version: 1, input: { productId: PRODUCT, subtitle: "Keeps warm for an hour" } },
  },
  {
    title: "Where it lies",
    about: "Warehouses, and the stock in them: what is on hand and what is kept for orders.",
    query: `query Stock {
  warehouses { id code name isSelling }
  inventoryLevels(first: 10) {
    nodes { id version onHand reserved available variant { id sku } warehouse { id code } }
  }
}
`,
  },
  {
    title: "Adjust stock",
    about: "Adds, takes or counts units: all changes or none, each written into the stock log.",
    query: `mutation AdjustInventory($key: ID!, $input: AdjustInventoryInput!) {
  adjustInventory(idempotencyKey: $key, input: $input) {
    levels { id version onHand reserved available }
    movements { logId kind onHandDelta onHandAfter reason }
    isReplay
    userErrors { code message field }
  }
}
`,
    variables: {
      input: {
        kind: "RECEIVE",
        reason: "A delivery came",
        changes: [
          {
            variantId: "<id of a variant, from Create a product or Shelf>",
            warehouseId: "<id of a warehouse, from Where it lies>",
            onHand: { delta: 10 },
          },
        ],
      },
    },
  },
  {
    title: "Create a delivery rate",
    about: "What delivery costs to some countries; an empty list of regions means everywhere.",
    query: `mutation CreateDeliveryRate($key: ID!, $input: CreateDeliveryRateInput!) {
  createDeliveryRate(idempotencyKey: $key, input: $input) {
    deliveryRate { id version title regions price { amount currencyCode } isActive }
    isReplay
    userErrors { code message field }
  }
}
`,
    variables: {
      input: {
        title: "Express",
        regions: ["DE", "AT"],
        price: { amount: "9.90", currencyCode: "EUR" },
        freeAbove: { amount: "150.00", currencyCode: "EUR" },
        estimatedDays: 1,
      },
    },
  },
];

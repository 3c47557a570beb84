// The part of the shop's schema that the pages ask for.

export const schema = `
  scalar Decimal

  type Money { amount: Decimal! currencyCode: String! }
  type PriceRange { min: Money! max: Money! }
  type Media { url: String! alt: String width: Int height: Int }
  type Merchant { name: String! }
  type SelectedOption { name: String! value: String! }
  type ProductOption { name: String! values: [String!]! }

  type SpecText { text: String! }
  type SpecNumber { number: Decimal! }
  type SpecBoolean { isTrue: Boolean! }
  type SpecList { items: [String!]! }
  union SpecValue = SpecText | SpecNumber | SpecBoolean | SpecList
  type Spec { key: String! label: String! group: String unit: String value: SpecValue! }

  type Category {
    slug: String!
    name: String!
    parent: Category
    products(first: Int = 20): ProductConnection!
  }

  type ProductVariant {
    id: ID!
    sku: String!
    title: String!
    options: [SelectedOption!]!
    price: Money!
    compareAtPrice: Money
    availableQuantity: Int
    isAvailable: Boolean!
    product: Product!
  }

  type Product {
    id: ID!
    slug: String!
    title: String!
    subtitle: String
    description: String
    brand: String
    isAvailable: Boolean!
    priceRange: PriceRange!
    media: [Media!]!
    category: Category!
    merchant: Merchant!
    options: [ProductOption!]!
    variants: [ProductVariant!]!
    specs: [Spec!]
  }

  type PageInfo { hasNextPage: Boolean! }
  type ProductConnection { nodes: [Product!]! pageInfo: PageInfo! }

  type FacetValue {
    value: String
    label: String!
    count: Int!
    isSelected: Boolean!
    min: Decimal
    max: Decimal
  }
  type Facet { key: String! label: String! unit: String values: [FacetValue!]! }
  type SearchConnection { totalCount: Int nodes: [Product!]! facets: [Facet!]! }

  type CartLine {
    id: ID!
    quantity: Int!
    isSelected: Boolean!
    priceWhenAdded: Money!
    unitPrice: Money
    total: Money
    variant: ProductVariant
  }
  type PriceTotals { subtotal: Money! discount: Money! tax: Money! total: Money! }
  type Cart {
    id: ID!
    version: Int!
    itemCount: Int!
    lines: [CartLine!]!
    totals: PriceTotals
  }

  input ProductByInput { slug: String }
  input DecimalRangeInput { min: Decimal max: Decimal }
  input FacetInput { key: String! ranges: [DecimalRangeInput!] }

  type Query {
    products(first: Int = 20): ProductConnection!
    product(by: ProductByInput!): Product
    category(slug: String!): Category
    search(query: String, first: Int = 20, facets: [FacetInput!]): SearchConnection
    cart(cartToken: String): Cart
  }
`;

// The pages by mercurius on fastify, with JIT and loaders: the fastest peer that was found.

import fastify from "fastify";
import mercurius from "mercurius";

import { cartOf, totals } from "./cart.mjs";
import { loaders } from "./loaders.mjs";
import { schema } from "./schema.mjs";
import { found } from "./search.mjs";
import { PRODUCT, close, open, rows } from "./stores.mjs";
import { globalId, media, money, options } from "./values.mjs";

const NEWEST = `SELECT ${PRODUCT} FROM listings s JOIN products p ON p.id = s.product_id
  WHERE s.category_id = ? AND s.status = 'ACTIVE' ORDER BY s.product_id DESC LIMIT ?`;
const BY_SLUG = `SELECT ${PRODUCT} FROM products p WHERE p.slug = ? AND p.status = 'ACTIVE'`;

async function newest(categoryId, first) {
  const products = await rows(NEWEST, [categoryId, first + 1]);
  return { nodes: products.slice(0, first), pageInfo: { hasNextPage: products.length > first } };
}

const resolvers = {
  Query: {
    products: (_, { first }) => newest("0", first),
    product: async (_, { by }) =>
      (await rows(BY_SLUG, [by.slug]))[0],
    category: async (_, { slug }) =>
      (await rows("SELECT id, slug, name, parent_id FROM categories WHERE slug = ?", [slug]))[0],
    search: (_, { facets }) => found(facets),
    cart: (_, { cartToken }) => cartOf(cartToken),
  },
  Product: {
    id: (product) => globalId("Product", product.id),
    priceRange: (product) => ({
      min: money(product.min_price_minor),
      max: money(product.max_price_minor),
    }),
    media,
  },
  ProductVariant: {
    id: (variant) => globalId("ProductVariant", variant.id),
    options,
    price: (variant) => money(variant.price_minor),
    compareAtPrice: (variant) =>
      variant.compare_at_minor === null ? null : money(variant.compare_at_minor),
  },
  Category: {
    products: (category, { first }) => newest(category.id, first),
  },
  Cart: { totals },
  SpecValue: {
    resolveType: (value) => value.__typename,
  },
};

await open();
const app = fastify();
app.register(mercurius, { schema, resolvers, loaders, jit: 1, path: "/graphql" });
app.addHook("onClose", close);
await app.listen({ host: "127.0.0.1", port: Number(process.env.PORT) });
process.on("SIGTERM", () => app.close().then(() => process.exit(0)));

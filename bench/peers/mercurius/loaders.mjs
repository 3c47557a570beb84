// What many objects ask for at once: one statement for all of them.

import { priceOf } from "./cart.mjs";
import { PRODUCT, VARIANT, rows, specs } from "./stores.mjs";
import { money, options, spec } from "./values.mjs";

const UNITS = `SELECT l.variant_id, SUM(l.on_hand - l.reserved) AS units FROM inventory_levels l
  JOIN warehouses w ON w.id = l.warehouse_id AND w.is_selling
  WHERE l.variant_id IN (?) GROUP BY l.variant_id`;
const AVAILABLE = `SELECT DISTINCT v.product_id FROM variants v
  JOIN inventory_levels l ON l.variant_id = v.id
  JOIN warehouses w ON w.id = l.warehouse_id AND w.is_selling
  WHERE v.product_id IN (?) AND l.on_hand > l.reserved`;
const VARIANTS = `SELECT ${VARIANT} FROM variants v WHERE v.product_id IN (?)
  ORDER BY v.product_id, v.position`;
const CATEGORIES = "SELECT id, slug, name, parent_id FROM categories WHERE id IN (?)";
const MERCHANTS = "SELECT id, name FROM merchants WHERE id IN (?)";
const PRODUCTS = `SELECT ${PRODUCT} FROM products p WHERE p.id IN (?)`;

function fetched(statement, keyOf) {
  return async (queries) => {
    const ids = [...new Set(queries.map(({ obj }) => keyOf(obj)))];
    const found = new Map((await rows(statement, [ids])).map((row) => [row.id, row]));
    return queries.map(({ obj }) => found.get(keyOf(obj)) ?? null);
  };
}

async function units(queries) {
  const found = await rows(UNITS, [queries.map(({ obj }) => obj.id)]);
  const left = new Map(found.map((row) => [row.variant_id, Number(row.units)]));
  return queries.map(({ obj }) => left.get(obj.id) ?? 0);
}

async function areAvailable(queries) {
  const found = await rows(AVAILABLE, [queries.map(({ obj }) => obj.id)]);
  const ids = new Set(found.map((row) => row.product_id));
  return queries.map(({ obj }) => ids.has(obj.id));
}

async function variants(queries) {
  const found = new Map(queries.map(({ obj }) => [obj.id, []]));
  for (const row of await rows(VARIANTS, [[...found.keys()]])) found.get(row.product_id).push(row);
  return queries.map(({ obj }) => found.get(obj.id));
}

async function productOptions(queries) {
  return (await variants(queries)).map((some) => {
    const values = new Map();
    for (const { name, value } of some.flatMap(options)) {
      if (!values.has(name)) values.set(name, new Set());
      values.get(name).add(value);
    }
    return [...values].map(([name, told]) => ({ name, values: [...told] }));
  });
}

async function sheets(queries) {
  const ids = queries.filter(({ obj }) => obj.specs_id).map(({ obj }) => BigInt(obj.specs_id));
  const found = await specs.find({ _id: { $in: ids } }).toArray();
  const lines = new Map(found.map((one) => [String(one._id), one.specs.map(spec)]));
  return queries.map(({ obj }) => lines.get(obj.specs_id) ?? []);
}

// Nothing is asked for twice, and a key for each object costs more than it saves.
const plain = (loader) => ({ loader, opts: { cache: false } });

export const loaders = {
  Product: {
    category: plain(fetched(CATEGORIES, (one) => one.category_id)),
    merchant: plain(fetched(MERCHANTS, (one) => one.merchant_id)),
    isAvailable: plain(areAvailable),
    options: plain(productOptions),
    variants: plain(variants),
    specs: plain(sheets),
  },
  ProductVariant: {
    availableQuantity: plain(units),
    isAvailable: plain(async (queries) => (await units(queries)).map((left) => left > 0)),
    product: plain(fetched(PRODUCTS, (one) => one.product_id)),
  },
  Category: {
    parent: plain(fetched(CATEGORIES, (one) => one.parent_id)),
  },
  CartLine: {
    variant: plain(async (queries) => queries.map(({ obj }) => obj.offer)),
    unitPrice: plain(async (queries) => queries.map(({ obj }) => shown(priceOf(obj), 1))),
    total: plain(async (queries) => queries.map(({ obj }) => shown(priceOf(obj), obj.quantity))),
  },
};

function shown(price, quantity) {
  return price === null ? null : money(price * quantity);
}

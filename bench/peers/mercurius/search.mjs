// One question to the index, its products, and the names of the categories.

import { PRODUCT, elastic, index, rows, shop } from "./stores.mjs";

const asked = JSON.parse(process.env.PEER_SEARCH ?? "{}");
const LABELS = { category: "Category", brand: "Brand", price: "Price" };
const PRODUCTS = `SELECT ${PRODUCT} FROM products p
  WHERE p.id IN (?) AND p.status = 'ACTIVE'`;
const SHOWN = 20;

export async function found(facets) {
  const { preference, body } = asked;
  const told = await elastic.search({ index, preference, ...body });
  const ids = told.hits.hits.map((hit) => hit._id);
  const products = await rows(PRODUCTS, [ids]);
  const byId = new Map(products.map((row) => [row.id, row]));
  return {
    totalCount: told.hits.total.value,
    nodes: ids.map((id) => byId.get(id)).filter(Boolean),
    facets: await Promise.all(facets.map((facet) => shown(facet, told.aggregations))),
  };
}

async function shown({ key, ranges }, counts) {
  const unit = key === "price" ? shop.currency : null;
  const values = ranges
    ? ranges.map((ends, place) => bar(ends, counts[`range ${place}`].doc_count))
    : await valuesOf(key, counts[key].buckets.slice(0, SHOWN));
  return { key, label: LABELS[key], unit, values };
}

function bar(ends, count) {
  const [min, max] = [ends.min, ends.max].map((end) => Number(end).toFixed(2));
  return { value: null, label: `${min} - ${max}`, count, isSelected: false, min, max };
}

async function valuesOf(key, buckets) {
  const names = key === "category" ? await namesOf(buckets.map((one) => one.key)) : new Map();
  return buckets.map(({ key: value, doc_count: count }) => ({
    value,
    label: names.get(value) ?? value,
    count,
    isSelected: false,
  }));
}

async function namesOf(slugs) {
  const categories = await rows("SELECT slug, name FROM categories WHERE slug IN (?)", [slugs]);
  return new Map(categories.map((row) => [row.slug, row.name]));
}

// Connections that live as long as the server, and the shop's own row.

import { Client } from "@elastic/elasticsearch";
import { MongoClient } from "mongodb";
import mysql from "mysql2/promise";

// Ids have more digits than a number of JavaScript keeps: they are texts here.
const url = new URL(process.env.MALLGRAPH_SQL_URL.replace("mysql+asyncmy:", "mysql:"));
const pool = mysql.createPool({
  uri: url.href,
  connectionLimit: 8,
  supportBigNumbers: true,
  bigNumberStrings: true,
});
const mongo = new MongoClient(process.env.MALLGRAPH_DOCUMENTS_URL, { useBigInt64: true });
const search = new URL(process.env.MALLGRAPH_SEARCH_URL);

// The columns that the schema shows, or that lead to others.
export const PRODUCT = `p.id, p.merchant_id, p.category_id, p.slug, p.title, p.subtitle,
  p.description, p.brand, p.media, p.specs_id, p.min_price_minor, p.max_price_minor`;
export const VARIANT = `v.id, v.product_id, v.sku, v.title, v.options, v.price_minor,
  v.compare_at_minor`;
export const elastic = new Client({ node: search.origin });
export const index = search.pathname.slice(1);
export const specs = mongo.db().collection("specs");
export const shop = {};

export async function rows(statement, values) {
  const [found] = await pool.query(statement, values);
  return found;
}

export async function open() {
  const [row] = await rows("SELECT * FROM shops", []);
  shop.currency = row.currency_code;
  shop.taxRate = BigInt(row.tax_rate_millionths);
  shop.isTaxIncluded = Boolean(row.is_tax_included);
  await mongo.connect();
}

export async function close() {
  await Promise.all([pool.end(), mongo.close(), elastic.close()]);
}

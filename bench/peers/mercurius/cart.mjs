// The temporary cart in a token; its variants are read with it, as prices and totals need them.

import { createHmac, timingSafeEqual } from "node:crypto";

import { VARIANT, rows, shop } from "./stores.mjs";
import { globalId, money } from "./values.mjs";

const PURPOSE = "mallgraph cart 1\n";
const SPREAD = 0x5851f42d4c957f2dn;
const MAX_ID = 2n ** 63n - 1n;
const MILLION = 1_000_000n;
const OFFERS = `SELECT ${VARIANT}, p.status AS product_status FROM variants v
  JOIN products p ON p.id = v.product_id WHERE v.id IN (?)`;

export async function cartOf(token) {
  const [body, signature] = token.split(".");
  const signed = createHmac("sha256", process.env.MALLGRAPH_CART_TOKEN_KEY)
    .update(PURPOSE + body)
    .digest();
  const sent = Buffer.from(signature ?? "", "base64url");
  if (sent.length !== signed.length || !timingSafeEqual(sent, signed)) return null;
  const [id, version, , , lines] = JSON.parse(Buffer.from(body, "base64url"), exact);
  const offers = await rows(OFFERS, [lines.map(([variantId]) => String(variantId))]);
  return cart(BigInt(id), version, lines, new Map(offers.map((row) => [row.id, row])));
}

// Ids have more digits than a number keeps.
function exact(_key, value, { source }) {
  return typeof value === "number" && !Number.isSafeInteger(value) ? BigInt(source) : value;
}

function cart(id, version, lines, offers) {
  const shown = lines.map(([variantId, quantity, price, selected]) => ({
    id: globalId("CartLine", ((BigInt(variantId) * SPREAD) & MAX_ID) ^ id),
    quantity,
    isSelected: Boolean(selected),
    priceWhenAdded: money(price),
    offer: offers.get(String(variantId)) ?? null,
  }));
  const itemCount = shown.reduce((sum, line) => sum + (line.isSelected ? line.quantity : 0), 0);
  return { id: globalId("Cart", id), version, itemCount, lines: shown };
}

export function priceOf(line) {
  const isOnSale = line.offer?.product_status === "ACTIVE";
  return isOnSale ? Number(line.offer.price_minor) : null;
}

export function totals({ lines }) {
  const costs = lines
    .filter((line) => line.isSelected && priceOf(line) !== null)
    .map((line) => BigInt(priceOf(line) * line.quantity));
  const subtotal = costs.reduce((sum, cost) => sum + cost, 0n);
  const tax = costs.reduce((sum, cost) => sum + taxOf(cost), 0n);
  const total = shop.isTaxIncluded ? subtotal : subtotal + tax;
  return {
    subtotal: money(subtotal),
    discount: money(0n),
    tax: money(tax),
    total: money(total),
  };
}

function taxOf(minor) {
  const whole = shop.isTaxIncluded ? MILLION + shop.taxRate : MILLION;
  return (2n * minor * shop.taxRate + whole) / (2n * whole);
}

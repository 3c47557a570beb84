// Values as the schema shows them: ids, money, pictures, options and specs.

import { shop } from "./stores.mjs";

export function globalId(kind, key) {
  return Buffer.from(`${kind}:${key}`).toString("base64url");
}

// Of the shop's currency, which has two digits.
export function money(minor) {
  return { amount: amount(minor), currencyCode: shop.currency };
}

export function amount(minor) {
  const digits = String(minor).padStart(3, "0");
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

export function media(product) {
  return JSON.parse(product.media).map((one) => ({
    ...one,
    url: one.url ?? `${process.env.MALLGRAPH_MEDIA_URL}/${one.objectKey}`,
  }));
}

export function options(variant) {
  return JSON.parse(variant.options).map(([name, value]) => ({ name, value }));
}

export function spec(line) {
  line.value = specValue(line);
  return line;
}

function specValue(line) {
  if (line.text !== undefined) return { __typename: "SpecText", text: line.text };
  if (line.number !== undefined) return { __typename: "SpecNumber", number: line.number };
  if (line.isTrue !== undefined) return { __typename: "SpecBoolean", isTrue: line.isTrue };
  return { __typename: "SpecList", items: line.items };
}

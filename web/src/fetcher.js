/** Sends an operation to the address of this page, with the key that its mutation needs. */
import { completed } from "./keys.js";

export async function fetcher(params, options = {}) {
  // Before the first await, so that `withLastKey` holds.
  const body = JSON.stringify(completed(params));
  const response = await fetch(location.pathname, {
    method: "POST",
    headers: {
      Accept: "application/graphql-response+json, application/json;q=0.9",
      "Content-Type": "application/json",
      ...options.headers,
    },
    body,
  });
  return answer(response);
}

async function answer(response) {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`The server answered ${response.status}, and not with JSON.`);
  }
}

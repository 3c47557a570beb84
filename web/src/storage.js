/** What the browser keeps between visits: operations and their variables, but no headers. */
import { StorageAPI } from "@graphiql/toolkit";
import { firstTabs } from "./tabs.js";

const LISTS = /:(queries|favorites)$/;
const browser = new StorageAPI().storage;

/**
 * GraphiQL's own storage, into which no token gets.
 *
 * `shouldPersistHeaders` speaks of tabs only: the history would keep the headers of each run.
 */
export const storage = Object.create(browser, {
  setItem: {
    value: (name, text) => browser.setItem(name, LISTS.test(name) ? withoutHeaders(text) : text),
  },
});

/**
 * Lay the first tab's texts where GraphiQL looks for those of the last visit.
 *
 * It takes the query of `defaultTabs` itself, but neither its variables nor, after a reload,
 * those of a tab that nobody edited.
 */
export function prepareFirstVisit() {
  const kept = new StorageAPI(storage);
  if (kept.get("query") !== null || kept.get("tabState") !== null) return;
  kept.set("query", firstTabs[0].query);
  kept.set("variables", firstTabs[0].variables);
}

function withoutHeaders(list) {
  return JSON.stringify(
    JSON.parse(list, (name, value) => (name === "headers" ? undefined : value)),
  );
}

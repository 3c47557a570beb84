/** What the editors hold when the page is opened for the first time. */
import { StorageAPI } from "@graphiql/toolkit";
import { firstTabs } from "./tabs.js";

/**
 * Lay the first tab's texts where GraphiQL looks for those of the last visit.
 *
 * It takes the query of `defaultTabs` itself, but neither its variables nor, after a reload,
 * those of a tab that nobody edited.
 */
export function prepareFirstVisit() {
  const storage = new StorageAPI();
  if (storage.get("query") !== null || storage.get("tabState") !== null) return;
  storage.set("query", firstTabs[0].query);
  storage.set("variables", firstTabs[0].variables);
}

/**
 * What the page offers to run, in groups and in the order in which one would run it.
 *
 * `opens` puts an operation into a tab of its own when the page is opened for the first time. A
 * mutation declares `$key: ID!` and leaves it out of its variables: each run gets a fresh key.
 * A variable in angle brackets is a place to fill in: it says which answer has the value.
 */
import { BUYING } from "./operations-buying.js";
import { LOOKING } from "./operations-looking.js";
import { SELLING } from "./operations-selling.js";

export const GROUPS = [
  { title: "Look around", operations: LOOKING },
  { title: "Buy", operations: BUYING },
  { title: "Sell", operations: SELLING },
];

export const OPERATIONS = GROUPS.flatMap((group) => group.operations);

/**
 * Idempotency keys: a fresh one for each run of a mutation, and the last one to send again.
 *
 * A variable named `key` or `idempotencyKey`, of type ID, that the Variables do not set is filled
 * in: in a mutation with a new key, in a query with the last one, to ask what became of it.
 */
import { Kind, parse } from "graphql";

const NAMES = ["key", "idempotencyKey"];
const listeners = new Set();
let last = null;
let isHeld = false;

/** The last key and where it came from (fresh, again or variables), or null; for React. */
export const lastKey = () => last;

export function subscribe(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** While `run` starts, mutations are sent with the last key instead of a fresh one. */
export function withLastKey(run) {
  isHeld = true;
  try {
    return run();
  } finally {
    isHeld = false;
  }
}

/** What to send for this run: with its key, and the operation's name only if it fits. */
export function completed(run) {
  const document = parsed(run.query);
  // For a moment, GraphiQL names an operation that was in the editor before.
  const isNamed = operationOf(document, run.operationName) !== undefined;
  const operationName = isNamed || !document ? run.operationName : undefined;
  const operation = operationOf(document, operationName);
  return { ...run, operationName, variables: withKey(operation, run.variables) };
}

/** Whether this operation is a mutation with a variable for its key. */
export function takesKey(document, operationName) {
  const operation = operationOf(document, operationName);
  return operation?.operation === "mutation" && keyVariable(operation) !== undefined;
}

function withKey(operation, variables) {
  const name = keyVariable(operation);
  if (!name) return variables;
  const given = variables?.[name];
  if (operation.operation !== "mutation") {
    return given === undefined && last ? { ...variables, [name]: last.value } : variables;
  }
  remember(given === undefined ? nextKey() : { value: given, origin: "variables" });
  return { ...variables, [name]: last.value };
}

function nextKey() {
  if (isHeld && last) return { value: last.value, origin: "again" };
  return { value: randomUUID(), origin: "fresh" };
}

function remember(used) {
  last = used;
  for (const listener of listeners) listener();
}

function parsed(query) {
  try {
    return parse(query);
  } catch {
    // The server says what is wrong with it.
    return null;
  }
}

function operationOf(document, name) {
  const operations = document?.definitions.filter(
    (definition) => definition.kind === Kind.OPERATION_DEFINITION,
  );
  return name ? operations?.find((one) => one.name?.value === name) : operations?.[0];
}

function keyVariable(operation) {
  const found = operation?.variableDefinitions?.find(
    ({ variable, type }) => NAMES.includes(variable.name.value) && isID(type),
  );
  return found?.variable.name.value;
}

function isID(type) {
  const named = type.kind === Kind.NON_NULL_TYPE ? type.type : type;
  return named.kind === Kind.NAMED_TYPE && named.name.value === "ID";
}

function randomUUID() {
  // Browsers offer randomUUID on https and localhost only, and shops are tried out in a LAN too.
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

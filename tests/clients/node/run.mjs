// node run.mjs: walks the scenario with each client, and prints what became of each as JSON.
// Standard input has {"url", "artifacts", "tokens": {client: token}}.
import { readFileSync, readdirSync } from "node:fs";
import { buildSchema, isAbstractType } from "graphql";
import { walk } from "./scenario.mjs";

const here = (path) => new URL(path, import.meta.url);
const asked = JSON.parse(readFileSync(0, "utf8"));
const steps = JSON.parse(readFileSync(here("../scenario.json"), "utf8"));
const folder = here("../operations/");
const documents = Object.fromEntries(
  readdirSync(folder).map((name) => [
    name.replace(".graphql", ""),
    { name: name.replace(".graphql", ""), text: readFileSync(new URL(name, folder), "utf8") },
  ]),
);
const schema = buildSchema(readFileSync(here("../../../schema.graphql"), "utf8"));
const possibleTypes = Object.fromEntries(
  Object.values(schema.getTypeMap())
    .filter(isAbstractType)
    .map((type) => [type.name, schema.getPossibleTypes(type).map((one) => one.name)]),
);

async function walked(name) {
  const { open } = await import(`./adapters/${name}.mjs`);
  const socketUrl = asked.url.replace(/^http/, "ws");
  const client = await open({ ...asked, socketUrl, possibleTypes });
  try {
    return { done: await walk(client, steps, documents, asked.tokens[name]) };
  } catch (error) {
    return { error: error.stack };
  } finally {
    await client.close?.();
  }
}

const names = Object.keys(asked.tokens);
const found = await Promise.all(names.map(walked));
console.log(JSON.stringify(Object.fromEntries(names.map((name, n) => [name, found[n]]))));
process.exit(0);

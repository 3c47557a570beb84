// The way of a buyer through the shop, step by step, the same for every client.
import { isDeepStrictEqual } from "node:util";
import { randomUUID } from "node:crypto";

/** Walk all steps with one client; return the titles of those done, or throw at the first wrong. */
export async function walk(client, steps, documents, token) {
  const known = {}, done = [];
  for (const step of steps) {
    if (step.isCached && !client.cached) continue;
    if (step.listens && !client.listen) continue;
    try {
      await take(client, step, documents[step.operation], known, token);
    } catch (error) {
      throw new Error(`${step.title}: ${error.message}`, { cause: error });
    }
    done.push(step.title);
  }
  return done;
}

async function take(client, step, document, known, token) {
  await client.signIn(step.as === "shopper" ? token : null);
  const variables = filled(step.variables, known);
  if (step.refused) return refused(client, document, variables, step.refused);
  const data = await told(client, step, document, variables);
  for (const [path, wanted] of Object.entries(step.expect))
    same(path, at(data, path), filled(wanted, known));
  for (const [name, path] of Object.entries(step.take ?? {})) known[name] = at(data, path);
}

async function told(client, step, document, variables) {
  if (step.isCached) return client.cached(document, variables);
  if (!step.listens) return client.run(document, variables);
  const heard = [];
  for await (const data of client.listen(document, variables)) {
    heard.push(data);
    if (heard.length === step.listens) break;
  }
  return heard;
}

async function refused(client, document, variables, code) {
  try {
    await client.run(document, variables);
  } catch (error) {
    return same("code", client.code(error), code);
  }
  throw new Error("it was not refused");
}

function same(path, found, wanted) {
  // What a cache gives is frozen, or has an own prototype.
  const plain = found === undefined ? undefined : JSON.parse(JSON.stringify(found));
  if (!isDeepStrictEqual(plain, wanted))
    throw new Error(`${path} is ${JSON.stringify(plain)}, not ${JSON.stringify(wanted)}`);
}

const at = (data, path) => path.split(".").reduce((held, name) => held?.[name], data);

/** `${name}` is a value that was taken before, `${new:name}` a new key, made once and kept. */
function filled(value, known) {
  if (Array.isArray(value)) return value.map((one) => filled(one, known));
  if (value && typeof value === "object")
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, filled(v, known)]));
  const name = typeof value === "string" && /^\$\{(new:)?(\w+)\}$/.exec(value);
  if (!name) return value;
  if (name[1]) known[name[2]] = randomUUID();
  if (!(name[2] in known)) throw new Error(`nothing is called ${name[2]}`);
  return known[name[2]];
}

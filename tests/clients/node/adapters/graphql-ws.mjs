// graphql-ws: everything over one WebSocket. What was under way when it broke is sent again as it was.
import { createClient } from "graphql-ws";

export function open({ socketUrl }) {
  let token = null, client = null;
  const connect = () =>
    createClient({
      url: socketUrl,
      connectionParams: () => (token ? { Authorization: `Bearer ${token}` } : {}),
      retryAttempts: 5,
      retryWait: () => new Promise((resolve) => setTimeout(resolve, 50)),
      shouldRetry: () => true,
    });
  const results = async function* ({ text }, variables) {
    for await (const result of client.iterate({ query: text, variables })) {
      if (result.errors) throw Object.assign(new Error("refused"), { errors: result.errors });
      yield result.data;
    }
  };
  return {
    async signIn(other) {
      // A connection speaks for one token from its first message on.
      if (client && other === token) return;
      client?.dispose();
      token = other;
      client = connect();
    },
    async run(document, variables) {
      for await (const data of results(document, variables)) return data;
    },
    listen: results,
    code: (error) => (Array.isArray(error) ? error : error.errors)[0].extensions.code,
    close: () => client?.dispose(),
  };
}

// urql: document cache, retries, documents by hash, subscriptions by graphql-ws.
import { Client, cacheExchange, fetchExchange, subscriptionExchange } from "@urql/core";
import { persistedExchange } from "@urql/exchange-persisted";
import { retryExchange } from "@urql/exchange-retry";
import { createClient } from "graphql-ws";
import { listened } from "../listened.mjs";

export function open({ url, socketUrl }) {
  let token = null;
  const bearer = () => (token ? { Authorization: `Bearer ${token}` } : {});
  const socket = createClient({ url: socketUrl, connectionParams: bearer });
  const client = new Client({
    url,
    fetchOptions: () => ({ headers: bearer() }),
    exchanges: [
      cacheExchange,
      // Only when there is no answer.
      retryExchange({ initialDelayMs: 50, maxNumberAttempts: 5, retryIf: (error) => !!error.networkError }),
      persistedExchange({ enableForMutation: true }),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: (request) => ({
          subscribe: (sink) => ({ unsubscribe: socket.subscribe(request, sink) }),
        }),
      }),
    ],
  });
  const checked = ({ data, error }) => {
    if (error) throw error;
    return data;
  };
  return {
    signIn: (other) => (token = other),
    async run({ text }, variables) {
      const isMutation = text.startsWith("mutation");
      const ask = isMutation ? client.mutation(text, variables) : client.query(text, variables, { requestPolicy: "network-only" });
      return checked(await ask.toPromise());
    },
    listen: ({ text }, variables) =>
      listened((sink) => client.subscription(text, variables).subscribe(sink.next)),
    code: (error) => error.graphQLErrors[0].extensions.code,
    close: () => socket.dispose(),
  };
}

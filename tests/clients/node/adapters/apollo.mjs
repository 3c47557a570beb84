// Apollo Client 4: cache by ids, retry link, documents by hash, subscriptions by graphql-ws.
import { createHash } from "node:crypto";
import { ApolloClient, ApolloLink, CombinedGraphQLErrors, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { SetContextLink } from "@apollo/client/link/context";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { RetryLink } from "@apollo/client/link/retry";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { createClient } from "graphql-ws";
import { listened } from "../listened.mjs";

export function open({ url, socketUrl, possibleTypes }) {
  let token = null;
  const bearer = () => (token ? { Authorization: `Bearer ${token}` } : {});
  const socket = createClient({ url: socketUrl, connectionParams: bearer });
  const http = ApolloLink.from([
    // Only when there is no answer: the variables, and the key in them, are sent again as they were.
    new RetryLink({ delay: { initial: 50 }, attempts: { max: 5 } }),
    new SetContextLink((context) => ({ ...context, headers: { ...context.headers, ...bearer() } })),
    new PersistedQueryLink({ sha256: (text) => createHash("sha256").update(text).digest("hex") }),
    new HttpLink({ uri: url }),
  ]);
  const client = new ApolloClient({
    cache: new InMemoryCache({ possibleTypes }),
    link: ApolloLink.split(
      ({ operationType }) => operationType === "subscription",
      new GraphQLWsLink(socket),
      http,
    ),
  });
  return {
    signIn: (other) => (token = other),
    async run({ text }, variables) {
      const document = gql(text);
      if (document.definitions[0].operation === "mutation")
        return (await client.mutate({ mutation: document, variables })).data;
      return (await client.query({ query: document, variables, fetchPolicy: "network-only" })).data;
    },
    cached: ({ text }, variables) => client.readQuery({ query: gql(text), variables }),
    listen: ({ text }, variables) =>
      listened((sink) => client.subscribe({ query: gql(text), variables }).subscribe(sink)),
    code: (error) => CombinedGraphQLErrors.is(error) && error.errors[0].extensions.code,
    close: () => socket.dispose(),
  };
}

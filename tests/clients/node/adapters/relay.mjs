// Relay 21: what relay-compiler made of the operations, a store by ids, subscriptions by graphql-ws.
import { createClient } from "graphql-ws";
import runtime from "relay-runtime";
import { listened } from "../listened.mjs";

const { Environment, Network, Observable, RecordSource, Store, commitMutation, createOperationDescriptor, fetchQuery, requestSubscription } = runtime;

export function open({ url, socketUrl, artifacts }) {
  let token = null;
  const bearer = () => (token ? { Authorization: `Bearer ${token}` } : {});
  const socket = createClient({ url: socketUrl, connectionParams: bearer });
  const send = async (body, attempt = 1) => {
    try {
      const answer = await fetch(url, {
        method: "POST",
        headers: { "Content-Type": "application/json", ...bearer() },
        body,
      });
      return await answer.json();
    } catch (error) {
      if (attempt === 5) throw error;
      return send(body, attempt + 1);
    }
  };
  const ask = async ({ text }, variables) => {
    const answer = await send(JSON.stringify({ query: text, variables }));
    // Relay takes errors beside data for partial data; here every one is told.
    if (answer.errors) throw Object.assign(new Error("refused"), { errors: answer.errors });
    return answer;
  };
  const follow = ({ text }, variables) =>
    Observable.create((sink) => socket.subscribe({ query: text, variables }, sink));
  const environment = new Environment({
    network: Network.create(ask, follow),
    store: new Store(new RecordSource()),
  });
  const made = async (name) => (await import(`${artifacts}/__generated__/${name}.graphql.js`)).default;
  return {
    signIn: (other) => (token = other),
    async run({ name, text }, variables) {
      const artifact = await made(name);
      if (!text.startsWith("mutation"))
        return fetchQuery(environment, artifact, variables, { fetchPolicy: "network-only" }).toPromise();
      return new Promise((resolve, reject) =>
        commitMutation(environment, { mutation: artifact, variables, onCompleted: resolve, onError: reject }),
      );
    },
    async cached({ name }, variables) {
      const operation = createOperationDescriptor(await made(name), variables);
      return environment.lookup(operation.fragment).data;
    },
    async *listen({ name }, variables) {
      const artifact = await made(name);
      yield* listened((sink) => {
        const ending = requestSubscription(environment, {
          subscription: artifact,
          variables,
          onNext: (data) => sink.next({ data }),
          onError: sink.error,
          onCompleted: sink.complete,
        });
        return () => ending.dispose();
      });
    },
    code: (error) => error.errors[0].extensions.code,
    close: () => socket.dispose(),
  };
}

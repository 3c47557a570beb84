// TanStack Query: its own retries around a plain fetch.
import { MutationObserver, QueryClient } from "@tanstack/query-core";

class Refused extends Error {
  constructor(errors) {
    super(errors[0].message);
    this.errors = errors;
  }
}

export function open({ url }) {
  let token = null;
  // Only when there is no answer.
  const retries = { retry: (count, error) => !(error instanceof Refused) && count < 5, retryDelay: 50 };
  const client = new QueryClient({ defaultOptions: { queries: { ...retries, gcTime: 0 }, mutations: retries } });
  const send = async (text, variables) => {
    const answer = await fetch(url, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        Accept: "application/graphql-response+json, application/json",
        ...(token ? { Authorization: `Bearer ${token}` } : {}),
      },
      body: JSON.stringify({ query: text, variables }),
    });
    const { data, errors } = await answer.json();
    if (errors) throw new Refused(errors);
    return data;
  };
  return {
    signIn: (other) => (token = other),
    run({ name, text }, variables) {
      if (!text.startsWith("mutation"))
        return client.fetchQuery({ queryKey: [name, variables, token], queryFn: () => send(text, variables) });
      const observer = new MutationObserver(client, { mutationFn: (given) => send(text, given) });
      return observer.mutate(variables);
    },
    code: (error) => error.errors[0].extensions.code,
    close: () => client.clear(),
  };
}

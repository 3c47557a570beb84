/** Operations as GraphiQL keeps them: texts of the editors. */
import { OPERATIONS } from "./operations.js";

export const HEADERS = `{
  // For development: .venv/bin/mallgraph token --role shopper (or merchant, or owner)
  // "Authorization": "Bearer ..."
}
`;

export const tab = ({ query, variables }, headers = HEADERS) => ({
  query,
  variables: variables ? `${JSON.stringify(variables, null, 2)}\n` : "",
  headers,
});

export const firstTabs = OPERATIONS.filter((operation) => operation.opens).map((operation) =>
  tab(operation),
);

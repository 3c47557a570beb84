// graphql-eslint's recommended rules for operations, and those for a schema that Relay can use.
import { readFileSync } from "node:fs";
import graphql from "@graphql-eslint/eslint-plugin";
import { buildSchema, isObjectType } from "graphql";

const types = Object.values(buildSchema(readFileSync("schema.graphql", "utf8")).getTypeMap());
const isNode = (type) => type.getInterfaces().some((one) => one.name === "Node");
const values = types.filter((type) => isObjectType(type) && !isNode(type)).map((type) => type.name);

const documents = {
  languageOptions: {
    parser: graphql.parser,
    parserOptions: { graphQLConfig: { schema: "schema.graphql", documents: "operations/*.graphql" } },
  },
  plugins: { "@graphql-eslint": graphql },
};
const rules = (...names) => Object.assign({}, ...names.map((name) => graphql.configs[name].rules));

export default [
  {
    ...documents,
    files: ["operations/*.graphql"],
    rules: {
      ...rules("flat/operations-recommended"),
      // relay-compiler wants the suffixes that this one forbids.
      "@graphql-eslint/naming-convention": "off",
    },
  },
  {
    ...documents,
    files: ["schema.graphql"],
    rules: {
      ...rules("flat/schema-recommended", "flat/schema-relay"),
      // Values, such as an amount of money, are parts of what has an id.
      "@graphql-eslint/strict-id-in-types": ["error", { exceptions: { types: values } }],
      // Most lists go forward only.
      "@graphql-eslint/relay-arguments": ["error", { includeBoth: false }],
      // Short lists, such as the lines of an order, are no connections.
      "@graphql-eslint/relay-edge-types": [
        "error",
        { withEdgeSuffix: true, shouldImplementNode: true, listTypeCanWrapOnlyEdgeType: false },
      ],
    },
  },
];

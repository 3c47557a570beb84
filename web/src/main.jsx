import { DOC_EXPLORER_PLUGIN } from "@graphiql/plugin-doc-explorer";
import { HISTORY_PLUGIN } from "@graphiql/plugin-history";
import { GraphiQL } from "graphiql";
// GraphiQL loads it later, but then its styles would be in a file that nobody loads.
import "monaco-graphql/esm/monaco-editor.js";
import { createRoot } from "react-dom/client";
import "./style.css";
import "./workers.js";
import { EXAMPLES } from "./examples.jsx";
import { fetcher } from "./fetcher.js";
import { KeyBar } from "./key-bar.jsx";
import { prepareFirstVisit, storage } from "./storage.js";
import { HEADERS, firstTabs } from "./tabs.js";

const PLUGINS = [HISTORY_PLUGIN, EXAMPLES];

prepareFirstVisit();

createRoot(document.getElementById("graphiql")).render(
  <GraphiQL
    fetcher={fetcher}
    storage={storage}
    plugins={PLUGINS}
    referencePlugin={DOC_EXPLORER_PLUGIN}
    defaultTabs={firstTabs}
    defaultHeaders={HEADERS}
    defaultEditorToolsVisibility
    shouldPersistHeaders={false}
    showPersistHeadersSettings={false}
    inputValueDeprecation
    schemaDescription
  >
    <GraphiQL.Logo>mallgraph</GraphiQL.Logo>
    <GraphiQL.Footer>
      <KeyBar />
    </GraphiQL.Footer>
  </GraphiQL>,
);

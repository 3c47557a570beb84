/** The list of operations beside the editors; a click opens one in a new tab. */
import { useGraphiQL, useGraphiQLActions } from "@graphiql/react";
import { GROUPS } from "./operations.js";
import { tab } from "./tabs.js";

export const EXAMPLES = { title: "Operations", icon: ListIcon, content: Examples };

function Examples() {
  const open = useOpen();
  return (
    <section aria-label="Operations" className="mallgraph-examples">
      <div className="graphiql-doc-explorer-title">Operations</div>
      {GROUPS.map((group) => (
        <Group key={group.title} {...group} open={open} />
      ))}
    </section>
  );
}

function Group({ title, operations, open }) {
  return (
    <>
      <h3>{title}</h3>
      <ul>
        {operations.map((operation) => (
          <li key={operation.title}>
            <button type="button" onClick={() => open(operation)}>
              {operation.title}
            </button>
            <p>{operation.about}</p>
          </li>
        ))}
      </ul>
    </>
  );
}

/** A function that opens an operation in a new tab, with the headers of the present one. */
function useOpen() {
  const { addTab, updateActiveTabValues } = useGraphiQLActions();
  const editors = useGraphiQL(({ queryEditor, variableEditor, headerEditor }) => [
    queryEditor,
    variableEditor,
    headerEditor,
  ]);
  return (operation) => {
    const opened = tab(operation, editors[2]?.getValue());
    addTab();
    editors.forEach((editor, index) => editor?.setValue(Object.values(opened)[index]));
    updateActiveTabValues(opened);
  };
}

function ListIcon(props) {
  return (
    <svg height="1em" viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth="1.5" {...props}>
      <path d="M1 3h2M1 8h2M1 13h2M6 3h9M6 8h9M6 13h9" />
    </svg>
  );
}

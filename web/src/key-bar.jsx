/** Below the response: the key of the last mutation, and a way to send it again. */
import { useGraphiQL, useGraphiQLActions } from "@graphiql/react";
import { useSyncExternalStore } from "react";
import { lastKey, subscribe, takesKey, withLastKey } from "./keys.js";

const ORIGINS = {
  fresh: "fresh for this run",
  again: "sent again",
  variables: "set by the variables",
};

export function KeyBar() {
  const used = useSyncExternalStore(subscribe, lastKey);
  return (
    <div className="mallgraph-key" role="status" aria-label="Idempotency key">
      {used ? <Used {...used} /> : <Hint />}
    </div>
  );
}

function Used({ value, origin }) {
  const { run } = useGraphiQLActions();
  const isFor = useGraphiQL(({ documentAST, operationName }) => takesKey(documentAST, operationName));
  return (
    <>
      <span>
        Key <code>{String(value)}</code> {ORIGINS[origin]}
      </span>
      <button type="button" disabled={!isFor} onClick={() => withLastKey(run)}>
        Send the same key again
      </button>
    </>
  );
}

function Hint() {
  return (
    <span>
      A mutation with a variable <code>$key: ID!</code> gets a fresh idempotency key at each run.
    </span>
  );
}

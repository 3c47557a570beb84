/** Tells Monaco where its workers are; the build knows their names (see build.mjs). */
/* global WORKERS */
globalThis.MonacoEnvironment = {
  getWorker: (_id, label) =>
    new Worker(new URL(WORKERS[label] ?? WORKERS.editor, import.meta.url)),
};

// What is pushed, as what can be pulled.

/** Yield the data of results; `subscribe` takes a sink and returns what ends it. */
export async function* listened(subscribe) {
  const waiting = [];
  let wake = () => {};
  const put = (one) => (waiting.push(one), wake());
  const ending = subscribe({
    next: (result) => put(result.error || result.errors ? { error: result.error ?? result.errors } : result),
    error: (error) => put({ error }),
    complete: () => put({ isOver: true }),
  });
  try {
    while (true) {
      if (!waiting.length) await new Promise((resolve) => (wake = resolve));
      const one = waiting.shift();
      if (one.error) throw one.error instanceof Error ? one.error : new Error(JSON.stringify(one.error));
      if (one.isOver) return;
      yield one.data;
    }
  } finally {
    typeof ending === "function" ? ending() : ending.unsubscribe();
  }
}

"""What is counted and timed, for Prometheus; docs/telemetry.md tells operators what it means."""

import asyncio
import os
import time
from functools import cache

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from starlette.requests import Request
from starlette.responses import Response

from graph.operation import Caller
from graph.watch import Answer, caller
from mallgraph.telemetry.names import Names

UNKNOWN = "unknown"
OK, ERROR, CANCELLED = "ok", "error", "cancelled"

_OPERATION_BUCKETS = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
_CALL_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)


class Metrics:
    """The metrics of one application.

    Several processes that share a folder are told together; the gauges of each are added up.
    """

    def __init__(self, names: Names, shared: str | None = None) -> None:
        """Count from 0; `shared` is the folder of several processes."""
        # A second series for each one, that tells when it was made.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        self._names, self._shared = names, shared
        self._operations = cache(self._operation_histogram().labels)
        self._calls = cache(self._call_histogram().labels)
        if shared is None:
            ProcessCollector(registry=self.registry)

    def watch(self, answer: Answer) -> Answer:
        """Return a way to answer that counts and times what it answers."""

        async def watched(request: Request) -> Response:
            began = time.perf_counter()
            try:
                return await answer(request)
            finally:
                self._operation(caller(request), time.perf_counter() - began)

        return watched

    def call(self, store: str, _what: str, seconds: float, error: BaseException | None) -> None:
        """Count a call of a store."""
        self._calls(store, _outcome(error)).observe(seconds)

    def gauge(self, name: str, told: str, *labels: str, is_sum: bool = True) -> Gauge:
        """Return a new gauge, of which the sum or the newest of all processes is told."""
        mode = "livesum" if is_sum else "livemostrecent"
        return Gauge(name, told, labels, registry=self.registry, multiprocess_mode=mode)  # type: ignore[arg-type]  # Literals.

    def counter(self, name: str, told: str, label: str) -> Counter:
        """Return a new counter."""
        return Counter(name, told, [label], registry=self.registry)

    def text(self) -> bytes:
        """Return everything in the text format of Prometheus."""
        if self._shared is None:
            return generate_latest(self.registry)
        gathered = CollectorRegistry()
        MultiProcessCollector(gathered, self._shared)  # type: ignore[no-untyped-call]
        return generate_latest(gathered)

    def end(self) -> None:
        """Let the gauges of this process be told no longer."""
        if self._shared is not None:
            mark_process_dead(os.getpid(), self._shared)  # type: ignore[no-untyped-call]

    def _operation(self, who: Caller | None, seconds: float) -> None:
        name = self._names.of(who)
        kind = who.operation_kind if who else None
        outcome = who.outcome.value if who else "refused"
        self._operations(name, kind or UNKNOWN, outcome).observe(seconds)

    def _operation_histogram(self) -> Histogram:
        return Histogram(
            "mallgraph_operation_duration_seconds",
            "Seconds from the head of a request to its answer.",
            ["operation", "kind", "outcome"],
            registry=self.registry,
            buckets=_OPERATION_BUCKETS,
        )

    def _call_histogram(self) -> Histogram:
        return Histogram(
            "mallgraph_store_call_duration_seconds",
            "Seconds that calls of stores took, waiting for a connection included.",
            ["store", "outcome"],
            registry=self.registry,
            buckets=_CALL_BUCKETS,
        )


def _outcome(error: BaseException | None) -> str:
    if error is None:
        return OK
    return CANCELLED if isinstance(error, asyncio.CancelledError) else ERROR

"""Spans of OpenTelemetry: one for each operation, batch field and call of a store."""

import asyncio
import time
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from threading import Thread
from typing import Any

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from graph import batch
from graph.operation import Caller, Outcome
from graph.watch import Answer, caller
from stores import calls

_END_SECONDS = 2.0
_LONGEST_NAME = 100
#: No exception is told: its text may hold what a shopper wrote.
_SILENT: Any = {"record_exception": False, "set_status_on_exception": False}
_FAILED = Status(StatusCode.ERROR)


def open_provider() -> TracerProvider:
    """Return a provider that sends to the collector that the standard variables name."""
    given = Resource.create()
    named = {} if _is_named(given) else {SERVICE_NAME: "mallgraph"}
    provider = TracerProvider(resource=given.merge(Resource(named)), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider


class Traces:
    """Makes the spans of one application. They hold no arguments, variables or users."""

    def __init__(self) -> None:
        """Send them to the collector of the environment."""
        self._provider = open_provider()
        self._tracer = self._provider.get_tracer("mallgraph")
        # Of what callers send only this: baggage could be anything.
        self._propagator = TraceContextTextMapPropagator()

    def watch(self, answer: Answer) -> Answer:
        """Return a way to answer that makes a span of each operation."""

        async def watched(request: Request) -> Response:
            parent = self._propagator.extract(dict(request.headers))
            attributes = {"mallgraph.request_id": request.state.request_id}
            with self._tracer.start_as_current_span(
                "GraphQL", parent, SpanKind.SERVER, attributes, **_SILENT
            ) as span:
                try:
                    return await answer(request)
                finally:
                    _describe(span, caller(request))

        return watched

    def routes(self) -> Sequence[BaseRoute]:
        """Return none: spans are sent."""
        return ()

    @asynccontextmanager
    async def running(self, _app: Starlette) -> AsyncGenerator[None]:
        """Hear of stores and batch fields; send what is left at the end."""
        calls.observers.append(self.call)
        batch.around.append(self.field)
        try:
            yield
        finally:
            batch.around.remove(self.field)
            calls.observers.remove(self.call)
            await self._close()

    @contextmanager
    def field(self, name: str, sources: int) -> Generator[None]:
        """Stand around a batch field of so many sources."""
        if not get_current_span().is_recording():
            yield
            return
        attributes: dict[str, str | int] = {"mallgraph.sources": sources}
        with self._tracer.start_as_current_span(name, attributes=attributes, **_SILENT) as span:
            try:
                yield
            except BaseException:
                span.set_status(_FAILED)
                raise

    def call(self, store: str, what: str, seconds: float, error: BaseException | None) -> None:
        """Tell of a call of a store, below the operation that made it; of jobs nothing is told."""
        if not get_current_span().is_recording():
            return
        ended = time.time_ns()
        began = ended - int(seconds * 1_000_000_000)
        attributes = {"mallgraph.store": store, "mallgraph.call": what}
        span = self._tracer.start_span(
            f"{store} {what}", None, SpanKind.CLIENT, attributes, start_time=began
        )
        if error is not None:
            span.set_attribute("error.type", type(error).__name__)
            span.set_status(_FAILED)
        span.end(ended)

    async def _close(self) -> None:
        # A collector that is away must not hold up the end, nor does Python wait for this thread.
        ending = Thread(target=self._provider.shutdown, daemon=True)
        ending.start()
        await asyncio.to_thread(ending.join, _END_SECONDS)


def _describe(span: Span, who: Caller | None) -> None:
    outcome = who.outcome if who else Outcome.REFUSED
    span.set_attribute("mallgraph.outcome", outcome.value)
    if outcome is Outcome.ERRORS:
        span.set_status(_FAILED)
    if who and who.operation_kind:
        span.update_name(who.operation_kind)
        span.set_attribute("graphql.operation.type", who.operation_kind)
    if who and who.operation_name:
        span.set_attribute("graphql.operation.name", who.operation_name[:_LONGEST_NAME])


def _is_named(given: Resource) -> bool:
    name = str(given.attributes.get(SERVICE_NAME, ""))
    return not name.startswith("unknown_service")

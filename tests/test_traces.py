"""Spans: one for each operation, batch field and call of a store, however long a list is."""

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from graph import batch
from loaders.batch import KeyLoader
from mallgraph.app import create_app
from mallgraph.configuration import WrongSettings
from mallgraph.telemetry import traces
from stores import calls
from stores.settings import Settings
from tests.shopping import open_shop
from tests.test_away import without

LIST = """query List($n: Int) { products(first: $n, sort: TITLE) { nodes {
  slug title merchant { name } variants { sku availableQuantity } specs { key } } } }"""
#: What a list of any length is made of; the page itself and its availability ask the store too.
SPANS = {
    "query": 1,
    "Product.merchant": 1,
    "Product.variants": 1,
    "Product.specs": 1,
    "ProductVariant.availableQuantity": 1,
    "relational read": 2,
    "documents call": 1,
}
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def exporter(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    """Collect the spans instead of sending them."""
    found = InMemorySpanExporter()
    _export_to(found, monkeypatch)
    return found


def _export_to(exporter: SpanExporter, monkeypatch: pytest.MonkeyPatch) -> None:
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(traces, "open_provider", lambda: provider)


def traced(settings: Settings) -> Settings:
    return settings.model_copy(update={"traces": True})


async def spans_of(
    settings: Settings, exporter: InMemorySpanExporter, query: str, **variables: object
) -> Sequence[ReadableSpan]:
    """Return the spans of one operation, that was asked before."""
    async with open_shop(traced(settings)) as shop:
        await shop.send(query, **variables)
        exporter.clear()
        await shop.send(query, **variables)
        return exporter.get_finished_spans()


def counted(spans: Sequence[ReadableSpan]) -> dict[str, int]:
    """Count spans by name; what the document store calls its reading depends on its kind."""
    documents = ("documents read", "documents by_ids")
    return Counter("documents call" if one.name in documents else one.name for one in spans)


@pytest.mark.parametrize("n", [20, 100])
async def test_list_has_a_span_for_each_batch_field_and_store_call(
    settings: Settings, exporter: InMemorySpanExporter, n: int
) -> None:
    assert counted(await spans_of(settings, exporter, LIST, n=n)) == SPANS


async def test_twin_without_batches_has_a_span_for_each_object(
    embedded_settings: Settings, exporter: InMemorySpanExporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def each(self: KeyLoader[Any, Any], keys: Sequence[Any]) -> list[Any]:
        return [(await self._fetch([key])).get(key, self._missing) for key in keys]

    monkeypatch.setattr(KeyLoader, "many", each)
    found = counted(await spans_of(embedded_settings, exporter, LIST, n=20))

    assert found["documents call"] == 20


async def test_calls_of_stores_lie_within_the_field_that_asked(
    embedded_settings: Settings, exporter: InMemorySpanExporter
) -> None:
    spans = await spans_of(embedded_settings, exporter, LIST, n=20)
    names = {one.context.span_id: one.name for one in spans if one.context}
    parents = {(one.name, names[one.parent.span_id]) for one in spans if one.parent}

    assert len({one.context.trace_id for one in spans if one.context}) == 1
    assert [one.name for one in spans if one.parent is None] == ["query"]
    assert ("documents read", "Product.specs") in parents
    assert ("relational read", "Product.variants") in parents
    assert ("relational read", "query") in parents
    assert all(_lasted(one) >= 0 for one in spans)


def _lasted(span: ReadableSpan) -> int:
    assert span.start_time is not None
    assert span.end_time is not None
    return span.end_time - span.start_time


async def test_span_tells_operation_and_request_and_nothing_of_what_was_asked(
    embedded_settings: Settings, exporter: InMemorySpanExporter
) -> None:
    secret = "Secret-word-42"
    query = """query Find($words: String!, $by: ProductByInput!) {
      search(query: $words) { totalCount } product(by: $by) { specs { key } } }"""
    variables = {"words": secret, "by": {"slug": "lamp-1"}}
    async with open_shop(traced(embedded_settings)) as shop:
        headers = {
            "x-request-id": "request-7",
            "authorization": f"Bearer {shop.token('ann')}",
            "baggage": f"word={secret}",
        }
        body = {"query": query, "variables": variables}
        await shop.http.post("/graphql", json=body, headers=headers)
    spans = exporter.get_finished_spans()
    (operation,) = [one for one in spans if one.parent is None]

    assert dict(operation.attributes or {}) == {
        "mallgraph.request_id": "request-7",
        "mallgraph.outcome": "ok",
        "graphql.operation.type": "query",
        "graphql.operation.name": "Find",
    }
    told = json.dumps([json.loads(one.to_json()) for one in spans])
    assert [word for word in (secret, "lamp-1", "ann", "SELECT") if word in told] == []


async def test_trace_of_the_caller_goes_on(
    embedded_settings: Settings, exporter: InMemorySpanExporter
) -> None:
    async with open_shop(traced(embedded_settings)) as shop:
        body = {"query": "{ shop { name } }"}
        for sent in (PARENT, "rubbish"):
            await shop.http.post("/graphql", json=body, headers={"traceparent": sent})
    first, second = (one for one in exporter.get_finished_spans() if one.name == "query")

    assert first.context is not None
    assert first.parent is not None
    assert f"{first.context.trace_id:032x}" == "0af7651916cd43dd8448eb211c80319c"
    assert f"{first.parent.span_id:016x}" == "b7ad6b7169203331"
    assert second.parent is None


async def test_caller_that_does_not_sample_is_not_traced(
    embedded_settings: Settings, exporter: InMemorySpanExporter
) -> None:
    async with open_shop(traced(embedded_settings)) as shop:
        headers = {"traceparent": f"{PARENT[:-2]}00"}
        await shop.http.post("/graphql", json={"query": LIST}, headers=headers)

    assert exporter.get_finished_spans() == ()


@pytest.mark.slow
async def test_store_that_is_away_is_an_error_of_its_span_its_field_and_the_operation(
    embedded_settings: Settings, exporter: InMemorySpanExporter
) -> None:
    spans = await spans_of(without(embedded_settings, "documents_url"), exporter, LIST, n=3)

    failed = {one.name for one in spans if one.status.status_code is StatusCode.ERROR}
    assert failed == {"query", "Product.specs", "documents by_ids"}
    assert all(one.events == () and one.status.description is None for one in spans)


async def test_refused_operation_is_a_span_too(
    embedded_settings: Settings, exporter: InMemorySpanExporter
) -> None:
    (span,) = await spans_of(embedded_settings, exporter, "{ nothing }")

    assert dict(span.attributes or {})["mallgraph.outcome"] == "refused"


async def test_jobs_make_no_spans(
    embedded_settings: Settings, exporter: InMemorySpanExporter
) -> None:
    async with open_shop(traced(embedded_settings)) as shop:
        await shop.mall.stores.database.ping()
        await asyncio.sleep(0.5)

    assert exporter.get_finished_spans() == ()


async def test_shop_that_is_not_traced_makes_nothing(
    embedded_settings: Settings, exporter: InMemorySpanExporter
) -> None:
    chosen = embedded_settings.model_copy(update={"traces": False, "metrics": False})
    async with open_shop(chosen) as shop:
        assert (calls.observers, batch.around) == ([], [])
        await shop.ask(LIST, n=20)
    async with open_shop(traced(chosen)):
        assert (len(calls.observers), len(batch.around)) == (1, 1)

    assert (calls.observers, batch.around) == ([], [])
    assert exporter.get_finished_spans() == ()


def test_collector_of_the_standard_variable_switches_traces_on(
    monkeypatch: pytest.MonkeyPatch, embedded_settings: Settings
) -> None:
    given = {
        traces: embedded_settings.model_copy(update={"traces": traces}) for traces in (None, False)
    }
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_ENDPOINT", raising=False)
    assert [one.traces_operations() for one in given.values()] == [False, False]
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318")
    assert [one.traces_operations() for one in given.values()] == [True, False]


class _Stuck(SpanExporter):
    """A collector that takes its time."""

    def export(self, _spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return SpanExportResult.SUCCESS

    def shutdown(self) -> None:
        time.sleep(10)


async def test_collector_that_is_stuck_does_not_hold_up_the_end(
    embedded_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(traces, "_END_SECONDS", 0.2)
    _export_to(_Stuck(), monkeypatch)
    async with open_shop(traced(embedded_settings)) as shop:
        await shop.ask("{ shop { name } }")
        began = time.monotonic()

    assert time.monotonic() - began < 3


def test_traces_that_are_not_installed_are_one_sentence(
    embedded_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "mallgraph.telemetry.traces", None)
    with pytest.raises(
        WrongSettings, match=r"install mallgraph\[traces\], or set MALLGRAPH_TRACES"
    ):
        create_app(traced(embedded_settings))

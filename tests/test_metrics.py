"""What /metrics tells Prometheus: exactly what happened, to whom it may be told."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from graph import admission
from graph.operation import Caller, Outcome
from mallgraph import app
from mallgraph.configuration import WrongSettings
from mallgraph.telemetry import names, page
from mallgraph.telemetry.metrics import Metrics
from mallgraph.telemetry.names import MOST, Names
from stores import calls, outbox
from stores.deadline import deadline
from stores.errors import ShopError
from stores.ids import utc_now
from stores.outbox import Event
from stores.settings import Profile, Settings
from tests.crowd import MUTATION, QUERY, busy
from tests.shopping import Client, open_shop
from tests.test_away import without

SHELF = "query Shelf { products(first: 3) { nodes { slug specs { key } } } }"
FILL = 'mutation Fill { addCartLines(idempotencyKey: "", input: {lines: []}) { isReplay } }'
FINDING = '{ search(query: "lamp") { nodes { slug } } }'
TOKEN = "0123456789abcdef"

#: A scrape asks the relational store how far each consumer of events is.
OF_A_SCRAPE = 1

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture(autouse=True)
def _no_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs ask the stores too, whenever they like, and again when one is away."""
    monkeypatch.setattr(app, "BACKGROUND", ())
    monkeypatch.setattr(app, "_FIRST_PAUSE", 60)


async def scraped(shop: Client) -> Samples:
    """Return the value of each sample by its name and labels."""
    answer = await shop.http.get("/metrics")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert answer.headers["cache-control"] == "no-store"
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def told(samples: Samples, name: str, *labels: str) -> dict[tuple[str, ...], float]:
    """Return the values of a metric by the values of these labels; those of 0 are left out."""
    found: dict[tuple[str, ...], float] = {}
    for (one, given), value in samples.items():
        if one == name and value:
            by_name = dict(given)
            key = tuple(by_name[label] for label in labels)
            found[key] = found.get(key, 0) + value
    return found


def operations(samples: Samples) -> dict[tuple[str, ...], float]:
    name = "mallgraph_operation_duration_seconds_count"
    return told(samples, name, "operation", "kind", "outcome")


def store_calls(samples: Samples) -> dict[tuple[str, ...], float]:
    return told(samples, "mallgraph_store_call_duration_seconds_count", "store", "outcome")


async def test_operations_are_told_by_name_kind_and_outcome(embedded_settings: Settings) -> None:
    async with open_shop(embedded_settings) as shop:
        for _ in range(3):
            await shop.ask(SHELF)
        await shop.ask("{ shop { name } }")
        await shop.send(FILL)
        await shop.send('query Odd { node(id: "x") { id } }')
        await shop.send("query Wrong { nothing }")
        await shop.send("{")
        await shop.http.post("/graphql", content=b"no JSON")
        await shop.http.get("/graphql", params={"query": FILL})
        samples = await scraped(shop)

    assert operations(samples) == {
        ("Shelf", "query", "ok"): 3,
        ("anonymous", "query", "ok"): 1,
        # What is wrong stands in userErrors: the operation did what it is there for.
        ("Fill", "mutation", "ok"): 1,
        ("Odd", "query", "errors"): 1,
        ("other", "query", "refused"): 1,
        ("anonymous", "unknown", "refused"): 3,
    }


async def test_time_of_an_operation_is_counted_in_seconds(
    embedded_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with busy(embedded_settings, monkeypatch, QUERY) as (shop, slow, running):
        await asyncio.sleep(0.3)
        slow.let_go.set()
        await running
        samples = await scraped(shop)

    took = told(samples, "mallgraph_operation_duration_seconds_sum", "outcome")[("ok",)]
    slower = told(samples, "mallgraph_operation_duration_seconds_bucket", "le")
    assert 0.3 < took < 2
    assert (slower.get(("0.25",), 0), slower[("+Inf",)]) == (0, 1)


async def gained(
    shop: Client, ask: Callable[[], Awaitable[object]]
) -> dict[tuple[str, ...], float]:
    """Return how often each store was called for this, and for one scrape."""
    before = store_calls(await scraped(shop))
    await ask()
    after = store_calls(await scraped(shop))
    return {
        key: count - before.get(key, 0) for key, count in after.items() if count != before.get(key)
    }


#: A document -> the calls of stores that it needs, on whatever they run.
CALLS = {
    SHELF: {("relational", "ok"): 1, ("documents", "ok"): 1},
    FINDING: {("search", "ok"): 1, ("relational", "ok"): 2},
    "{ shop { name } }": {("relational", "ok"): 1},
    "{ cart { itemCount } }": {("carts", "ok"): 1},
}


@pytest.mark.parametrize("query", CALLS)
async def test_calls_of_stores_are_told_by_store(settings: Settings, query: str) -> None:
    async with open_shop(settings) as shop:
        await shop.ask(query, "ann")
        found = await gained(shop, lambda: shop.ask(query, "ann"))

    relational = OF_A_SCRAPE + CALLS[query].get(("relational", "ok"), 0)
    assert found == CALLS[query] | {("relational", "ok"): relational}


@pytest.mark.parametrize(
    ("store", "url", "query"),
    [
        ("documents", "documents_url", SHELF),
        ("search", "search_url", FINDING),
        ("carts", "carts_url", "{ cart { itemCount } }"),
    ],
)
async def test_store_that_is_away_is_an_error_of_its_call_and_of_the_operation(
    embedded_settings: Settings, store: str, url: str, query: str
) -> None:
    async with open_shop(without(embedded_settings, url)) as shop:
        found = await gained(shop, lambda: shop.send(query, "ann"))
        samples = await scraped(shop)

    assert {key: count for key, count in found.items() if key[0] == store} == {(store, "error"): 1}
    assert [key[2] for key in operations(samples)] == ["errors"]


async def test_relational_store_that_is_away_is_told_and_the_page_is_there_all_the_same(
    embedded_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "AT_START", (app._prepare_carts,))
    async with open_shop(without(embedded_settings, "sql_url")) as shop:
        found = await gained(shop, lambda: shop.send("{ shop { name } }"))
        lag = told(await scraped(shop), "mallgraph_events_lag_seconds", "consumer")

    assert found == {("relational", "error"): 1 + OF_A_SCRAPE}
    assert {name: str(age) for (name,), age in lag.items()} == {"search": "nan", "carts": "nan"}


async def test_refusal_within_a_transaction_is_no_error_of_the_store(
    embedded_settings: Settings,
) -> None:
    seen: list[BaseException | None] = []

    async with open_shop(embedded_settings) as shop:

        async def work(_session: object) -> None:
            raise ShopError

        calls.observers.append(lambda *call: seen.append(call[3]))
        try:
            with suppress(ShopError):
                await shop.mall.stores.database.transact(work)
        finally:
            calls.observers.pop()

    assert seen == [None]


async def test_queues_tell_who_is_inside_who_waits_and_who_was_turned_away(
    embedded_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admission, "PLACES", 1)
    monkeypatch.setattr(admission, "WAITING", 1)
    async with busy(embedded_settings, monkeypatch, MUTATION) as (shop, slow, running):
        waiting = asyncio.create_task(shop.http.post("/graphql", json=MUTATION))
        await asyncio.sleep(0.1)
        await shop.http.post("/graphql", json=MUTATION)
        full = await scraped(shop)
        slow.let_go.set()
        await asyncio.gather(running, waiting)
        empty = await scraped(shop)

    assert _queues(full) == ({("mutations",): 1}, {("mutations",): 1}, {("mutations",): 1})
    assert _queues(empty) == ({}, {}, {("mutations",): 1})


def _queues(samples: Samples) -> tuple[dict[tuple[str, ...], float], ...]:
    kinds = ("inside", "waiting", "turned_away_total")
    return tuple(told(samples, f"mallgraph_admission_{kind}", "queue") for kind in kinds)


async def test_caches_tell_what_they_spared(embedded_settings: Settings) -> None:
    document = "query Cached($no: Boolean!) { shop { name currencyCode @skip(if: $no) } }"
    async with open_shop(embedded_settings) as shop:
        before = await scraped(shop)
        for no in (True, True, True, False):
            await shop.ask(document, no=no)
        after = await scraped(shop)

    assert _grown(before, after, "hits") == {("documents",): 3, ("plans",): 2}
    assert _grown(before, after, "misses") == {("documents",): 1, ("plans",): 2}
    size = told(after, "mallgraph_cache_size", "cache")
    assert (size["documents",] >= 1, size["plans",] >= 2) == (True, True)


def _grown(before: Samples, after: Samples, what: str) -> dict[tuple[str, ...], float]:
    name = f"mallgraph_cache_{what}_total"
    counts = told(before, name, "cache")
    return {key: count - counts.get(key, 0) for key, count in told(after, name, "cache").items()}


async def test_pool_tells_connections_in_use_and_who_waits_for_one(settings: Settings) -> None:
    async with open_shop(settings) as shop:
        size = told(await scraped(shop), "mallgraph_pool_size", "pool")["writers",]
        let_go, begun = asyncio.Event(), asyncio.Semaphore(0)

        async def work(_session: object) -> None:
            begun.release()
            await let_go.wait()

        writes = [
            asyncio.create_task(shop.mall.stores.database.transact(work))
            for _ in range(int(size) + 1)
        ]
        await begun.acquire()
        await asyncio.sleep(0.2)
        samples = await scraped(shop)
        let_go.set()
        await asyncio.gather(*writes)

    in_use = told(samples, "mallgraph_pool_in_use", "pool")["writers",]
    waiting = told(samples, "mallgraph_pool_waiting", "pool").get(("writers",), 0)
    # Writers of SQLite wait for each other before they take a connection.
    assert (in_use, waiting) == ((1, 0) if size > 8 else (8, 1))


async def test_events_tell_how_far_behind_their_consumers_are(shop: Client) -> None:
    made_at = utc_now() - timedelta(seconds=90)
    event = Event(shop.mall.ids.next(), "odd", "Odd:1", 1, {}, made_at)
    fresh = told(await scraped(shop), "mallgraph_events_lag_seconds", "consumer")
    await shop.mall.stores.database.transact(lambda session: outbox.append(session, event))
    late = told(await scraped(shop), "mallgraph_events_lag_seconds", "consumer")

    assert all(lag < 60 for lag in fresh.values())
    assert {name: 90 <= lag < 100 for (name,), lag in late.items()} == {
        "search": True,
        "carts": True,
    }


async def _called(metrics: Metrics, count: int, outcome: Outcome = Outcome.OK) -> set[str]:
    """Answer so many operations of different names; return the names that are told."""

    async def answer(request: Request) -> Response:
        request.state.caller = caller = Caller(*[None] * 4)  # type: ignore[arg-type]  # Nobody asks.
        caller.operation_name, caller.operation_kind = request.scope["path"], "query"
        caller.outcome = outcome
        return Response()

    watched = metrics.watch(answer)
    for number in range(count):
        await watched(Request({"type": "http", "path": f"Name{number}", "state": {}}))
    families = text_string_to_metric_families(metrics.text().decode())
    return {
        one.labels["operation"]
        for family in families
        for one in family.samples
        if "operation" in one.labels
    }


async def test_ten_thousand_names_of_operations_do_not_grow_the_labels() -> None:
    found = await _called(Metrics(Names("")), 10_000)

    assert found == {f"Name{number}" for number in range(MOST)} | {"other"}


@pytest.mark.slow
async def test_twin_that_learns_every_name_has_ten_thousand(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(names, "MOST", 10_000)
    assert len(await _called(Metrics(Names("")), 10_000)) == 10_000


async def test_names_that_were_refused_or_are_not_listed_are_not_learnt() -> None:
    assert await _called(Metrics(Names("")), 10, Outcome.REFUSED) == {"other"}
    assert await _called(Metrics(Names("Name3, Name5")), 10) == {"Name3", "Name5", "other"}


async def _status(
    settings: Settings, headers: dict[str, str] | None = None, client: str = "127.0.0.1"
) -> int:
    made = app.create_app(settings)
    transport = httpx2.ASGITransport(app=made, client=(client, 1))
    async with (
        made.router.lifespan_context(made),
        httpx2.AsyncClient(transport=transport, base_url="http://shop") as http,
    ):
        return (await http.get("/metrics", headers=headers)).status_code


@pytest.mark.parametrize(
    ("change", "headers", "client", "status"),
    [
        ({}, {}, "127.0.0.1", 200),
        ({}, {}, "::1", 200),
        ({}, {}, "10.0.0.7", 404),
        ({}, {"x-forwarded-for": "10.0.0.7"}, "127.0.0.1", 404),
        ({"metrics": False}, {}, "127.0.0.1", 404),
        ({"profile": Profile.PRODUCTION}, {}, "127.0.0.1", 404),
        ({"metrics_token": SecretStr(TOKEN)}, {}, "127.0.0.1", 401),
        ({"metrics_token": SecretStr(TOKEN)}, {"authorization": "Bearer x"}, "127.0.0.1", 401),
        (
            {"metrics_token": SecretStr(TOKEN)},
            {"authorization": f"Bearer {TOKEN}"},
            "10.0.0.7",
            200,
        ),
    ],
)
async def test_metrics_are_told_to_the_token_or_to_this_machine(
    embedded_settings: Settings,
    change: dict[str, Any],
    headers: dict[str, str],
    client: str,
    status: int,
) -> None:
    chosen = embedded_settings.model_copy(update=change)
    assert await _status(chosen, headers, client) == status


async def test_twin_that_trusts_proxies_tells_everybody(
    embedded_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "_OF_PROXIES", ())
    assert await _status(embedded_settings, {"x-forwarded-for": "10.0.0.7"}) == 200


def test_production_tells_metrics_to_nobody_without_a_token() -> None:
    with pytest.raises(ValidationError, match="is needed in production where MALLGRAPH_METRICS"):
        Settings(_env_file=None, profile="production", metrics=True, jwks_url="https://x.example")


async def test_shop_that_tells_no_metrics_watches_nothing(embedded_settings: Settings) -> None:
    chosen = embedded_settings.model_copy(update={"metrics": False})
    async with open_shop(chosen) as shop:
        assert calls.observers == []
        assert type(calls.asking("search", "find", 1)) is type(deadline("search", 1))
        await shop.ask(SHELF)

    async with open_shop(embedded_settings):
        assert len(calls.observers) == 1
    assert calls.observers == []


def test_shared_folder_that_is_missing_is_one_sentence(
    embedded_settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path / "none"))
    with pytest.raises(WrongSettings, match=r"/none is no folder; make an empty one at each start"):
        app.create_app(embedded_settings)

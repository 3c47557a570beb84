"""More at once than the shop can do: some wait, some are sent away, and nothing is lost by it."""

import asyncio
import json
from collections.abc import AsyncGenerator

import httpx2
import pytest
from starlette.requests import Request

from graph import admission, view
from graph.admission import Door
from graph.asked import read_body
from stores.settings import Settings
from tests.crowd import MUTATION, OPEN, QUERY, SHORT_DEADLINE, busy, codes
from tests.shopping import open_shop

JSON = {"content-type": "application/json"}


async def test_mutation_without_a_place_is_told_when_to_come_again_and_queries_go_on(
    embedded_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admission, "PLACES", 1)
    monkeypatch.setattr(view, "DEADLINE_SECONDS", SHORT_DEADLINE)
    async with busy(embedded_settings, monkeypatch, MUTATION) as (shop, slow, running):
        refused = await shop.http.post("/graphql", json=MUTATION)
        query = await shop.http.post("/graphql", json=QUERY)
        slow.let_go.set()
        first, next_one = await running, await shop.http.post("/graphql", json=MUTATION)

    assert (refused.status_code, refused.json()["data"]) == (200, None)
    assert refused.json()["errors"][0]["extensions"] == {"code": "OVERLOADED", "retryAfterMs": 1000}
    assert query.json()["data"] == OPEN
    assert "OVERLOADED" not in codes(first) + codes(next_one)


async def test_twin_with_places_for_everybody_lets_all_work_at_once(
    embedded_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admission, "PLACES", 1_000)
    monkeypatch.setattr(view, "DEADLINE_SECONDS", SHORT_DEADLINE)
    async with busy(embedded_settings, monkeypatch, MUTATION) as (shop, slow, running):
        second = await shop.http.post("/graphql", json=MUTATION)
        slow.let_go.set()
        await running

    assert "OVERLOADED" not in codes(second)


async def test_place_of_a_mutation_that_took_too_long_is_free_again(
    embedded_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admission, "PLACES", 1)
    monkeypatch.setattr(view, "DEADLINE_SECONDS", 0.3)
    async with busy(embedded_settings, monkeypatch, MUTATION) as (shop, _, running):
        assert codes(await running) == ["DEADLINE_EXCEEDED"]
        monkeypatch.setattr(view, "DEADLINE_SECONDS", 4)
        assert "OVERLOADED" not in codes(await shop.http.post("/graphql", json=MUTATION))


async def _statuses(embedded_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return what ten queries are told while another one is inside and every turn is long."""
    monkeypatch.setattr(admission, "SLOW_TURN", 0.0)
    monkeypatch.setattr(admission, "FEW", 1)
    async with busy(embedded_settings, monkeypatch, QUERY) as (shop, slow, running):
        told = [await shop.http.post("/graphql", json=QUERY) for _ in range(10)]
        monkeypatch.setattr(admission, "SLOW_TURN", 60.0)
        slow.let_go.set()
        told += [await running, await shop.http.post("/graphql", json=QUERY)]
    return [one.status_code for one in told]


async def test_worker_whose_turns_are_long_lets_in_fewer_and_fewer(
    embedded_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = await _statuses(embedded_settings, monkeypatch)

    # Half as many after each turn, down to the one who is inside; whoever is, is answered.
    assert told == [*sorted(told[:10]), 200, 200]
    assert (told[0], told[9]) == (200, 503)


async def test_twin_that_times_no_turn_lets_all_in(
    embedded_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admission.Pace, "time", lambda _: None)

    assert await _statuses(embedded_settings, monkeypatch) == [200] * 12


async def test_full_shop_sends_away_unread_and_is_healthy(
    embedded_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admission, "INSIDE", 1)
    async with busy(embedded_settings, monkeypatch, QUERY) as (shop, slow, running):
        refused = await shop.http.post("/graphql", json=QUERY)
        health = await shop.http.get("/healthz")
        slow.let_go.set()
        first = await running
        next_one = await shop.http.post("/graphql", json=QUERY)

    assert (refused.status_code, codes(refused)) == (503, ["OVERLOADED"])
    assert refused.headers["retry-after"] == "1"
    told = refused.json()["errors"][0]["extensions"]
    assert told == {"code": "OVERLOADED", "retryAfterMs": 1000}
    assert health.status_code == 200
    assert first.json()["data"] == next_one.json()["data"] == OPEN


async def _begun_late(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Send a mutation that never gets its place; return what it is told."""
    monkeypatch.setattr(admission, "PLACES", 1)
    async with busy(settings, monkeypatch, MUTATION) as (shop, _, running):
        monkeypatch.setattr(view, "DEADLINE_SECONDS", SHORT_DEADLINE)
        told = codes(await shop.http.post("/graphql", json=MUTATION))
        running.cancel()
    return told


async def test_mutation_is_begun_while_a_store_can_still_answer_it(
    embedded_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await _begun_late(embedded_settings, monkeypatch) == ["OVERLOADED"]


@pytest.mark.slow
async def test_twin_that_waits_to_the_deadline_does_not_know_what_became_of_it(
    embedded_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(view, "_begin_by", lambda _request, ends_at: ends_at)
    assert await _begun_late(embedded_settings, monkeypatch) == ["DEADLINE_EXCEEDED"]


async def _beside_waiting_mutations(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> httpx2.Response:
    """Ask a query while one mutation runs and two more wait; there is room for one query."""
    monkeypatch.setattr(admission, "INSIDE", 1)
    monkeypatch.setattr(admission, "PLACES", 1)
    async with busy(settings, monkeypatch, MUTATION) as (shop, slow, running):
        waiting = [asyncio.create_task(shop.http.post("/graphql", json=MUTATION)) for _ in "ab"]
        await asyncio.sleep(0.1)
        answer = await shop.http.post("/graphql", json=QUERY)
        slow.let_go.set()
        await asyncio.gather(running, *waiting)
    return answer


async def test_mutations_that_wait_push_no_query_away(
    embedded_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await _beside_waiting_mutations(embedded_settings, monkeypatch)).json()["data"] == OPEN


async def test_twin_that_counts_waiting_mutations_as_queries_has_no_room_for_one(
    embedded_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = admission.Visit.__init__

    def stays(visit: admission.Visit, door: Door, _leave: object, begin_by: float) -> None:
        real(visit, door, lambda: None, begin_by)

    monkeypatch.setattr(admission.Visit, "__init__", stays)
    answer = await _beside_waiting_mutations(embedded_settings, monkeypatch)
    assert (answer.status_code, codes(answer)) == (503, ["OVERLOADED"])


async def test_of_waiting_mutations_there_is_an_end_too(
    embedded_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admission, "PLACES", 1)
    monkeypatch.setattr(admission, "WAITING", 1)
    async with busy(embedded_settings, monkeypatch, MUTATION) as (shop, slow, running):
        waiting = asyncio.create_task(shop.http.post("/graphql", json=MUTATION))
        await asyncio.sleep(0.1)
        refused = await asyncio.wait_for(shop.http.post("/graphql", json=MUTATION), 1)
        slow.let_go.set()
        first, second = await asyncio.gather(running, waiting)

    assert codes(refused) == ["OVERLOADED"]
    assert "OVERLOADED" not in codes(first) + codes(second)


async def _beside_a_slow_sender(settings: Settings) -> httpx2.Response:
    """Ask a query while another client is in the middle of its body; there is room for one."""
    begun, let_go = asyncio.Event(), asyncio.Event()
    body = json.dumps(QUERY).encode()

    async def slowly() -> AsyncGenerator[bytes]:
        yield body[:5]
        begun.set()
        await let_go.wait()
        yield body[5:]

    async with open_shop(settings) as shop:
        sent = shop.http.post("/graphql", content=slowly(), headers=JSON)
        sending = asyncio.create_task(sent)
        await begun.wait()
        answer = await shop.http.post("/graphql", json=QUERY)
        let_go.set()
        assert (await sending).json()["data"] == OPEN
    return answer


async def test_slow_sender_takes_no_room_while_it_sends(
    embedded_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admission, "INSIDE", 1)
    assert (await _beside_a_slow_sender(embedded_settings)).json()["data"] == OPEN


async def test_twin_that_counts_senders_is_filled_by_slow_ones(
    embedded_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admission, "INSIDE", 1)
    senders = Door()

    async def counted(request: Request) -> bytes:
        with senders.visit(0):
            return await read_body(request)

    monkeypatch.setattr(view, "read_body", counted)
    answer = await _beside_a_slow_sender(embedded_settings)
    assert (answer.status_code, codes(answer)) == (503, ["OVERLOADED"])

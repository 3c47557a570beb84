"""More at once than the shop can do: some wait, some are sent away, and nothing is lost by it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest

from graph import admission, view
from graph.operation import Caller
from resolvers.context import Context
from stores.settings import Settings
from tests.buying import PLACE
from tests.shopping import Client, open_shop

#: A mutation that is refused as soon as it runs: the token names nobody.
MUTATION = {
    "query": PLACE,
    "variables": {
        "key": "k",
        "input": {
            "orderNumber": "1",
            "deliveryOptionId": "1",
            "shippingAddress": {},
            "expectedTotal": {"amount": "1", "currencyCode": "EUR"},
        },
    },
}
QUERY = {"query": "{ shop { name } }"}


class Slow:
    """Holds up the first operation until it is let go."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun, self.let_go = asyncio.Event(), asyncio.Event()
        told = Caller.context

        async def context(caller: Caller) -> Context:
            if not self.begun.is_set():
                self.begun.set()
                await self.let_go.wait()
            return await told(caller)

        monkeypatch.setattr(Caller, "context", context)


@asynccontextmanager
async def busy(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, first: dict[str, Any]
) -> AsyncGenerator[tuple[Client, Slow, asyncio.Task[httpx2.Response]]]:
    """Yield a shop that works on one request, and that request."""
    slow = Slow(monkeypatch)
    async with open_shop(settings) as shop:
        running = asyncio.create_task(shop.http.post("/graphql", json=first))
        await slow.begun.wait()
        yield shop, slow, running


def codes(answer: httpx2.Response) -> list[str]:
    return [error["extensions"]["code"] for error in answer.json().get("errors", [])]


async def test_mutation_without_a_place_is_told_when_to_come_again_and_queries_go_on(
    embedded_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admission, "PLACES", 1)
    monkeypatch.setattr(admission, "WAIT_SECONDS", 0.1)
    async with busy(embedded_settings, monkeypatch, MUTATION) as (shop, slow, running):
        refused = await shop.http.post("/graphql", json=MUTATION)
        query = await shop.http.post("/graphql", json=QUERY)
        slow.let_go.set()
        first, next_one = await running, await shop.http.post("/graphql", json=MUTATION)

    assert (refused.status_code, refused.json()["data"]) == (200, None)
    assert refused.json()["errors"][0]["extensions"] == {"code": "OVERLOADED", "retryAfterMs": 1000}
    assert query.json()["data"] == {"shop": {"name": "Test shop"}}
    assert "OVERLOADED" not in codes(first) + codes(next_one)


async def test_twin_with_places_for_everybody_lets_all_work_at_once(
    embedded_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admission, "PLACES", 1_000)
    monkeypatch.setattr(admission, "WAIT_SECONDS", 0.1)
    async with busy(embedded_settings, monkeypatch, MUTATION) as (shop, slow, running):
        second = await shop.http.post("/graphql", json=MUTATION)
        slow.let_go.set()
        await running

    assert "OVERLOADED" not in codes(second)


async def test_place_of_a_mutation_that_took_too_long_is_free_again(
    embedded_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admission, "PLACES", 1)
    monkeypatch.setattr(admission, "WAIT_SECONDS", 0.1)
    monkeypatch.setattr(view, "DEADLINE_SECONDS", 0.3)
    async with busy(embedded_settings, monkeypatch, MUTATION) as (shop, _, running):
        assert codes(await running) == ["DEADLINE_EXCEEDED"]
        monkeypatch.setattr(view, "DEADLINE_SECONDS", 4)
        assert "OVERLOADED" not in codes(await shop.http.post("/graphql", json=MUTATION))


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
    assert first.json() == next_one.json() == {"data": {"shop": {"name": "Test shop"}}}

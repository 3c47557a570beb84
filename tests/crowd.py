"""A shop that is busy with one request while others come."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest

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
OPEN = {"shop": {"name": "Test shop"}}
#: A mutation waits a tenth of a second for its place; the rest is for one call of a store.
SHORT_DEADLINE = 2.1


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
    """Return the codes of the errors of an answer."""
    return [error["extensions"]["code"] for error in answer.json().get("errors", [])]

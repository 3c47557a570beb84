"""Money is taken once, though answers and news are lost, late and doubled, and the shop dies."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx2
import pytest

from mallgraph.sandbox.news import Manners
from stores.orders import orders
from stores.settings import Settings
from tests import ledger_books
from tests.eventually import eventually
from tests.faults.client import NotAnswered
from tests.faults.ground import FAIR, IS_LONG, Ground, Shopper, ground
from tests.paying import Provider, sandbox, with_cards

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600 if IS_LONG else 120)]

ORDERS, KILLS = (200, 5) if IS_LONG else (12, 1)
CLIENTS = 16
STOCK = {"red": 10 * ORDERS, "blue": 1}
RESUME_SECONDS = 1.0

START = """mutation ($key: ID!, $version: Int!, $input: StartPaymentInput!) {
  startPayment(idempotencyKey: $key, version: $version, input: $input) {
    payment { id status nextAction { value } } order { status } isReplay
    userErrors { code message } } }"""


@asynccontextmanager
async def till(
    place: Settings, folder: Path, manners: Manners, **more: Any
) -> AsyncGenerator[tuple[Ground, Provider]]:
    """Yield a shop that takes cards, and the sandbox that tells it the news."""
    async with sandbox(manners=manners) as provider:
        chosen = with_cards(place, provider.url, payment_resume_seconds=RESUME_SECONDS)
        async with ground(chosen, folder, STOCK, **more) as its:
            provider.app.state.teller.url = f"http://127.0.0.1:{its.server.port}/webhooks/cards"
            yield its, provider
            provider.app.state.teller.url = None


async def ordered(shopper: Shopper) -> dict[str, Any]:
    """Go all the way to an order."""
    await shopper.fill({"red": 1})
    await shopper.begin()
    order: dict[str, Any] = (await shopper.place())["order"]
    return order


def wanted(order: dict[str, Any]) -> dict[str, Any]:
    """Return the variables of startPayment."""
    return {"version": order["version"], "input": {"orderId": order["id"], "methodCode": "CARD"}}


async def statuses(its: Ground) -> Counter[str]:
    """Return how many orders are in which status."""
    rows = await ledger_books.rows(its.database, orders)
    return Counter(f"{row['status']} {row['paid_minor'] - row['total_minor']}" for row in rows)


async def pay(provider: Provider) -> None:
    """Let everybody whose payment has reached the provider pay on its page."""
    async with httpx2.AsyncClient(trust_env=False) as page:
        for record in list(provider.app.state.book.records.values()):
            if record.status == "pending":
                await page.post(f"{provider.url}/pay/{record.id}", data={"choice": "pay"})


async def test_each_order_is_paid_once_though_everything_is_lost_late_or_doubled(
    place: Settings, tmp_path: Path
) -> None:
    manners = Manners(copies=2, late_seconds=0.5, lost=0.2)
    async with till(place, tmp_path, manners) as (its, provider):
        paid, places = [0], asyncio.Semaphore(CLIENTS)

        async def come(shopper: Shopper) -> None:
            async with places:
                order = await ordered(shopper)
                key = shopper.key("pay")
                await its.client.mutate(START, shopper.name, key, **wanted(order))
                paid[0] += 1

        async def see() -> Counter[str]:
            await pay(provider)
            return await statuses(its)

        shoppers = [its.shopper(f"payer-{number}") for number in range(ORDERS)]
        killing = its.killed(KILLS, ORDERS, lambda: paid[0])
        await asyncio.gather(*map(come, shoppers), killing)
        await eventually(see, Counter({"PAID 0": ORDERS}), seconds=60 if IS_LONG else 30)
        its.report("payments once")

        taken = [record.captured for record in provider.app.state.book.records.values()]
        assert len(taken) == ORDERS
        assert await ledger_books.faults(its.database) == []
        assert await its.faults() == []


@pytest.mark.parametrize("place", ["embedded"], indirect=True)
async def test_payment_that_was_cut_off_at_any_point_is_ended_by_asking(
    place: Settings, tmp_path: Path
) -> None:
    more: dict[str, Any] = {"weather": FAIR, "twin": "die_while_paying"}
    async with till(place, tmp_path, Manners(copies=0), **more) as (its, provider):
        reviving = asyncio.create_task(its.server.revived())
        for number in range(3):
            shopper = its.shopper(f"payer-{number}")
            order = await ordered(shopper)
            # Sent once: nobody but the shop itself goes on with it.
            with suppress(NotAnswered):
                key = shopper.key("pay")
                await its.client.mutate_once(START, shopper.name, key, **wanted(order))

        async def see() -> Counter[str]:
            await pay(provider)
            return await statuses(its)

        await eventually(see, Counter({"PAID 0": 3}), seconds=30)
        reviving.cancel()
        points = {path.name for path in (place.data_dir / "died-at").iterdir()}

        assert points == {"before the call", "behind the call", "behind the outcome"}
        assert its.server.kills == 3
        assert len(provider.app.state.book.records) == 3
        assert await ledger_books.faults(its.database) == []
        assert await its.faults() == []

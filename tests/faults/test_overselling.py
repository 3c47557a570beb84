"""Nothing is sold twice: orders, cancellations and expiry at once, and a shop that is killed."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from stores.ids import utc_now
from stores.orders import orders
from stores.settings import Settings
from stores.sql import WriteSession
from tests.eventually import eventually
from tests.faults.agreement import LIVE, oversold
from tests.faults.client import AGAIN
from tests.faults.ground import FAIR, IS_LONG, Ground, Shopper, ground

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900 if IS_LONG else 120)]

ATTEMPTS, UNITS, CLIENTS, KILLS = (2_000, 200, 64, 3) if IS_LONG else (100, 10, 16, 2)
HOT = "hot"
#: What baskets hold besides, plenty of each, and taken in another order by every shopper.
OTHERS = ("red", "blue", "green", "black")
STOCK = {HOT: UNITS} | dict.fromkeys(OTHERS, 10 * ATTEMPTS)
#: What an answer may say; anything else is a bug.
EXPECTED = {"INSUFFICIENT_STOCK", "CART_EMPTY", "TRANSITION_FORBIDDEN", "VERSION_CONFLICT"}
CUT_OFF = {"ReadError", "RemoteProtocolError", "ConnectError", "WriteError", "ReadTimeout"}


class Rush:
    """Everybody wants the same thing; some change their minds, some never pay."""

    def __init__(self, its: Ground, attempts: int = ATTEMPTS, *, keeps_all: bool = False) -> None:
        """Nobody is there yet; who `keeps_all` neither cancels nor forgets to pay."""
        self.its, self.attempts, self._keeps_all = its, attempts, keeps_all
        self.done = 0
        self.ends: Counter[str] = Counter()
        self._places = asyncio.Semaphore(CLIENTS)

    async def run(self) -> None:
        """Let all come who want it, each with the cart filled before the stock is gone."""
        shoppers = [self.its.shopper(f"buyer-{number}") for number in range(self.attempts)]
        await asyncio.gather(*(self._come(shopper) for shopper in shoppers))

    async def _come(self, shopper: Shopper) -> None:
        async with self._places:
            self.ends[await self._try(shopper)] += 1
            self.done += 1

    async def _try(self, shopper: Shopper) -> str:
        basket = {HOT: 1} | (dict.fromkeys(self._shuffled(), 1) if self._chance(0.3) else {})
        if (await shopper.fill(basket))["userErrors"]:
            return "sold out at the shelf"
        await shopper.begin()
        payload = await shopper.place()
        if payload["userErrors"]:
            return "sold out at the till"
        return await self._afterwards(shopper, payload["order"])

    async def _afterwards(self, shopper: Shopper, order: dict[str, Any]) -> str:
        if self._keeps_all:
            return "kept"
        if self._chance(0.35):
            refused = (await shopper.cancel(order))["userErrors"]
            return "cancelled too late" if refused else "cancelled"
        if self._chance(0.5):
            await overdue(self.its, shopper.number)
            return "never paid"
        return "kept"

    def _shuffled(self) -> list[str]:
        return self.its.dice.sample(OTHERS, len(OTHERS))

    def _chance(self, share: float) -> bool:
        return self.its.dice.random() < share


async def overdue(its: Ground, number: str) -> None:
    """Let the time to pay for an order be over."""

    async def work(session: WriteSession) -> None:
        mine = orders.c.number == number, orders.c.status == LIVE[0]
        past = utc_now() - timedelta(seconds=1)
        await session.update(update(orders).where(*mine).values(expires_at=past))

    await its.database.transact(work)


@asynccontextmanager
async def watched(its: Ground) -> AsyncGenerator[list[str]]:
    """Look at the stock all the time; what is wrong with it is in the list."""
    seen: list[str] = []

    async def watch() -> None:
        while True:
            seen.extend(await oversold(its.database))
            await asyncio.sleep(0.02)

    watching = asyncio.create_task(watch())
    try:
        yield seen
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching


async def unpaid(its: Ground) -> int:
    """Return how many orders are overdue and not ended yet."""
    rows = (await its.books()).orders.values()
    return sum(row["status"] == LIVE[0] and row["expires_at"] < utc_now() for row in rows)


async def test_no_unit_is_sold_twice_though_orders_end_and_the_shop_is_killed(
    place: Settings, tmp_path: Path
) -> None:
    async with ground(place, tmp_path, STOCK) as its, watched(its) as wrong:
        rush = Rush(its)
        await asyncio.gather(rush.run(), its.killed(KILLS, ATTEMPTS, lambda: rush.done))
        await eventually(lambda: unpaid(its), 0, seconds=20)
        its.report(f"no overselling, {dict(rush.ends)}")

        books = await its.books()
        assert wrong == []
        assert await its.faults() == []
        assert its.client.seen.keys() <= EXPECTED | AGAIN | CUT_OFF
        # The last unit was fought for: enough came who did not get one.
        assert rush.ends["sold out at the till"] + rush.ends["sold out at the shelf"] > 0
        assert books.sold().total() > 0
        assert {row["number"] for row in books.held()} == books.live()


@pytest.mark.parametrize("place", ["embedded"], indirect=True)
async def test_twin_that_looks_first_and_writes_afterwards_sells_too_much(
    place: Settings, tmp_path: Path
) -> None:
    twin = "read_then_write"
    async with (
        ground(place, tmp_path, STOCK, weather=FAIR, twin=twin) as its,
        watched(its) as wrong,
    ):
        rush = Rush(its, attempts=5 * CLIENTS, keeps_all=True)
        await rush.run()
        its.report(f"twin of no overselling, {dict(rush.ends)}")

        assert wrong != []
        assert await its.faults() != []

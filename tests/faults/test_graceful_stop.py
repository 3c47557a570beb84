"""A shop that is told to stop answers what it has begun, takes nothing new, and loses nothing."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import update

from stores.inventory import inventory_levels
from stores.settings import Settings
from stores.sql import WriteSession
from tests.buying import PLACE
from tests.faults.client import NotAnswered
from tests.faults.ground import FAIR, IS_LONG, Ground, Shopper, ground

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300 if IS_LONG else 120)]

SHOPPERS = 100 if IS_LONG else 30
STOCK = {"red": 10_000, "blue": 10_000}
#: How long the stores keep the shop waiting, so that it is told to stop in the middle of work.
HELD_SECONDS = 1.2
#: Requests sent so long before are inside.
BEGUN_SECONDS = 0.8
STOP_SECONDS = 10.0


@dataclass
class Seen:
    """What shoppers saw of a shop that was told to stop."""

    acknowledged: set[str] = field(default_factory=set)
    #: Of requests that were inside when it was told to.
    unanswered: int = 0
    status: int | None = None
    seconds: float = 0.0
    is_refused: bool = False


async def stopped(its: Ground) -> Seen:
    """Tell the shop to stop while all shoppers wait for their orders."""
    seen = Seen()
    shoppers = [its.shopper(f"buyer-{number}") for number in range(SHOPPERS)]
    await asyncio.gather(*(prepared(shopper) for shopper in shoppers))
    # Half of them have ordered before.
    early, late = shoppers[: SHOPPERS // 2], shoppers[SHOPPERS // 2 :]
    await asyncio.gather(*(ordered(shopper, seen) for shopper in early))
    async with busy_stores(its):
        waiting = [asyncio.create_task(ordered(shopper, seen)) for shopper in late]
        await asyncio.sleep(BEGUN_SECONDS)
        began = time.monotonic()
        its.server.tell_to_stop()
    ending = asyncio.create_task(its.server.ended())
    await asyncio.sleep(0.3)
    seen.is_refused = await is_refused(its)
    seen.status = await ending
    seen.seconds = time.monotonic() - began
    await asyncio.gather(*waiting)
    return seen


async def prepared(shopper: Shopper) -> None:
    await shopper.fill({"red": 1, "blue": 1})
    await shopper.begin()


async def ordered(shopper: Shopper, seen: Seen) -> None:
    """Place an order, without a second try."""
    wanted = shopper.wanted()
    try:
        payload = await shopper.client.mutate_once(
            PLACE, shopper.name, shopper.key("place"), input=wanted
        )
    except NotAnswered as error:
        # That a store was too slow is an answer, too.
        seen.unanswered += not error.args
    else:
        seen.acknowledged.add(payload["order"]["number"])


@asynccontextmanager
async def busy_stores(its: Ground) -> AsyncGenerator[None]:
    """Keep the rows that every order needs, or the whole file, for a while."""
    has_it = asyncio.Event()

    async def work(session: WriteSession) -> None:
        levels = inventory_levels
        await session.update(update(levels).values(version=levels.c.version))
        has_it.set()
        await asyncio.sleep(HELD_SECONDS)

    holding = asyncio.create_task(its.database.transact(work))
    await has_it.wait()
    yield
    await holding


async def is_refused(its: Ground) -> bool:
    """Return whether nobody gets in any more."""
    try:
        async with httpx2.AsyncClient(trust_env=False, timeout=2) as http:
            answer = await http.get(f"http://127.0.0.1:{its.server.port}/healthz")
    except httpx2.TransportError:
        return True
    return answer.status_code == 503


async def test_shop_that_is_told_to_stop_answers_what_it_has_begun(
    place: Settings, tmp_path: Path
) -> None:
    async with ground(place, tmp_path, STOCK, weather=FAIR) as its:
        seen = await stopped(its)
        its.report(f"graceful stop in {seen.seconds:.1f} s, {len(seen.acknowledged)} orders")

        books = await its.books()
        assert await its.faults() == []
        assert (seen.unanswered, seen.status, seen.is_refused) == (0, 0, True)
        assert seen.seconds < STOP_SECONDS
        assert len(seen.acknowledged) > SHOPPERS // 2
        assert seen.acknowledged <= books.orders.keys()


@pytest.mark.parametrize("place", ["embedded"], indirect=True)
async def test_twin_that_stops_at_once_leaves_requests_without_an_answer(
    place: Settings, tmp_path: Path
) -> None:
    async with ground(place, tmp_path, STOCK, weather=FAIR, twin="stop_at_once") as its:
        seen = await stopped(its)
        its.report("twin of graceful stop")

        assert seen.unanswered > 0

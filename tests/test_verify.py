"""Verify: a shop that is right is found right, also while it is busy."""

import asyncio
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from jobs import expiry
from jobs import verify as verifying
from jobs.verify import UnknownCheck, named, verify
from jobs.verify_check import Check, Differences, compared
from jobs.verify_run import Manner
from resolvers.context import Mall
from stores import outbox
from stores.errors import StoreUnavailable
from stores.inventory import inventory_levels
from stores.orders import orders
from stores.sql import Database, ReadSession
from tests.buying import Buyer
from tests.paying import Payer
from tests.promoting import Promoter, money, set_codes
from tests.shopping import Client
from tests.stock_room import open_room
from tests.test_accounts import paid_in

#: So many go to the counter at once: requests of more would not be answered in time by a machine
#: that runs other tests beside.
ROUNDS, BUYERS, AT_ONCE = 2, 20, 6
NOW = datetime(2026, 1, 2, tzinfo=UTC)
ONE_LOOK = Manner(looks=1, relay_seconds=0)


@pytest.mark.slow
async def test_shop_that_bought_cancelled_expired_and_adjusted_is_clean(shop: Client) -> None:
    ann, room = Buyer(shop), await open_room(shop)
    await Promoter(shop).unlocked("SAVE", {"amountOff": money("1")})
    await set_codes(ann, "SAVE")
    order = await ann.buy({"L2-S": 1, "L3-S": 2})
    await paid_in(shop, "20.00")
    assert (await Payer(shop).start(order, "BALANCE"))["userErrors"] == []
    await ann.cancel(await ann.buy({"L5-S": 2}))
    await _expire(shop, (await ann.buy({"L6-S": 2}))["number"])
    await room.done("more", room.change(5), room.change(3, where=room.yard))
    await room.done("less", room.change(-2))
    report = await verify(shop.mall)

    assert report.differences == []
    assert (report.is_clean, report.is_whole) == (True, True)
    # Of those two nothing is left where the accounts lie with the shop.
    empty = [tally.check for tally in report.tallies if tally.looked_at == 0]
    assert empty == ["transfers", "branches"]


async def _expire(shop: Client, number: str) -> None:
    past = shop.mall.clock() - timedelta(seconds=1)
    overdue = update(orders).where(orders.c.number == number).values(expires_at=past)
    await shop.mall.stores.database.transact(lambda session: session.update(overdue))
    await expiry.expire(shop.mall)


@pytest.mark.slow
async def test_shop_is_clean_while_twenty_buyers_buy(shop: Client) -> None:
    room = await open_room(shop)
    await Promoter(shop).made({"amountOff": money("0.10")})
    await room.done("many", room.change(ROUNDS * BUYERS))
    places = asyncio.Semaphore(AT_ONCE)
    names = [f"buyer-{n}" for n in range(BUYERS)]
    buying = asyncio.gather(*(_buy_and_cancel(shop, name, places) for name in names))
    looks, stock = 0, ["stock", "reservations", "orders", "order-lines", "checkouts", "keys"]
    while not buying.done():
        # Sums of one moment agree at the first look; only copies are given time.
        assert (await verify(shop.mall, stock, manner=ONE_LOOK)).differences == []
        assert (await verify(shop.mall)).differences == []
        looks += 1
    await buying

    assert looks > 0
    assert (await verify(shop.mall)).is_clean


async def _buy_and_cancel(shop: Client, name: str, places: asyncio.Semaphore) -> None:
    buyer = Buyer(shop, name)
    for _ in range(ROUNDS):
        async with places:
            await buyer.fill({"L1-S": 1})
            await buyer.begin()
            order = (await buyer.place())["order"]
            if order:
                await buyer.cancel(order)


@pytest.mark.parametrize(("looks", "differing"), [(3, 0), (1, 1)])
async def test_only_what_stays_counts(
    shop: Client, monkeypatch: pytest.MonkeyPatch, looks: int, differing: int
) -> None:
    """With one look less than it takes to settle, what only moves would be called wrong."""
    seen: list[int] = []

    async def compare(_mall: Mall, keys: Sequence[str]) -> Differences[str]:
        seen.append(len(seen))
        # Wrong on the page, wrong when looked at again, and right from then on.
        return {"a": compared("moving", "a", [("number", 1, 2)])} if len(seen) < 3 else {}

    monkeypatch.setattr(verifying, "CHECKS", (Check("moving", "", _one_page, compare),))
    manner = Manner(looks=looks, pause_seconds=0.01)
    (tally,) = (await verify(shop.mall, manner=manner)).tallies

    assert (tally.looked_at, tally.differing) == (1, differing)


@pytest.mark.parametrize(("consumer", "differing"), [("search", 0), (None, 1)])
async def test_copy_that_moves_is_not_wrong(
    shop: Client, monkeypatch: pytest.MonkeyPatch, consumer: str | None, differing: int
) -> None:
    """Taken for no copy, one that follows a step behind would never be right."""
    versions = iter(range(100))

    async def compare(_mall: Mall, keys: Sequence[str]) -> Differences[str]:
        behind = next(versions)
        return {"a": compared("behind", "a", [("version", behind + 1, behind)])}

    check = Check("behind", "", _one_page, compare, consumer=consumer)
    monkeypatch.setattr(verifying, "CHECKS", (check,))
    (tally,) = (await verify(shop.mall, manner=Manner(pause_seconds=0.01))).tallies

    assert tally.differing == differing


async def _one_page(_mall: Mall, last: str | None) -> list[str]:
    return ["a"] if last is None else []


async def test_store_that_is_away_ends_its_own_checks_only(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_told: object) -> dict[int, int]:
        raise StoreUnavailable("search")

    monkeypatch.setattr(shop.mall.stores.search, "versions", away)
    report = await verify(shop.mall, manner=Manner(patience_seconds=0.5))
    told = {tally.check: tally.stopped for tally in report.tallies if tally.stopped}

    assert told == {"search": "The search store does not answer; try again in a moment."}
    assert (report.differences, report.is_whole, report.is_clean) == ([], False, False)


@pytest.mark.parametrize("asked", ["compare", "wait"])
async def test_store_that_comes_back_ends_no_check(
    shop: Client, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    times = iter(range(100))
    real = outbox.oldest_waiting

    async def away_once(*told: Any) -> Any:
        if next(times) == 0:
            raise StoreUnavailable("relational")
        return await real(*told)

    async def compare(_mall: Mall, _keys: Sequence[str]) -> Differences[str]:
        if asked == "compare" and next(times) == 0:
            raise StoreUnavailable("search")
        return {"a": compared("odd", "a", [("version", 1, 0)])}

    if asked == "wait":
        monkeypatch.setattr(outbox, "oldest_waiting", away_once)
    check = Check("odd", "", _one_page, compare, consumer="search")
    monkeypatch.setattr(verifying, "CHECKS", (check,))
    (tally,) = (await verify(shop.mall, manner=Manner(pause_seconds=0.01))).tallies

    assert (tally.stopped, tally.differing) == (None, 1)
    assert next(times) > 1


def test_unknown_check_is_told_the_right_one() -> None:
    with pytest.raises(UnknownCheck) as told:
        named(["stok"])

    assert str(told.value).startswith("stok is no check; is stock meant? There are: stock, ")


@pytest.mark.parametrize("is_moment", [True, False])
async def test_moment_sees_nothing_that_is_written_after_its_first_look(
    database: Database,
    is_moment: bool,  # noqa: FBT001  With and without the guard.
) -> None:
    """Statements of a reader see what was written between them, on every engine."""
    columns = inventory_levels.c
    row = {"id": 1, "version": 1, "updated_at": NOW, "variant_id": 1, "warehouse_id": 1}
    level = row | {"on_hand": 5, "reserved": 0, "log_id": 1}
    await database.transact(lambda session: session.insert(inventory_levels, level))
    reserve = update(inventory_levels).values(reserved=1)
    opened: AbstractAsyncContextManager[ReadSession]
    opened = database.moment() if is_moment else database.read(fresh=True)
    async with opened as session:
        first = await session.rows(int, select(columns.reserved))
        await database.transact(lambda writing: writing.update(reserve))
        second = await session.rows(int, select(columns.reserved))

    assert first == [0]
    assert second == ([0] if is_moment else [1])

"""Verify: whatever is damaged behind the counter is found, and mended where it is a copy."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from jobs import relay
from jobs.verify import CHECKS, verify
from jobs.verify_check import Difference
from jobs.verify_run import Manner
from resolvers.context import Mall
from stores import stock_sums
from stores.audit import audit_entries
from stores.ids import utc_now
from stores.inventory import inventory_levels
from stores.outbox import outbox_consumers
from stores.sql import WriteSession
from tests.buying import stock
from tests.damage_list import COPIES, DAMAGES
from tests.damages import Scene, level, open_scene, put_back
from tests.shopping import Client

#: Each test damages a shop of its own.
pytestmark = pytest.mark.slow

#: Checks that share a shop, as it takes a while to open one.
MONEY = (
    "ledger",
    "ledger-entries",
    "ledger-transactions",
    "payments",
    "orders-paid",
    "fulfillments",
)
FAMILIES = [MONEY, *((check,) for check in DAMAGES if check not in MONEY)]
QUICK = Manner(looks=2, pause_seconds=0.01, relay_seconds=2, samples=50)


# On servers, all of them together are found by the test below.
@pytest.mark.parametrize("shop", ["embedded"], indirect=True)
@pytest.mark.parametrize("family", FAMILIES, ids="+".join)
async def test_each_damage_is_found_and_mended_if_it_is_one_of_a_copy(
    shop: Client, family: Sequence[str]
) -> None:
    scene = await open_scene(shop, is_paid=family == MONEY)
    for check in family:
        await _damage(shop, scene, check)


async def _damage(shop: Client, scene: Scene, check: str) -> None:
    assert (await verify(shop.mall, [check], manner=QUICK)).differences == []
    for place, (damage, facts) in enumerate(DAMAGES[check]):
        async with put_back(shop):
            await damage(scene)
            found = (await verify(shop.mall, [check], manner=QUICK)).differences
            assert (place, sorted(map(what, found))) == (place, sorted(facts))
            if place < COPIES.get(check, 0):
                await _mend(shop, check)


async def _mend(shop: Client, check: str) -> None:
    (mended,) = (await verify(shop.mall, [check], repair=True, manner=QUICK)).tallies
    (after,) = (await verify(shop.mall, [check], manner=QUICK)).tallies

    assert (mended.differing, mended.mended, len(mended.done)) == (1, 1, 1)
    assert after.differing == 0


def what(one: Difference) -> str:
    """Return what a difference is about."""
    return one.expected.partition(": ")[0]


def test_every_check_is_damaged() -> None:
    assert [check.name for check in CHECKS if check.name not in DAMAGES] == ["outbox"]


async def test_each_check_finds_its_damage_among_all_others(shop: Client) -> None:
    scene = await open_scene(shop, is_paid=True)
    for damages in DAMAGES.values():
        await damages[0][0](scene)
    seen = await verify(shop.mall, manner=QUICK)
    mended = await verify(shop.mall, repair=True, manner=QUICK)
    after = await verify(shop.mall, manner=QUICK)

    assert {one.check for one in seen.tallies if one.differing} == set(DAMAGES)
    assert (seen.is_clean, mended.is_clean) == (False, False)
    # The counter of the level is right again, but not its movements.
    right = {"products", "listings", "search", "carts"}
    assert {one.check for one in mended.tallies if one.mended} == right
    assert {one.check for one in after.tallies if one.differing} == set(DAMAGES) - right


async def test_counter_is_mended_by_reservations_and_that_is_written_down(shop: Client) -> None:
    scene = await open_scene(shop)
    before = await stock(shop, "L2-S")
    await level(reserved=2)(scene)
    report = await verify(shop.mall, ["stock"], repair=True, manner=QUICK)

    assert report.differences == [
        Difference("stock", str(scene.level_id), f"{by}: 1", f"{by}: 2")
        for by in ("reserved, by reservations", "reserved, by movements")
    ]
    told = f"Level {scene.level_id}: reserved 2 is now 1, by reservations."
    assert report.tallies[0].done == [told]
    assert await stock(shop, "L2-S") == before
    columns = audit_entries.c
    mine = select(columns.target).where(columns.mutation == "verify --repair")
    async with shop.mall.stores.database.read(fresh=True) as session:
        assert await session.rows(str, mine) == [f"InventoryLevel:{scene.level_id}"]


async def test_order_that_comes_while_a_counter_is_mended_keeps_its_units(shop: Client) -> None:
    scene = await open_scene(shop)
    await level(reserved=0)(scene)
    mending = verify(shop.mall, ["stock"], repair=True, manner=QUICK)
    await asyncio.gather(mending, scene.buyer.buy({"L2-S": 1}))

    assert (await verify(shop.mall, ["stock"], manner=QUICK)).is_clean
    assert await stock(shop, "L2-S") == (2, 2)


# SQLite has one writer at a time, and that is a guard of its own.
@pytest.mark.parametrize("shop", [pytest.param("servers", marks=pytest.mark.server)], indirect=True)
async def test_counter_that_is_mended_by_what_was_seen_before_forgets_an_order(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: the row of the level is not held while sums are made."""
    has_seen, has_bought = asyncio.Event(), asyncio.Event()

    async def mend(session: WriteSession, level_id: int) -> tuple[int, int]:
        seen = (await stock_sums.by_levels(session, [level_id]))[level_id]
        has_seen.set()
        await has_bought.wait()
        mine = update(inventory_levels).where(inventory_levels.c.id == level_id)
        await session.update(mine.values(reserved=seen.held))
        return seen.reserved, seen.held

    monkeypatch.setattr(stock_sums, "mend_reserved", mend)
    scene = await open_scene(shop)
    await level(reserved=0)(scene)
    mending = asyncio.create_task(verify(shop.mall, ["stock"], repair=True, manner=QUICK))
    await has_seen.wait()
    await scene.buyer.buy({"L2-S": 1})
    has_bought.set()
    await mending

    assert not (await verify(shop.mall, ["stock"], manner=QUICK)).is_clean
    assert await stock(shop, "L2-S") == (2, 1)


async def test_consumer_that_falls_behind_is_found(shop: Client) -> None:
    await open_scene(shop)
    await relay.drain(shop.mall)
    late = Mall(shop.mall.stores, shop.settings, lambda: utc_now() + timedelta(minutes=2))
    assert (await verify(late, ["outbox"], manner=QUICK)).differences == []
    columns = outbox_consumers.c
    # By the event of a moment ago: those of the shop's beginning may be old.
    back = update(outbox_consumers).where(columns.name == "carts")
    back = back.values(publish_sequence=columns.publish_sequence - 1)
    await shop.mall.stores.database.transact(lambda session: session.update(back))

    assert (await verify(shop.mall, ["outbox"], manner=QUICK)).differences == []
    (one,) = (await verify(late, ["outbox"], manner=QUICK)).differences
    assert (one.key, what(one)) == ("carts", "oldest event that waits")


async def test_order_that_nobody_ends_is_found(shop: Client) -> None:
    scene = await open_scene(shop)
    hours_later = Mall(shop.mall.stores, shop.settings, lambda: utc_now() + timedelta(hours=3))

    assert (await verify(shop.mall, ["orders"], manner=QUICK)).differences == []
    assert (await verify(hours_later, ["orders"], manner=QUICK)).differences == [
        Difference("orders", scene.number, "is long overdue: False", "is long overdue: True")
    ]

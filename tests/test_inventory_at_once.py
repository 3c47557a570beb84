"""Stock changed by many hands at once: nothing is lost, and the log adds up."""

import asyncio
from dataclasses import fields, replace
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from resolvers import inventory_edits
from resolvers.context import Context
from resolvers.inventory_changes import AdjustInventory
from resolvers.mutations import Targets
from stores import drivers
from stores import inventory_levels as levels_store
from stores.inventory_levels import LevelChange, inventory_levels
from stores.sql import ReadSession, WriteSession
from stores.stock_movements import StockMovement, stock_movements
from tests.stock_room import StockRoom

#: SQLite has one writer at a time: nobody is in the way of anybody.
of_servers = pytest.mark.parametrize(
    "shop", [pytest.param("servers", marks=pytest.mark.server)], indirect=True
)
DEADLOCK = 1213

_COLUMNS = [stock_movements.c[field.name] for field in fields(StockMovement)]


@pytest.fixture
def deadlocks(monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """One entry for each transaction that the database ended as it waited in a circle."""
    seen: list[None] = []
    real = drivers._meaning

    def meaning(error: DBAPIError) -> Exception:
        seen.extend([None] * (error.orig is not None and error.orig.args[0] == DEADLOCK))
        return real(error)

    monkeypatch.setattr(drivers, "_meaning", meaning)
    return seen


async def storm(room: StockRoom) -> list[dict[str, Any]]:
    """Add one unit twenty times at once; return the payloads."""
    sent = [room.insist(f"k{n}", room.change(1)) for n in range(20)]
    return list(await asyncio.gather(*sent))


async def test_twenty_changes_at_once_are_all_kept_and_numbered(room: StockRoom) -> None:
    payloads = await storm(room)

    assert [one["userErrors"] for one in payloads] == [[]] * 20
    row = await room.row()
    assert (row["on_hand"], row["log_id"], row["version"]) == (21, 21, 21)
    told = sorted(int(one["movements"][0]["logId"]) for one in payloads)
    assert told == list(range(2, 22))
    await assert_log_adds_up(room)


async def test_twenty_first_changes_at_once_make_one_level(room: StockRoom) -> None:
    sent = [room.insist(f"k{n}", room.change(1, where=room.yard)) for n in range(20)]
    payloads = await asyncio.gather(*sent)

    assert [one["userErrors"] for one in payloads] == [[]] * 20
    assert max(one["levels"][0]["onHand"] for one in payloads) == 20


async def test_twin_that_writes_what_it_has_read_loses_changes(
    room: StockRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def prepare(ctx: Context, command: AdjustInventory, _targets: Targets) -> Any:
        (change,) = command.changes
        async with ctx.database.read_primary() as session:
            found = await levels_store.by_places(session, [change.place()])
        seen = found[change.place()]
        await asyncio.sleep(0.05)

        async def write(session: WriteSession, *_rest: object) -> None:
            same = inventory_levels.update().where(inventory_levels.c.id == seen.id)
            await session.update(same.values(on_hand=seen.on_hand + (change.delta or 0)))

        return write

    twin = replace(inventory_edits.ADJUST_INVENTORY, rule=None, prepare=prepare)
    monkeypatch.setattr("graph.inventory_edits.ADJUST_INVENTORY", twin)
    await storm_blindly(room)
    assert (await room.row())["on_hand"] < 21


async def storm_blindly(room: StockRoom) -> None:
    """Send the same storm, but ask for nothing that the twin does not write."""
    query = """mutation ($key: ID!, $input: AdjustInventoryInput!) {
      adjustInventory(idempotencyKey: $key, input: $input) { userErrors { code } } }"""
    input_ = {"changes": [room.change(1)], "reason": "Found"}

    async def send(key: str) -> None:
        told: Any = None
        while told != []:
            answer = await room.shop.ask(query, "mia", key=key, input=input_)
            told = answer["adjustInventory"]["userErrors"]
            assert told in ([], [{"code": "STORE_UNAVAILABLE"}])

    await asyncio.gather(*(send(f"k{n}") for n in range(20)))


async def _counts_at_once(room: StockRoom) -> list[str]:
    """Let five people count the same shelf from the same version; return what each is told."""
    counted = [room.change(onHand={"setTo": n}, version=1) for n in range(10, 15)]
    sent = [room.insist(f"k{n}", one, kind="COUNT") for n, one in enumerate(counted)]
    answers = await asyncio.gather(*sent)
    return sorted("".join(error["code"] for error in one["userErrors"]) for one in answers)


async def test_of_five_counts_from_one_version_one_holds(room: StockRoom) -> None:
    assert await _counts_at_once(room) == ["", *["VERSION_CONFLICT"] * 4]
    await assert_log_adds_up(room)


async def test_twin_that_compares_no_version_lets_all_counts_pass(
    room: StockRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = levels_store.change

    async def unguarded(session: WriteSession, wanted: LevelChange, at: Any) -> bool:
        return await real(session, replace(wanted, version=None), at)

    monkeypatch.setattr(inventory_edits._Step, "is_stale", lambda _step: False)
    monkeypatch.setattr(levels_store, "change", unguarded)
    assert await _counts_at_once(room) == [""] * 5


async def _counted_meanwhile(room: StockRoom, monkeypatch: pytest.MonkeyPatch) -> int:
    """Count ten units from a version that comes to be while the count is under way."""
    real, is_first = levels_store.by_places, iter([True])

    async def slow(session: ReadSession, places: Any) -> Any:
        found = await real(session, places)
        if next(is_first, False):
            await room.done("meanwhile", room.change(1))
        return found

    monkeypatch.setattr(levels_store, "by_places", slow)
    await room.done("count", room.change(onHand={"setTo": 10}, version=2), kind="COUNT")
    return int((await room.row())["on_hand"])


@of_servers
async def test_count_is_of_the_version_that_it_names(
    room: StockRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await _counted_meanwhile(room, monkeypatch) == 10


@of_servers
async def test_twin_that_takes_what_it_read_for_that_version_counts_wrong(
    room: StockRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inventory_edits._Step, "is_stale", lambda _step: False)
    assert await _counted_meanwhile(room, monkeypatch) == 11


async def _transfers(room: StockRoom) -> list[Any]:
    """Move units both ways at once, every second time told the other way round.

    Returns the payloads, and the errors of those that were given up.
    """
    await room.done("k0", room.change(50), room.change(50, where=room.yard))
    sent = []
    for n in range(20):
        units = 1 if n % 4 < 2 else -1
        pair = [room.change(-units), room.change(units, where=room.yard)]
        sent.append(room.insist(f"t{n}", *(pair if n % 2 else reversed(pair)), kind="TRANSFER"))
    answers: list[Any] = await asyncio.gather(*sent, return_exceptions=True)
    return answers


async def test_transfers_both_ways_at_once_keep_the_sum(
    room: StockRoom, deadlocks: list[None]
) -> None:
    answers = await _transfers(room)

    assert [one["userErrors"] for one in answers] == [[]] * 20
    found = await room.levels(filter={"query": "L1-S"})
    assert sorted(one["onHand"] for one in found["nodes"]) == [50, 51]
    await assert_log_adds_up(room)
    assert deadlocks == []


@of_servers
async def test_twin_that_takes_levels_as_they_are_told_waits_in_circles(
    room: StockRoom, monkeypatch: pytest.MonkeyPatch, deadlocks: list[None]
) -> None:
    monkeypatch.setattr(inventory_edits, "sorted", lambda steps, **_: steps, raising=False)
    await _transfers(room)
    assert deadlocks != []


async def assert_log_adds_up(room: StockRoom) -> None:
    """Assert that every level is what its log says, and so is every step of it."""
    async with room.shop.mall.stores.database.read(fresh=True) as session:
        moved = await session.rows(StockMovement, select(*_COLUMNS))
        now = await session.rows(
            lambda *row: row,
            select(inventory_levels.c.id, inventory_levels.c.on_hand, inventory_levels.c.log_id),
        )
    for id_, on_hand, log_id in now:
        log = sorted((one for one in moved if one.level_id == id_), key=lambda one: one.log_id or 0)
        assert [one.log_id for one in log] == list(range(1, log_id + 1))
        units = 0
        for one in log:
            units += one.on_hand_delta
            assert one.on_hand_after == units
        assert units == on_hand

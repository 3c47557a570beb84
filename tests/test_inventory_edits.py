"""Stock changed by hand: added, taken, counted, moved; and what is refused."""

import asyncio
import time
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from graph import nodes
from resolvers import inventory_edits
from resolvers.context import Context
from resolvers.inventory_changes import AdjustInventory
from resolvers.mutations import Targets
from stores import inventory_levels as levels_store
from stores.inventory_levels import LevelChange, inventory_levels
from stores.outbox import outbox
from stores.sql import WriteSession
from stores.stock_movements import StockMovement, stock_movements
from tests.shopping import HARBOUR, HILL, Client
from tests.stock_room import StockRoom, open_room


@pytest.fixture
async def room(shop: Client) -> StockRoom:
    return await open_room(shop)


async def test_units_are_added_and_the_log_tells_it(room: StockRoom) -> None:
    me = (await room.shop.ask("{ me { id } }", "mia"))["me"]
    payload = await room.done(
        "k1", room.change(4), kind="RECEIVE", reason="Delivery", reference="D-7"
    )

    (level,), (movement,) = payload["levels"], payload["movements"]
    assert level.pop("id") == movement.pop("level")["id"]
    assert movement.pop("id")
    assert level == {
        "version": 2,
        "onHand": 5,
        "reserved": 0,
        "available": 5,
        "reorderPoint": None,
        "variant": {"sku": "L1-S"},
        "warehouse": {"code": "main"},
    }
    assert movement == {
        "logId": "2",
        "kind": "RECEIVE",
        "onHandDelta": 4,
        "reservedDelta": 0,
        "onHandAfter": 5,
        "reservedAfter": 0,
        "reason": "Delivery",
        "reference": "D-7",
        "actor": me,
    }


async def test_level_is_made_where_there_is_none(room: StockRoom) -> None:
    new = room.change(where=room.yard, onHand={"setTo": 7}, reorderPoint=2)
    payload = await room.done("k1", new, kind="COUNT")

    (level,), (movement,) = payload["levels"], payload["movements"]
    assert (level["version"], level["onHand"], level["reorderPoint"]) == (1, 7, 2)
    assert (movement["logId"], movement["onHandDelta"], movement["onHandAfter"]) == ("1", 7, 7)


async def test_counting_sets_the_units_and_logs_the_difference(room: StockRoom) -> None:
    counted = room.change(onHand={"setTo": 10}, version=1)
    payload = await room.done("k1", counted, kind="COUNT")
    again = await room.done("k2", room.change(onHand={"setTo": 10}, version=2), kind="COUNT")

    assert [payload["movements"][0][n] for n in ("logId", "onHandDelta")] == ["2", 9]
    # That it was found right is told too.
    assert [again["movements"][0][n] for n in ("logId", "onHandDelta")] == ["3", 0]


async def test_reorder_point_alone_writes_no_movement(room: StockRoom) -> None:
    payload = await room.done("k1", room.change(reorderPoint=3, version=1))
    (level,) = payload["levels"]
    assert (payload["movements"], level["version"], level["reorderPoint"]) == ([], 2, 3)

    cleared = await room.done("k2", room.change(reorderPoint=None, version=2))
    assert cleared["levels"][0]["reorderPoint"] is None
    kept = await room.done("k3", room.change(reorderPoint=5, version=3))
    assert kept["levels"][0]["onHand"] == 1
    moved = await room.done("k4", room.change(1))
    assert moved["levels"][0]["reorderPoint"] == 5


async def test_transfer_moves_both_or_none(room: StockRoom) -> None:
    out, into = room.change(-1), room.change(1, where=room.yard)
    payload = await room.done("k1", out, into, kind="TRANSFER")

    shown = [(one["warehouse"]["code"], one["onHand"]) for one in payload["levels"]]
    assert shown == [("main", 0), ("yard", 1)]
    assert [one["onHandDelta"] for one in payload["movements"]] == [-1, 1]
    field = ["changes", "0", "onHand", "delta"]
    refused = await room.refused("k2", out, into, kind="TRANSFER")
    assert refused == ("INSUFFICIENT_STOCK", field)


async def test_reserved_units_cannot_be_taken(room: StockRoom) -> None:
    await room.done("k1", room.change(9))
    await room.reserve(4)

    field = ["changes", "0", "onHand", "delta"]
    assert await room.refused("k2", room.change(-7)) == ("INSUFFICIENT_STOCK", field)
    counted = room.change(onHand={"setTo": 3}, version=2)
    field = ["changes", "0", "onHand", "setTo"]
    assert await room.refused("k3", counted) == ("INSUFFICIENT_STOCK", field)
    payload = await room.done("k4", room.change(-6))
    assert (payload["levels"][0]["onHand"], payload["levels"][0]["available"]) == (4, 0)
    assert payload["movements"][0]["reservedAfter"] == 4


async def test_retry_is_a_replay_and_changes_nothing(room: StockRoom) -> None:
    first = await room.done("k1", room.change(4))
    before = await room.state()

    assert await room.done("k1", room.change(4)) == first | {"isReplay": True}
    assert await room.state() == before
    assert await room.refused("k1", room.change(5)) == (
        "IDEMPOTENCY_KEY_REUSED",
        ["idempotencyKey"],
    )


async def test_conflict_shows_the_level_as_it_is(room: StockRoom) -> None:
    await room.done("k1", room.change(4))
    before = await room.state()
    counted = room.change(onHand={"setTo": 2}, version=1)
    payload = await room.adjust("k2", room.change(1, where=room.yard), counted)

    (error,) = payload["userErrors"]
    assert (error["code"], error["field"]) == ("VERSION_CONFLICT", ["changes", "1", "version"])
    current = {"onHand": 5, "version": 2}
    assert error["details"] == {"currentVersion": 2, "current": current}
    assert await room.state() == before


UNKNOWN = nodes.encode("ProductVariant", 5)
NOWHERE = nodes.encode("Warehouse", 5)
HUGE = 2_000_000_000
ON_HAND = ["changes", "0", "onHand"]
#: What of the first change, and of the whole input, is wrong -> code and field.
BAD: list[tuple[dict[str, Any], dict[str, Any], str, list[str]]] = [
    ({"onHand": {"delta": 0}}, {}, "INVALID", [*ON_HAND, "delta"]),
    ({"onHand": {"setTo": -1}, "version": 1}, {}, "INVALID", [*ON_HAND, "setTo"]),
    ({"onHand": {"delta": HUGE}}, {}, "LIMIT_EXCEEDED", [*ON_HAND, "delta"]),
    ({"onHand": {"delta": -HUGE}}, {}, "LIMIT_EXCEEDED", [*ON_HAND, "delta"]),
    ({"onHand": {"delta": 1_000_000_000}}, {}, "LIMIT_EXCEEDED", [*ON_HAND, "delta"]),
    (
        {"onHand": {"setTo": HUGE}, "version": 1},
        {},
        "LIMIT_EXCEEDED",
        [*ON_HAND, "setTo"],
    ),
    ({"onHand": {"delta": -2}}, {}, "INSUFFICIENT_STOCK", [*ON_HAND, "delta"]),
    ({"onHand": None}, {}, "REQUIRED", ON_HAND),
    ({"onHand": {"setTo": 3}}, {}, "REQUIRED", ["changes", "0", "version"]),
    ({"reorderPoint": 3}, {}, "REQUIRED", ["changes", "0", "version"]),
    ({"reorderPoint": -1}, {}, "INVALID", ["changes", "0", "reorderPoint"]),
    ({"reorderPoint": HUGE}, {}, "LIMIT_EXCEEDED", ["changes", "0", "reorderPoint"]),
    ({"version": 2}, {}, "VERSION_CONFLICT", ["changes", "0", "version"]),
    ({"version": 0}, {}, "VERSION_CONFLICT", ["changes", "0", "version"]),
    ({"version": -7}, {}, "VERSION_CONFLICT", ["changes", "0", "version"]),
    ({"variantId": UNKNOWN}, {}, "NOT_FOUND", ["changes", "0", "variantId"]),
    ({"variantId": NOWHERE}, {}, "INVALID", ["changes", "0", "variantId"]),
    ({"variantId": "?"}, {}, "INVALID", ["changes", "0", "variantId"]),
    ({"warehouseId": NOWHERE}, {}, "NOT_FOUND", ["changes", "0", "warehouseId"]),
    ({"warehouseId": UNKNOWN}, {}, "INVALID", ["changes", "0", "warehouseId"]),
    ({}, {"reason": ""}, "INVALID", ["reason"]),
    ({}, {"reason": "  "}, "INVALID", ["reason"]),
    ({}, {"reason": "x" * 201}, "INVALID", ["reason"]),
    ({}, {"reason": "a\nb"}, "INVALID", ["reason"]),
    ({}, {"reference": ""}, "INVALID", ["reference"]),
    ({}, {"reference": "x" * 65}, "INVALID", ["reference"]),
    ({}, {"kind": "COUNT"}, "INVALID", ON_HAND),
    ({}, {"kind": "TRANSFER"}, "INVALID", [*ON_HAND, "delta"]),
    ({"onHand": {"delta": -1}}, {"kind": "RECEIVE"}, "INVALID", ON_HAND),
    ({"onHand": {"setTo": 9}, "version": 1}, {"kind": "RECEIVE"}, "INVALID", ON_HAND),
    ({"onHand": {"setTo": 9}, "version": 1}, {"kind": "TRANSFER"}, "INVALID", ON_HAND),
]


@pytest.mark.parametrize(("change", "more", "code", "field"), BAD, ids=range(len(BAD)))
async def test_bad_change_is_told_where_and_changes_nothing(
    room: StockRoom, change: dict[str, Any], more: dict[str, Any], code: str, field: list[str]
) -> None:
    assert await room.refused("k1", room.change(1, **change), **more) == (code, field)
    # The good change beside it is not made either.
    good = room.change(1, where=room.yard)
    if field[0] == "changes" and more.get("kind") is None:
        moved = ["changes", "1", *field[2:]]
        assert await room.refused("k2", good, room.change(1, **change)) == (code, moved)


async def test_wrong_numbers_of_changes_are_refused(room: StockRoom) -> None:
    assert await room.refused("k1") == ("REQUIRED", ["changes"])
    many = [room.change(1)] * 101
    assert await room.refused("k2", *many) == ("LIMIT_EXCEEDED", ["changes"])
    twice = await room.refused("k3", room.change(1), room.change(2))
    assert twice == ("INVALID", ["changes", "1"])
    to_itself = await room.refused("k4", room.change(-1), room.change(1), kind="TRANSFER")
    assert to_itself == ("INVALID", ["changes", "1"])
    new = room.change(1, where=room.yard, version=1)
    assert await room.refused("k5", new) == ("INVALID", ["changes", "0", "version"])
    taken = room.change(-1, where=room.yard)
    field = ["changes", "0", "onHand", "delta"]
    assert await room.refused("k6", taken) == ("INSUFFICIENT_STOCK", field)


async def test_foreign_stock_is_not_there(room: StockRoom) -> None:
    variant = ["changes", "0", "variantId"]
    assert await room.refused("k1", room.change(1), user="moe") == ("NOT_FOUND", variant)
    lamp_of_hill = await room.variant(HILL, "L2-S")
    theirs = room.change(1) | {"variantId": lamp_of_hill}
    assert await room.refused("k2", theirs) == ("NOT_FOUND", variant)
    warehouse = ["changes", "0", "warehouseId"]
    # The owner may do both, but not mix them.
    assert await room.refused("k3", theirs, user="ola") == ("INVALID", warehouse)
    (hill,) = (await room.shop.ask("{ warehouses { id } }", "moe"))["warehouses"]
    mixed = room.change(1, where=hill["id"])
    assert await room.refused("k4", mixed) == ("NOT_FOUND", warehouse)
    await room.done("k5", room.change(1), user="ola")


@pytest.mark.parametrize("on_hand", [{}, {"delta": 1, "setTo": 2}, {"delta": None}])
async def test_units_are_told_in_exactly_one_way(room: StockRoom, on_hand: Any) -> None:
    change = room.change() | {"onHand": on_hand}
    query = "mutation ($i: AdjustInventoryInput!) { adjustInventory(idempotencyKey: 1, input: $i)"
    answer = await room.shop.send(
        query + "{ isReplay } }", "mia", i={"changes": [change], "reason": "x"}
    )
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]


# Many at once.


async def storm(room: StockRoom) -> list[dict[str, Any]]:
    """Add one unit twenty times at once; return the payloads."""
    sent = [room.adjust(f"k{n}", room.change(1)) for n in range(20)]
    return list(await asyncio.gather(*sent))


async def log_of(room: StockRoom) -> list[StockMovement]:
    level = await room.row()
    wanted = select(stock_movements).where(stock_movements.c.level_id == level["id"])
    async with room.shop.mall.stores.database.read(fresh=True) as session:
        return await session.rows(StockMovement, wanted.order_by(stock_movements.c.log_id))


async def test_twenty_changes_at_once_are_all_kept_and_numbered(room: StockRoom) -> None:
    payloads = await storm(room)

    assert [one["userErrors"] for one in payloads] == [[]] * 20
    row = await room.row()
    assert (row["on_hand"], row["log_id"], row["version"]) == (21, 21, 21)
    told = sorted(int(one["movements"][0]["logId"]) for one in payloads)
    assert told == list(range(2, 22))
    await assert_log_adds_up(room)


async def test_twenty_first_changes_at_once_make_one_level(room: StockRoom) -> None:
    sent = [room.adjust(f"k{n}", room.change(1, where=room.yard)) for n in range(20)]
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
      adjustInventory(idempotencyKey: $key, input: $input) { isReplay userErrors { code } } }"""
    input_ = {"changes": [room.change(1)], "reason": "Found"}
    sent = [room.shop.ask(query, "mia", key=f"k{n}", input=input_) for n in range(20)]
    answers = await asyncio.gather(*sent)
    done = {"isReplay": False, "userErrors": []}
    assert [one["adjustInventory"] for one in answers] == [done] * 20


async def _counts_at_once(room: StockRoom) -> list[str]:
    """Let five people count the same shelf from the same version; return what each is told."""
    counted = [room.change(onHand={"setTo": n}, version=1) for n in range(10, 15)]
    sent = [room.adjust(f"k{n}", one, kind="COUNT") for n, one in enumerate(counted)]
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
        return await real(session, replace(wanted, version=None, log_id=None), at)

    monkeypatch.setattr(levels_store, "change", unguarded)
    assert await _counts_at_once(room) == [""] * 5


async def test_transfers_both_ways_at_once_keep_the_sum(room: StockRoom) -> None:
    await room.done("k0", room.change(50), room.change(50, where=room.yard))
    pairs = [(-1, 1), (1, -1)] * 10
    sent = [
        room.adjust(f"t{n}", room.change(a), room.change(b, where=room.yard), kind="TRANSFER")
        for n, (a, b) in enumerate(pairs)
    ]
    answers = await asyncio.gather(*sent)
    assert [one["userErrors"] for one in answers] == [[]] * 20
    found = await room.levels(filter={"query": "L1-S"})
    assert sorted(one["onHand"] for one in found["nodes"]) == [50, 51]
    await assert_log_adds_up(room)


async def assert_log_adds_up(room: StockRoom) -> None:
    """Assert that every level is what its log says, and so is every step of it."""
    async with room.shop.mall.stores.database.read(fresh=True) as session:
        moved = await session.rows(StockMovement, select(stock_movements))
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


# What others learn of it.


async def _found(shop: Client, query: str) -> int:
    asked = """query ($query: String!) { search(query: $query, filters: [{key: "isAvailable",
      match: {isTrue: true}}]) { totalCount } }"""
    total: int = (await shop.ask(asked, query=query))["search"]["totalCount"]
    return total


async def _until_found(shop: Client, query: str, wanted: int) -> float:
    began = time.monotonic()
    while await _found(shop, query) != wanted:
        assert time.monotonic() - began < 5
        await asyncio.sleep(0.05)
    return time.monotonic() - began


async def test_search_knows_within_two_seconds_what_is_in_stock(room: StockRoom) -> None:
    await _until_found(room.shop, "L1-S", 2)
    await room.done("k1", room.change(-1))
    assert await _until_found(room.shop, "L1-S", 1) < 2
    await room.done("k2", room.change(3))
    assert await _until_found(room.shop, "L1-S", 2) < 2


async def test_search_follows_the_warehouse_that_sells(room: StockRoom) -> None:
    lamp = "Lamp 001"
    await _until_found(room.shop, lamp, 1)
    (_, yard) = (await room.shop.ask("{ warehouses { id version } }", "mia"))["warehouses"]
    query = """mutation ($id: ID!) { updateWarehouse(idempotencyKey: "w", version: 1,
      input: {warehouseId: $id, isSelling: true}) { userErrors { code } } }"""
    done = await room.shop.ask(query, "mia", id=yard["id"])
    assert done["updateWarehouse"]["userErrors"] == []
    assert await _until_found(room.shop, lamp, 0) < 2


async def test_event_tells_what_moved(room: StockRoom) -> None:
    payload = await room.done("k1", room.change(4))
    wanted = select(outbox.c.aggregate, outbox.c.version, outbox.c.body).where(
        outbox.c.topic == "inventory.changed"
    )
    async with room.shop.mall.stores.database.read(fresh=True) as session:
        ((aggregate, version, body),) = await session.rows(lambda *row: row, wanted)
    _, level = nodes.decode(payload["levels"][0]["id"])
    assert (aggregate, version) == (f"InventoryLevel:{level}", 2)
    assert body == {
        "movementId": nodes.decode(payload["movements"][0]["id"])[1],
        "variantId": nodes.decode(room.variant_id)[1],
        "warehouseId": nodes.decode(room.main)[1],
        "productId": await room.shop.product_key("lamp-1"),
    }


STATUS = """query ($key: ID!) { operationStatus(idempotencyKey: $key, mutation: "adjustInventory") {
  state object { ... on InventoryLevel { onHand } } } }"""


async def test_lost_answer_is_looked_up(room: StockRoom) -> None:
    await room.done("k1", room.change(4), room.change(2, where=room.yard))
    found = await room.shop.ask(STATUS, "mia", key="k1")
    assert found["operationStatus"] == {"state": "COMPLETED", "object": {"onHand": 5}}


# Reading.


async def test_staff_sees_the_levels_of_its_own_warehouses(room: StockRoom) -> None:
    await room.done("k1", room.change(2, where=room.yard))
    mine = await room.levels(first=100)
    skus = [(one["warehouse"]["code"], one["variant"]["sku"]) for one in mine["nodes"]]

    assert mine["totalCount"] == len(skus) == 9
    assert {one["warehouse"]["merchant"]["name"] for one in mine["nodes"]} == {HARBOUR}
    assert skus[-1] == ("yard", "L1-S")
    everything = await room.levels("ola", first=100)
    assert everything["totalCount"] == len(everything["nodes"]) == 9 + 8


FILTERS: list[tuple[dict[str, Any], list[str]]] = [
    ({"query": "L1"}, ["L1-L", "L1-S"]),
    ({"query": "L1-S"}, ["L1-S"]),
    ({"query": "l1"}, []),
    ({"query": "_"}, []),
    ({"query": "400000000010"}, ["L1-S"]),
    ({"query": "40000000001"}, []),
    ({"isBelowReorderPoint": True}, ["L3-S"]),
    ({"isBelowReorderPoint": False, "query": "L3"}, ["L3-L"]),
    ({"query": "L2"}, []),
]


@pytest.mark.parametrize(("wanted", "skus"), FILTERS, ids=range(len(FILTERS)))
async def test_levels_are_found_by_what_they_are(
    room: StockRoom, wanted: dict[str, Any], skus: list[str]
) -> None:
    lamp = {"variantId": await room.variant(HARBOUR, "L3-S"), "warehouseId": room.main}
    await room.done("k1", lamp | {"reorderPoint": 3, "version": 1})
    found = await room.levels(filter=wanted)

    assert sorted(one["variant"]["sku"] for one in found["nodes"]) == skus
    assert found["totalCount"] == len(skus)


async def test_levels_are_read_page_by_page(room: StockRoom) -> None:
    await room.done("k1", room.change(2, where=room.yard))
    whole = [one["id"] for one in (await room.levels("ola", first=100))["nodes"]]
    seen: list[str] = []
    after = None
    while len(seen) < 100:
        page = await room.levels("ola", first=4, after=after)
        seen += [one["id"] for one in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert seen == whole
    answer = await room.shop.send(
        'query ($a: String) { inventoryLevels(after: $a, filter: {query: "L"}) { totalCount } }',
        "mia",
        a=after,
    )
    assert answer["errors"][0]["extensions"] == {"code": "INVALID", "field": ["after"]}


async def test_log_is_read_newest_first_and_by_what_is_asked(room: StockRoom) -> None:
    start = room.shop.mall.clock().isoformat()
    await room.done("k1", room.change(4), kind="RECEIVE", reference="D-1")
    middle = room.shop.mall.clock().isoformat()
    transfer = (room.change(-2), room.change(2, where=room.yard))
    await room.done("k2", *transfer, kind="TRANSFER", reference="T-1")

    async def told(**asked: Any) -> list[tuple[str, int]]:
        page = await room.log(**asked)
        assert page["totalCount"] == len(page["nodes"])
        return [(one["kind"], one["onHandDelta"]) for one in page["nodes"]]

    received, out, into = ("RECEIVE", 4), ("TRANSFER", -2), ("TRANSFER", 2)
    first = ("RECEIVE", 1)
    assert await told(variantId=room.variant_id) == [into, out, received, first]
    assert await told(warehouseId=room.yard) == [into]
    assert await told(reference="D-1") == [received]
    assert await told(occurredAt={"start": start}) == [into, out, received]
    assert await told(occurredAt={"start": start, "end": middle}) == [received]
    assert await told(variantId=UNKNOWN) == await told(warehouseId=NOWHERE) == []
    assert await told(user="moe", variantId=room.variant_id) == []
    assert await told(user="moe", warehouseId=room.yard) == []
    assert len(await told(user="ola", variantId=room.variant_id)) == 4


async def test_log_is_read_page_by_page(room: StockRoom) -> None:
    for number in range(5):
        await room.done(f"k{number}", room.change(1))
    first = await room.log(variantId=room.variant_id, first=4)
    second = await room.log(
        variantId=room.variant_id, first=4, after=first["pageInfo"]["endCursor"]
    )
    told = [one["logId"] for one in first["nodes"] + second["nodes"]]
    assert told == ["6", "5", "4", "3", "2", "1"]
    assert (first["pageInfo"]["hasNextPage"], second["pageInfo"]["hasNextPage"]) == (True, False)


OUTSIDE = ["0001-01-01T00:00:00Z", "1969-01-01T00:00:00Z", "9999-12-31T23:59:59Z"]


@pytest.mark.parametrize("instant", OUTSIDE)
async def test_ends_of_the_calendar_are_no_mistake(room: StockRoom, instant: str) -> None:
    for end in ("start", "end"):
        count = (await room.log(occurredAt={end: instant}))["totalCount"]
        is_future = instant.startswith("9")
        assert (count > 0) == ((end == "start") != is_future)


async def test_foreign_level_and_movement_are_no_nodes(room: StockRoom) -> None:
    payload = await room.done("k1", room.change(1))
    ids = [payload["levels"][0]["id"], payload["movements"][0]["id"]]
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    for user in ("mia", "ola"):
        assert (await room.shop.ask(query, user, ids=ids))["nodes"] == [{"id": id_} for id_ in ids]
    for stranger in ("moe", "ann", None):
        assert (await room.shop.ask(query, stranger, ids=ids))["nodes"] == [None, None]


async def test_variant_shows_its_levels_to_its_own_staff(room: StockRoom) -> None:
    await room.done("k1", room.change(2, where=room.yard))
    query = """{ product(by: {slug: "lamp-1"}) { variants { sku
      inventoryLevels { onHand warehouse { code } } } } }"""

    async def seen(user: str) -> Any:
        return (await room.shop.ask(query, user))["product"]["variants"]

    main = {"onHand": 1, "warehouse": {"code": "main"}}
    yard = {"onHand": 2, "warehouse": {"code": "yard"}}
    large = [{"onHand": 0, "warehouse": {"code": "main"}}]
    own = [
        {"sku": "L1-S", "inventoryLevels": [main, yard]},
        {"sku": "L1-L", "inventoryLevels": large},
    ]
    assert await seen("mia") == await seen("ola") == own
    assert [one["inventoryLevels"] for one in await seen("moe")] == [None, None]

"""Stock as the staff reads it: levels, the log, and who sees which of them."""

from typing import Any

import pytest

from graph import nodes
from tests.product_writing import read, update
from tests.shopping import HARBOUR
from tests.stock_room import StockRoom

UNKNOWN = nodes.encode("ProductVariant", 5)
NOWHERE = nodes.encode("Warehouse", 5)


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


async def test_level_of_a_removed_variant_stays_and_tells_that_it_is_gone(room: StockRoom) -> None:
    payload = await room.done("k1", room.change(1))
    level = payload["levels"][0]["id"]
    lamp = await read(room.shop, "lamp-1")
    removed = await update(room.shop, lamp, removeVariantIds=[room.variant_id])
    assert removed["userErrors"] == []

    query = """query ($id: ID!) {
      node(id: $id) { ... on InventoryLevel { onHand variant { sku } } } }"""
    gone = {"node": {"onHand": 2, "variant": None}}
    assert await room.shop.ask(query, "mia", id=level) == gone


async def test_log_keeps_the_lines_of_a_removed_variant(room: StockRoom) -> None:
    await room.done("k1", room.change(1), reference="note")
    lamp = await read(room.shop, "lamp-1")
    await update(room.shop, lamp, removeVariantIds=[room.variant_id])

    query = """{ stockMovements(reference: "note") { totalCount
      nodes { reason onHandAfter level { variant { sku } } } } }"""
    line = {"reason": "Found", "onHandAfter": 2, "level": {"variant": None}}
    seen = {"stockMovements": {"totalCount": 1, "nodes": [line]}}
    assert await room.shop.ask(query, "mia") == seen

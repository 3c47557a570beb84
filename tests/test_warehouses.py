"""Where goods lie: what staff sees and changes of warehouses, and the one that orders take from."""

from typing import Any

import pytest
from sqlalchemy import func, select

from graph import nodes
from stores.audit import audit_entries
from stores.idempotency import idempotency_keys
from stores.outbox import outbox
from stores.warehouses import MAX_WAREHOUSES, warehouses
from tests.shopping import HARBOUR, HILL, Client
from tests.warehouse_writing import ADDRESS, CREATE, LIST, create, made, told, update


async def listed(shop: Client, user: str = "mia", merchant: str | None = None) -> Any:
    id_ = await shop.merchant_id(merchant) if merchant else None
    found = (await shop.ask(LIST, user, merchantId=id_))["warehouses"]
    return found and [(one["merchant"]["name"], one["code"], one["isSelling"]) for one in found]


async def state(shop: Client) -> list[Any]:
    """Return all that an edit of a warehouse may write."""
    async with shop.mall.stores.database.read(fresh=True) as session:
        rows = await session.rows(lambda *row: row, select(warehouses).order_by(warehouses.c.id))
        counts = [
            await session.row(int, select(func.count()).select_from(table))
            for table in (idempotency_keys, audit_entries, outbox)
        ]
    return [*rows, *counts]


async def test_warehouse_is_created_whole(shop: Client) -> None:
    payload = await create(shop, "k1", code="W2", name="Yard", address=ADDRESS)

    assert payload["warehouse"].pop("id")
    assert payload == {
        "warehouse": {
            "version": 1,
            "code": "W2",
            "name": "Yard",
            "isSelling": False,
            "merchant": {"name": HARBOUR},
            "address": {**ADDRESS, "region": None, "line2": None, "postalCode": None},
        },
        "isReplay": False,
        "userErrors": [],
    }
    assert await listed(shop) == [(HARBOUR, "main", True), (HARBOUR, "W2", False)]


async def test_staff_sees_the_warehouses_of_its_merchant_and_the_owner_all(shop: Client) -> None:
    harbour, hill = (HARBOUR, "main", True), (HILL, "main", True)

    assert await listed(shop, "mia") == [harbour]
    assert await listed(shop, "moe") == [hill]
    assert sorted(await listed(shop, "ola")) == [harbour, hill]
    assert await listed(shop, "ola", HILL) == [hill]
    assert await listed(shop, "mia", HARBOUR) == [harbour]
    assert await listed(shop, "mia", HILL) is None


async def test_foreign_warehouse_is_no_node(shop: Client) -> None:
    (mine,) = (await shop.ask(LIST, "mia"))["warehouses"]
    query = "query ($id: ID!) { node(id: $id) { ... on Warehouse { code } } }"
    seen = {user: (await shop.ask(query, user, id=mine["id"]))["node"] for user in ("ola", "moe")}

    assert seen == {"ola": {"code": "main"}, "moe": None}
    assert (await shop.ask(query, "ann", id=mine["id"]))["node"] is None
    assert (await shop.ask(query, None, id=mine["id"]))["node"] is None


async def test_new_selling_warehouse_takes_it_from_the_one_that_was(shop: Client) -> None:
    new = await made(shop, code="W2", name="Yard", isSelling=True)

    assert new["isSelling"]
    assert await listed(shop) == [(HARBOUR, "main", False), (HARBOUR, "W2", True)]
    assert await listed(shop, "moe") == [(HILL, "main", True)]
    versions = [one["version"] for one in (await shop.ask(LIST, "mia"))["warehouses"]]
    assert versions == [2, 1]


async def test_update_changes_what_it_names_and_null_clears(shop: Client) -> None:
    new = await made(shop, code="W2", name="Yard", address=ADDRESS)
    payload = await update(shop, "k2", 1, warehouseId=new["id"], name="Barn", isSelling=True)

    assert payload["warehouse"] == new | {"version": 2, "name": "Barn", "isSelling": True}
    assert await listed(shop) == [(HARBOUR, "main", False), (HARBOUR, "W2", True)]
    payload = await update(shop, "k3", 2, warehouseId=new["id"], address=None, code="B")
    assert payload["warehouse"]["address"] is None
    assert (payload["warehouse"]["name"], payload["warehouse"]["code"]) == ("Barn", "B")


async def test_retry_with_the_old_version_is_a_replay(shop: Client) -> None:
    new = await made(shop, code="W2", name="Yard")
    first = await update(shop, "k2", 1, warehouseId=new["id"], name="Barn")
    before = await state(shop)

    again = await update(shop, "k2", 1, warehouseId=new["id"], name="Barn")
    assert again == first | {"isReplay": True}
    assert await state(shop) == before
    other = await update(shop, "k2", 1, warehouseId=new["id"], name="Shed")
    assert told(other) == ("IDEMPOTENCY_KEY_REUSED", ["idempotencyKey"])


async def test_conflict_shows_the_warehouse_as_it_is(shop: Client) -> None:
    new = await made(shop, code="W2", name="Yard")
    await update(shop, "k2", 1, warehouseId=new["id"], code="B")
    before = await state(shop)
    payload = await update(shop, "k3", 1, warehouseId=new["id"], isSelling=True)

    (error,) = payload["userErrors"]
    assert (error["code"], error["field"]) == ("VERSION_CONFLICT", ["version"])
    current = {"id": new["id"], "code": "B"}
    assert error["details"] == {"currentVersion": 2, "current": current}
    assert await state(shop) == before


BAD_CREATES: list[tuple[str, dict[str, Any], str, list[str] | None]] = [
    ("mia", {"code": ""}, "INVALID", ["code"]),
    ("mia", {"code": "  "}, "INVALID", ["code"]),
    ("mia", {"code": "x" * 33}, "INVALID", ["code"]),
    ("mia", {"code": "a\nb"}, "INVALID", ["code"]),
    ("mia", {"code": "main"}, "DUPLICATE", ["code"]),
    ("mia", {"name": ""}, "INVALID", ["name"]),
    ("mia", {"name": "x" * 101}, "INVALID", ["name"]),
    ("mia", {"name": "a\0b"}, "INVALID", ["name"]),
    ("mia", {"address": ADDRESS | {"countryCode": "X"}}, "INVALID", ["address", "countryCode"]),
    ("mia", {"address": ADDRESS | {"city": ""}}, "INVALID", ["address", "city"]),
    ("mia", {"merchantId": nodes.encode("Merchant", 5)}, "NOT_FOUND", ["merchantId"]),
    ("ola", {"merchantId": nodes.encode("Merchant", 5)}, "NOT_FOUND", ["merchantId"]),
    ("ola", {"merchantId": nodes.encode("Product", 5)}, "INVALID", ["merchantId"]),
    ("ola", {"merchantId": "x"}, "INVALID", ["merchantId"]),
    ("ola", {}, "REQUIRED", ["merchantId"]),
]


async def test_bad_warehouse_is_told_where_and_changes_nothing(shop: Client) -> None:
    before = await state(shop)
    for user, input_, code, field in BAD_CREATES:
        payload = await create(shop, "k1", user, **{"code": "W2", "name": "Yard", **input_})
        assert told(payload) == (code, field), input_
        assert await state(shop) == before, input_


async def test_merchant_creates_nothing_for_another_one(shop: Client) -> None:
    before = await state(shop)
    hill = await shop.merchant_id(HILL)
    payload = await create(shop, "k1", code="W2", name="Yard", merchantId=hill)

    assert told(payload) == ("NOT_FOUND", ["merchantId"])
    assert await state(shop) == before


BAD_UPDATES: list[tuple[str, dict[str, Any], str, list[str] | None]] = [
    ("mia", {"isSelling": False}, "INVALID", ["isSelling"]),
    ("mia", {"isSelling": None}, "REQUIRED", ["isSelling"]),
    ("mia", {"code": None}, "REQUIRED", ["code"]),
    ("mia", {"name": None}, "REQUIRED", ["name"]),
    ("mia", {"name": "\t"}, "INVALID", ["name"]),
    ("mia", {"code": "W2"}, "DUPLICATE", ["code"]),
    ("mia", {"warehouseId": "x"}, "INVALID", ["warehouseId"]),
    ("mia", {"warehouseId": nodes.encode("Warehouse", 5)}, "NOT_FOUND", ["warehouseId"]),
    ("moe", {"name": "Mine"}, "NOT_FOUND", ["warehouseId"]),
]


async def test_bad_edit_is_told_where_and_changes_nothing(shop: Client) -> None:
    await made(shop, code="W2", name="Yard")
    first, _ = (await shop.ask(LIST, "mia"))["warehouses"]
    before = await state(shop)
    for user, input_, code, field in BAD_UPDATES:
        payload = await update(shop, "k1", 1, user, **{"warehouseId": first["id"], **input_})
        assert told(payload) == (code, field), input_
        assert await state(shop) == before, input_


async def test_merchant_has_a_hundred_warehouses_at_most(shop: Client) -> None:
    for number in range(1, MAX_WAREHOUSES):
        await made(shop, code=f"W{number}", name="Yard")
    payload = await create(shop, "k1", code="one-too-many", name="Yard")

    assert told(payload) == ("LIMIT_EXCEEDED", None)
    assert len((await shop.ask(LIST, "mia"))["warehouses"]) == MAX_WAREHOUSES


@pytest.mark.parametrize("user", [None, "ann"])
async def test_buyers_see_and_create_none(shop: Client, user: str | None) -> None:
    code = "FORBIDDEN" if user else "UNAUTHENTICATED"
    for query, field in ((LIST, "warehouses"), (CREATE, "done")):
        variables = {"key": "k1", "input": {"code": "W", "name": "W"}} if field == "done" else {}
        answer = await shop.send(query, user, **variables)
        assert answer["data"] == {field: None}
        assert [error["extensions"]["code"] for error in answer["errors"]] == [code]


STATUS = """query ($key: ID!, $mutation: String!) {
  operationStatus(idempotencyKey: $key, mutation: $mutation) {
    state object { ... on Warehouse { code } } } }"""


async def test_lost_answers_are_looked_up(shop: Client) -> None:
    new = await made(shop, code="W2", name="Yard")
    await update(shop, "k2", 1, warehouseId=new["id"], code="B")

    for key, mutation in (("make-W2", "createWarehouse"), ("k2", "updateWarehouse")):
        answer = await shop.ask(STATUS, "mia", key=key, mutation=mutation)
        assert answer["operationStatus"] == {"state": "COMPLETED", "object": {"code": "B"}}

"""Many orders are shipped under one key: each stands alone, and is shipped once."""

import asyncio
from collections.abc import Sequence
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from graph import nodes
from resolvers import batches, order_shipping
from resolvers.context import Context
from resolvers.order_shipping import ShipOrder
from resolvers.refused import Refused
from stores.audit import audit_entries
from stores.errors import (
    Invalid,
    LimitExceeded,
    NotAllowed,
    NotFound,
    Refusal,
    Required,
    StoreUnavailable,
    TransitionForbidden,
    VersionConflict,
)
from stores.fulfillments import Fulfillment
from stores.inventory_errors import InsufficientStock
from stores.sql import WriteSession
from tests.buying import key, stock
from tests.clients.node_side import OPERATIONS
from tests.shipping import Dispatcher, codes, lines_of
from tests.shopping import Client
from tests.test_shipping import agrees

SHIP_MANY = (OPERATIONS / "ShipManyMutation.graphql").read_text()
STATUS = """query ($key: ID!) { operationStatus(idempotencyKey: $key, mutation: "shipOrders") {
  state object { id } } }"""


def item(order: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return the input of one order, as it was seen."""
    told = {"carrier": "Gull Post", "trackingNumber": "GP 1", "version": order["version"]}
    return {"orderId": order["id"], **told, **more}


async def ship(
    shop: Client, items: Sequence[dict[str, Any]], used: str, by: str = "mia"
) -> dict[str, Any]:
    """Return the payload of shipOrders."""
    answer = await shop.ask(SHIP_MANY, by, key=used, items=list(items))
    payload: dict[str, Any] = answer["shipOrders"]
    return payload


def told(payload: dict[str, Any]) -> list[Any]:
    """Return of each item the status of its order, or why it was refused, and where."""
    return [
        [(error["code"], error["field"]) for error in one["userErrors"]]
        or one["fulfillment"]["status"]
        for one in payload["outcomes"]
    ]


async def test_each_of_many_orders_is_shipped_or_refused_by_itself_and_a_replay_says_the_same(
    shop: Client,
) -> None:
    desk, used = Dispatcher(shop), key()
    whole, part, stale, foreign, shared = [
        await desk.paid(wanted)
        for wanted in ({"L5-S": 1}, {"L5-S": 2}, {"L3-S": 1}, {"L4-S": 1}, {"L3-S": 1, "L2-S": 1})
    ]
    items = [
        item(whole),
        item(stale, version=1),
        item(foreign),
        item(part, lines=lines_of(part, {"L5-S": 1})),
        item(whole, carrier=" "),
        item({**whole, "id": "nothing"}),
        item(part, lines=lines_of(part, {"L5-S": 2})),
        item(whole),
        item(shared),
    ]
    first = await ship(shop, items, used)
    again = await ship(shop, items, used)
    other = await ship(shop, items[:1], used)
    status = (await shop.ask(STATUS, "mia", key=used))["operationStatus"]
    next_key = await ship(shop, [item(stale)], key())

    assert told(first) == [
        "SHIPPED",
        [("VERSION_CONFLICT", ["items", "1", "version"])],
        [("NOT_FOUND", ["items", "2", "orderId"])],
        "SHIPPED",
        [("INVALID", ["items", "4", "carrier"])],
        [("INVALID", ["items", "5", "orderId"])],
        [("VERSION_CONFLICT", ["items", "6", "version"])],
        [("VERSION_CONFLICT", ["items", "7", "version"])],
        "SHIPPED",
    ]
    assert [one["order"] and one["order"]["status"] for one in first["outcomes"]] == [
        "SHIPPED",
        "PAID",
        None,
        "PARTIALLY_SHIPPED",
        None,
        None,
        "PARTIALLY_SHIPPED",
        "SHIPPED",
        "PARTIALLY_SHIPPED",
    ]
    conflict = first["outcomes"][1]["userErrors"][0]["details"]
    assert conflict["current"]["id"] == stale["id"]
    assert (first["isReplay"], again) == (False, {**first, "isReplay": True})
    assert (codes(other), other["outcomes"]) == (["IDEMPOTENCY_KEY_REUSED"], None)
    assert status == {"state": "COMPLETED", "object": {"id": whole["id"]}}
    assert told(next_key) == ["SHIPPED"]
    assert await stock(shop, "L5-S") == (3, 1)
    # A batch is written behind its items.
    items_of_both = [whole["id"], part["id"], shared["id"], None, stale["id"], None]
    assert await _audited(shop) == items_of_both
    await agrees(shop)


async def _audited(shop: Client) -> list[str | None]:
    """Return the orders of the parcels that the audit log names for shipOrders, in its sequence."""
    columns = audit_entries.c
    statement = select(columns.target).where(columns.mutation == "shipOrders").order_by(columns.id)
    async with shop.mall.stores.database.read() as session:
        found = await session.rows(lambda target: target, statement)
    parcels = [nodes.encode(*one.split(":")) if one else None for one in found]
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Fulfillment { id order { id } } } }"
    seen = (await shop.ask(query, "ola", ids=[one for one in parcels if one]))["nodes"]
    orders = {one["id"]: one["order"]["id"] for one in seen}
    return [orders[one] if one else None for one in parcels]


@pytest.mark.parametrize("shop", ["embedded"], indirect=True)
async def test_no_order_and_a_hundred_and_one_are_refused(shop: Client) -> None:
    one = {"id": nodes.encode("Order", 1), "version": 1}
    none, many = [await ship(shop, [item(one)] * count, key()) for count in (0, 101)]
    whole = await ship(shop, [item(one)] * 100, key())

    assert [codes(none), codes(many)] == [["REQUIRED"], ["LIMIT_EXCEEDED"]]
    assert told(whole) == [[("NOT_FOUND", ["items", str(n), "orderId"])] for n in range(100)]


async def _three_at_once(shop: Client) -> None:
    """Send an equal batch three times at once: each order is shipped by one of them."""
    desk, used = Dispatcher(shop), key()
    items = [item(await desk.paid({"L3-S": 1})) for _ in range(3)]
    found = await asyncio.gather(*(ship(shop, items, used) for _ in range(3)))
    parcels = {one["fulfillment"]["id"] for each in found for one in each["outcomes"]}

    assert [told(one) for one in found] == [["SHIPPED"] * 3] * 3
    assert (len(parcels), await stock(shop, "L3-S")) == (3, (0, 0))


async def _cut_off(shop: Client, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, ...]:
    """Let the store go away at the third of four orders, and send the same again."""
    desk, used = Dispatcher(shop), key()
    orders = [await desk.paid({"L5-S": 1}) for _ in range(4)]
    items, shipping = [item(one) for one in orders], order_shipping.ship

    async def away(session: WriteSession, ctx: Context, wanted: ShipOrder, id_: int) -> Fulfillment:
        if wanted.number == orders[2]["number"]:
            raise StoreUnavailable("relational")
        return await shipping(session, ctx, wanted, id_)

    with monkeypatch.context() as patched:
        patched.setattr(order_shipping, "ship", away)
        cut = await ship(shop, items, used)
    begun = await stock(shop, "L5-S")
    before = (await shop.ask(STATUS, "mia", key=used))["operationStatus"]["state"]
    end = await ship(shop, items, used)
    await agrees(shop)
    return codes(cut), begun, before, told(end), end["isReplay"], await stock(shop, "L5-S")


@pytest.mark.slow
async def test_batch_that_was_cut_off_goes_on_where_it_stopped(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _three_at_once(shop)
    assert await _cut_off(shop, monkeypatch) == (
        ["STORE_UNAVAILABLE"],
        (3, 2),
        "UNKNOWN",
        ["SHIPPED"] * 4,
        False,
        (1, 0),
    )


@pytest.mark.slow
@pytest.mark.parametrize("shop", ["embedded"], indirect=True)
async def test_twin_whose_items_have_a_new_key_each_time_does_not_know_what_it_did(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "_key", lambda _batch, _place: key())
    *_, end, _, _ = await _cut_off(shop, monkeypatch)

    conflicts = [[("VERSION_CONFLICT", ["items", place, "version"])] for place in "01"]
    assert end == [*conflicts, "SHIPPED", "SHIPPED"]


@pytest.mark.parametrize("shop", ["embedded"], indirect=True)
async def test_batch_whose_time_is_over_is_sent_again_until_it_is_done(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, used = Dispatcher(shop), key()
    items = [item(await desk.paid({"L5-S": 1})) for _ in range(2)]
    with monkeypatch.context() as patched:
        patched.setattr(batches, "BEGIN_WITHIN_SECONDS", -1.0)
        late = await ship(shop, items, used)
    done = await ship(shop, items, used)

    assert codes(late) == ["IDEMPOTENCY_IN_PROGRESS"]
    assert told(done) == ["SHIPPED"] * 2


@pytest.mark.slow
@pytest.mark.parametrize("shop", ["embedded"], indirect=True)
async def test_each_order_of_a_batch_costs_the_same_and_is_shown_for_nothing(
    shop: Client, statements: list[str]
) -> None:
    desk, costs = Dispatcher(shop), list[int]()
    for count, sku in ((1, "L5-S"), (1, "L5-S"), (2, "T-1"), (3, "T-1")):
        items = [item(await desk.paid({sku: 1})) for _ in range(count)]
        statements.clear()
        assert told(await ship(shop, items, key(), "ola")) == ["SHIPPED"] * count
        costs.append(len(statements))

    # The first operation of a kind asks what a process asks once.
    _, one, two, three = costs
    assert two - one == three - two > 0
    assert one - (two - one) < two - one


REFUSALS: list[Refusal] = [
    Invalid("Too many.", ("lines", "0", "quantity")),
    NotFound("order", ("orderId",)),
    Required("Name lines.", ("lines",)),
    LimitExceeded("Too many.", ("lines",)),
    NotAllowed("Not yours."),
    VersionConflict("Order", 7),
    TransitionForbidden("order", "CANCELLED", "shipping"),
    InsufficientStock(5, 2, 1, ("lines",)),
]


def test_refusal_that_was_kept_is_told_as_it_was() -> None:
    kept = [orjson.loads(orjson.dumps(Refused.of(one).plain())) for one in REFUSALS]
    read = [Refused.read(one).refusal() for one in kept]

    assert [(type(one), vars(one), str(one)) for one in read] == [
        (type(one), vars(one), str(one)) for one in REFUSALS
    ]

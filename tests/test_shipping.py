"""Shipping: in parts, by several merchants, and never more than was ordered."""

import asyncio
from typing import Any

from jobs.verify import verify
from tests.buying import ADDRESS, Buyer, stock
from tests.shipping import (
    CALL_BACK,
    COMPLETE,
    CORRECT,
    DELIVER,
    EDIT,
    Dispatcher,
    codes,
    kinds,
)
from tests.shopping import Client

PARTS = {"L2-S": 2, "L4-S": 3, "L3-S": 1}


async def agrees(shop: Client) -> None:
    """Fail unless all books agree."""
    assert (await verify(shop.mall)).differences == []


async def test_each_merchant_ships_its_own_lines_in_parts_and_the_shopper_completes(
    shop: Client,
) -> None:
    desk = Dispatcher(shop)
    unpaid = await Buyer(shop).buy({"L6-S": 1})
    too_early = await desk.ship(await desk.order(unpaid["number"]))
    order = await desk.paid(PARTS)
    number = order["number"]
    for_mia = await desk.order(number, "mia")
    refused = [
        await desk.ship(order),
        await desk.ship(order, "mia", {"L2-S": 1}),
        await desk.ship(order, "moe", {"L2-S": 3}),
        await desk.ship(order, "moe", {"L2-S": 0}),
        await desk.ship(order, "moe", {}),
        await desk.ship({**order, "version": 1}, "moe"),
        await desk.ship(order, "ola", {"L2-S": 1, "L3-S": 1}),
    ]
    first = await desk.ship(order, "moe", {"L2-S": 1, "L4-S": 3}, "k")
    again = await desk.ship(order, "moe", {"L2-S": 1, "L4-S": 3}, "k")
    seen = await desk.order(number)
    by_mia = await desk.ship(seen, "mia")
    twice = await desk.ship(await desk.order(number), "mia")
    last = await desk.ship(await desk.order(number), "ola")
    shipped = await desk.order(number)
    by_others = [await desk.order(number, who) for who in ("mia", "moe")]
    early = await desk.send(COMPLETE, "moe", shipped["version"], {"orderId": order["id"]})
    done = await desk.send(COMPLETE, "ann", shipped["version"], {"orderId": order["id"]})
    end = await desk.order(number)

    assert codes(too_early) == ["TRANSITION_FORBIDDEN"]
    assert order["allowedTransitions"] == ["CANCELLED"]
    assert for_mia["allowedTransitions"] == ["PARTIALLY_SHIPPED"]
    assert [codes(one)[0] for one in refused] == [
        "REQUIRED",
        "NOT_FOUND",
        "INVALID",
        "INVALID",
        "REQUIRED",
        "VERSION_CONFLICT",
        "INVALID",
    ]
    assert refused[5]["userErrors"][0]["details"]["current"] == {"id": order["id"]}
    assert (first["isReplay"], again["isReplay"]) == (False, True)
    assert first["fulfillment"] == again["fulfillment"]
    assert first["fulfillment"]["lines"] == [
        {"quantity": 1, "line": {"sku": "L2-S", "shippedQuantity": 1}},
        {"quantity": 3, "line": {"sku": "L4-S", "shippedQuantity": 3}},
    ]
    assert first["order"]["status"] == "PARTIALLY_SHIPPED"
    assert codes(by_mia) == []
    assert codes(twice) == ["INVALID"]
    assert last["fulfillment"]["lines"] == [
        {"quantity": 1, "line": {"sku": "L2-S", "shippedQuantity": 2}}
    ]
    assert shipped["status"] == "SHIPPED"
    assert shipped["allowedTransitions"] == ["COMPLETED"]
    assert [len(one["fulfillments"]) for one in (shipped, *by_others)] == [3, 1, 2]
    assert [one["merchant"]["name"] for one in by_others[0]["fulfillments"]] == ["Harbour"]
    assert codes(early) == ["NOT_FOUND"]
    assert done["order"]["status"] == end["status"] == "COMPLETED"
    assert [one["status"] for one in end["fulfillments"]] == ["DELIVERED"] * 3
    assert kinds(end) == [
        "PENDING_PAYMENT",
        "PAID",
        "FULFILLMENT_CHANGED",
        "PARTIALLY_SHIPPED",
        "FULFILLMENT_CHANGED",
        "FULFILLMENT_CHANGED",
        "SHIPPED",
        *["FULFILLMENT_CHANGED"] * 3,
        "COMPLETED",
    ]
    assert [one["sequence"] for one in end["events"]] == [str(n) for n in range(1, 12)]
    # Nothing is kept any more; of four lamps L4 one is left.
    assert [await stock(shop, sku) for sku in PARTS] == [(0, 0), (1, 0), (2, 0)]
    await agrees(shop)


async def test_parcel_is_corrected_arrives_or_comes_back_and_is_shipped_again(
    shop: Client,
) -> None:
    desk = Dispatcher(shop)
    order = await desk.paid({"L5-S": 4})
    number = order["number"]
    one = (await desk.ship(order, "mia", {"L5-S": 3}))["fulfillment"]
    id_ = {"fulfillmentId": one["id"]}
    corrected = await desk.send(CORRECT, "mia", 1, {**id_, "carrier": None, "trackingNumber": "2"})
    foreign = await desk.send(CORRECT, "moe", 2, {**id_, "carrier": "Mine"})
    nothing = await desk.send(CORRECT, "mia", 2, id_)
    stale = await desk.send(CORRECT, "mia", 1, {**id_, "carrier": "Late"})
    why = {"reason": "The address is wrong."}
    back = await desk.send(CALL_BACK, "mia", 2, {**id_, **why, "isRestocked": True}, "k")
    replay = await desk.send(CALL_BACK, "mia", 2, {**id_, **why, "isRestocked": True}, "k")
    at_home = await stock(shop, "L5-S")
    twice = await desk.send(CALL_BACK, "mia", 3, {**id_, **why, "isRestocked": True})
    gone = await desk.send(DELIVER, "mia", 3, id_)
    again = (await desk.ship(await desk.order(number), "mia", {"L5-S": 3}))["fulfillment"]
    lost_id = {"fulfillmentId": again["id"]}
    lost = await desk.send(CALL_BACK, "mia", 1, {**lost_id, **why, "isRestocked": False})
    after_loss = await stock(shop, "L5-S")
    await agrees(shop)
    # One is kept and one is free: three are too many, two are not.
    short = await desk.ship(await desk.order(number), "mia", {"L5-S": 3})
    some = await desk.ship(await desk.order(number), "mia", {"L5-S": 2})
    future = {"deliveredAt": "2999-01-01T00:00:00Z"}
    some_id = {"fulfillmentId": some["fulfillment"]["id"]}
    too_soon = await desk.send(DELIVER, "mia", 1, {**some_id, **future})
    arrived = await desk.send(DELIVER, "mia", 1, some_id)
    end = await desk.order(number)

    assert [
        corrected["fulfillment"][name] for name in ("carrier", "trackingNumber", "version")
    ] == [
        None,
        "2",
        2,
    ]
    assert [codes(one)[0] for one in (foreign, nothing, stale)] == [
        "NOT_FOUND",
        "REQUIRED",
        "VERSION_CONFLICT",
    ]
    assert stale["userErrors"][0]["details"]["current"] == {"id": one["id"]}
    assert (back["order"]["status"], replay["isReplay"], at_home) == ("PAID", True, (5, 4))
    assert [codes(one)[0] for one in (twice, gone)] == ["TRANSITION_FORBIDDEN"] * 2
    assert (lost["order"]["status"], after_loss) == ("PAID", (2, 1))
    assert codes(short) == ["INSUFFICIENT_STOCK"]
    assert short["userErrors"][0]["details"] == {"requested": 2, "available": 1}
    assert codes(too_soon) == ["INVALID"]
    assert arrived["fulfillment"]["status"] == "DELIVERED"
    assert (end["status"], await stock(shop, "L5-S")) == ("PARTIALLY_SHIPPED", (0, 0))
    assert [one["note"] for one in end["events"] if one["note"]] == [why["reason"]] * 2
    await agrees(shop)


async def test_order_whose_parcel_was_lost_gives_back_only_what_is_kept_for_it(
    shop: Client,
) -> None:
    desk = Dispatcher(shop)
    order = await desk.paid({"L5-S": 4})
    parcel = (await desk.ship(order, "mia", {"L5-S": 3}))["fulfillment"]
    lost = {"fulfillmentId": parcel["id"], "reason": "Lost.", "isRestocked": False}
    await desk.send(CALL_BACK, "mia", 1, lost)
    before = await stock(shop, "L5-S")
    cancelled = await Buyer(shop).cancel(await desk.order(order["number"]))

    assert (codes(cancelled), cancelled["order"]["status"]) == ([], "CANCELLED")
    assert (before, await stock(shop, "L5-S")) == ((2, 1), (2, 0))
    await agrees(shop)


async def test_staff_changes_the_address_until_something_is_shipped_and_adds_notes(
    shop: Client,
) -> None:
    desk = Dispatcher(shop)
    order = await desk.paid({"L3-S": 2})
    number, id_ = order["number"], {"orderId": order["id"]}
    moved = {**id_, "shippingAddress": {**ADDRESS, "city": "Kiel"}, "staffNote": "She called."}
    shared = await desk.paid({"L3-S": 1, "L2-S": 1})
    refused = [
        await desk.send(EDIT, "mia", 1, moved),
        await desk.send(EDIT, "mia", order["version"], id_),
        await desk.send(EDIT, "mia", order["version"], {**id_, "staffNote": " "}),
        await desk.send(EDIT, "moe", order["version"], moved),
        await desk.send(EDIT, "mia", shared["version"], {**moved, "orderId": shared["id"]}),
    ]
    edited = await desk.send(EDIT, "mia", order["version"], moved)
    await desk.ship(await desk.order(number), "mia", {"L3-S": 1})
    seen = await desk.order(number)
    too_late = await desk.send(EDIT, "mia", seen["version"], moved)
    noted = await desk.send(EDIT, "ola", seen["version"], {**id_, "staffNote": "Fragile."})

    assert [codes(one)[0] for one in refused] == [
        "VERSION_CONFLICT",
        "REQUIRED",
        "INVALID",
        "NOT_FOUND",
        "FORBIDDEN",
    ]
    assert edited["order"]["shippingAddress"] == {"city": "Kiel"}
    assert codes(too_late) == ["TRANSITION_FORBIDDEN"]
    assert codes(noted) == []
    told = kinds(await desk.order(number, "mia"))
    assert told == [
        "PENDING_PAYMENT",
        "PAID",
        "EDITED",
        "NOTE_ADDED",
        "FULFILLMENT_CHANGED",
        "PARTIALLY_SHIPPED",
        "NOTE_ADDED",
    ]
    # Notes are for staff.
    assert kinds(await desk.order(number)) == [kind for kind in told if kind != "NOTE_ADDED"]
    await agrees(shop)


async def _crowd(shop: Client, order: dict[str, Any]) -> list[str]:
    """Let ten ship the same two of three units at once, each at the version of the moment."""
    desk = Dispatcher(shop)

    async def one() -> str:
        seen = await desk.order(order["number"])
        payload = await desk.ship(seen, "mia", {"L5-S": 2})
        return "".join(codes(payload)) or "done"

    return sorted(await asyncio.gather(*(one() for _ in range(10))))


async def test_of_ten_who_ship_at_once_none_ships_more_than_was_ordered(shop: Client) -> None:
    desk = Dispatcher(shop)
    order = await desk.paid({"L5-S": 3})
    told = await _crowd(shop, order)
    end = await desk.order(order["number"])

    assert told.count("done") == 1
    assert [line["shippedQuantity"] for line in end["lines"]] == [2]
    assert await stock(shop, "L5-S") == (3, 1)
    await agrees(shop)

"""Receipt counts as confirmed some days after delivery: by the shop itself, and once."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from jobs import receipts
from jobs.verify import verify
from stores import order_lists
from stores.ids import utc_now
from stores.shop import shops
from tests.shipping import CALL_BACK, COMPLETE, DELIVER, Dispatcher, codes, kinds
from tests.shopping import Client
from tests.test_payments import later
from tests.test_shipping import agrees

DAYS = 14
ACTORS = "query ($n: String!) { order(number: $n) { events { toStatus actor { id } } } }"


async def _status(shop: Client, number: str) -> str:
    status: str = (await Dispatcher(shop).order(number))["status"]
    return status


@pytest.mark.slow
async def test_orders_whose_parcels_arrived_or_left_long_ago_are_completed_by_nobody_once(
    shop: Client,
) -> None:
    desk = Dispatcher(shop)
    sent, delivered, part, lost = [
        await desk.paid(wanted) for wanted in ({"L5-S": 1}, {"L3-S": 1}, {"L4-S": 2}, {"T-1": 1})
    ]
    await desk.ship(sent)
    parcel = (await desk.ship(delivered))["fulfillment"]["id"]
    await desk.ship(part, units={"L4-S": 1})
    gone = (await desk.ship(lost))["fulfillment"]["id"]
    back = {"fulfillmentId": gone, "reason": "Wrong street.", "isRestocked": True}
    await desk.send(CALL_BACK, "ola", 1, back)
    # Ten days later the one arrives, and the other is sent again.
    arrived = (utc_now() + timedelta(days=10)).isoformat()
    mall = shop.mall
    clock, mall.clock = mall.clock, later(shop, days=10, minutes=1).clock
    deliver = {"fulfillmentId": parcel, "deliveredAt": arrived}
    assert codes(await desk.send(DELIVER, "ola", 1, deliver)) == []
    assert codes(await desk.ship(await desk.order(lost["number"]))) == []
    mall.clock = clock
    numbers = [one["number"] for one in (sent, delivered, part, lost)]
    told = []
    for days in (DAYS - 1, DAYS + 1, DAYS + 9, DAYS + 11, DAYS + 11):
        count = await receipts.confirm(later(shop, days=days))
        told.append((count, [await _status(shop, number) for number in numbers]))
    end = await desk.order(sent["number"])
    actors = (await shop.ask(ACTORS, "ola", n=sent["number"]))["order"]["events"]

    rest = ["PARTIALLY_SHIPPED"]
    assert told == [
        (0, ["SHIPPED", "SHIPPED", *rest, "SHIPPED"]),
        (1, ["COMPLETED", "SHIPPED", *rest, "SHIPPED"]),
        (0, ["COMPLETED", "SHIPPED", *rest, "SHIPPED"]),
        (2, ["COMPLETED", "COMPLETED", *rest, "COMPLETED"]),
        (0, ["COMPLETED", "COMPLETED", *rest, "COMPLETED"]),
    ]
    assert kinds(end)[-3:] == ["SHIPPED", "FULFILLMENT_CHANGED", "COMPLETED"]
    assert [one["status"] for one in end["fulfillments"]] == ["DELIVERED"]
    assert actors[-1] == {"toStatus": "COMPLETED", "actor": None}
    await agrees(shop)


async def _at_once(shop: Client) -> tuple[int, list[str]]:
    """Let four processes complete an order, and the shopper too; return who did, and how often."""
    desk = Dispatcher(shop)
    order = await desk.paid({"L5-S": 1})
    await desk.ship(order)
    seen = await desk.order(order["number"])
    malls = [later(shop, days=DAYS + 1) for _ in range(4)]
    by_ann = desk.send(COMPLETE, "ann", seen["version"], {"orderId": order["id"]})
    by_ann_task = asyncio.create_task(by_ann)
    counts = await asyncio.gather(*(receipts.confirm(mall) for mall in malls))
    by_shopper = not codes(await by_ann_task)
    return sum(counts) + by_shopper, kinds(await desk.order(order["number"]))


async def test_of_four_processes_and_the_shopper_one_completes_an_order(shop: Client) -> None:
    count, told = await _at_once(shop)

    assert (count, told.count("COMPLETED")) == (1, 1)
    await agrees(shop)


@pytest.mark.slow
@pytest.mark.parametrize("shop", ["embedded"], indirect=True)
async def test_days_are_those_of_the_shop_and_pages_leave_nothing_out(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receipts, "BATCH", 2)
    desk = Dispatcher(shop)
    for _ in range(5):
        await desk.ship(await desk.paid({"L5-S": 1}))
    short = update(shops).values(auto_confirm_days=3)
    await shop.mall.stores.database.transact(lambda session: session.update(short))
    early = await receipts.confirm(later(shop, days=2))

    assert (early, await receipts.confirm(later(shop, days=4))) == (0, 5)


@pytest.mark.parametrize("shop", ["embedded"], indirect=True)
async def test_twin_that_looks_at_no_parcel_completes_what_has_just_left(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrived = order_lists.arrived

    async def at_once(session: Any, _before: Any, *more: Any) -> list[str]:
        return await arrived(session, utc_now() + timedelta(days=99), *more)

    order = await Dispatcher(shop).paid({"L5-S": 1})
    await Dispatcher(shop).ship(order)
    monkeypatch.setattr(order_lists, "arrived", at_once)

    assert await receipts.confirm(shop.mall) == 1
    # No book tells of it: only the clock does.
    assert (await verify(shop.mall)).differences == []

"""A parcel of several things moves as a whole, whichever way it goes."""

from typing import Any

from tests.buying import Buyer, stock
from tests.shipping import APPROVE, ASK, CALL_BACK, RECEIVE, Dispatcher, codes, lines_of
from tests.shopping import Client
from tests.test_payments import agrees

BOUGHT = {"L1-S": 1, "L3-S": 2, "L5-S": 3}


async def _stock(shop: Client) -> list[tuple[int, int]]:
    return [await stock(shop, sku) for sku in BOUGHT]


async def test_parcel_of_several_things_is_called_back_lost_and_sent_back(shop: Client) -> None:
    desk = Dispatcher(shop)
    order = await desk.paid(BOUGHT)
    number, told, seen = order["number"], list[Any](), [await _stock(shop)]

    async def shipped(**units: int) -> dict[str, Any]:
        wanted = {name.replace("_", "-"): some for name, some in units.items()} or None
        parcel = await desk.ship(await desk.order(number), "mia", wanted)
        told.append((codes(parcel), parcel["order"]["status"]))
        seen.append(await _stock(shop))
        return {"fulfillmentId": parcel["fulfillment"]["id"], "reason": "The wrong street."}

    async def called_back(parcel: dict[str, Any], *, is_restocked: bool) -> None:
        back = {**parcel, "isRestocked": is_restocked}
        payload = await desk.send(CALL_BACK, "mia", 1, back)
        told.append((codes(payload), payload["order"]["status"]))
        seen.append(await _stock(shop))

    await called_back(await shipped(L1_S=1, L3_S=1, L5_S=2), is_restocked=True)
    await called_back(await shipped(L3_S=1, L5_S=1), is_restocked=False)
    # What was lost is made up for by what is left on the shelf.
    await shipped()
    asked = {"orderId": order["id"], "reason": "Too bright.", "lines": lines_of(order, BOUGHT)}
    payload = await desk.send(ASK, "ann", (await desk.order(number))["version"], asked)
    back = {"returnId": payload["orderReturns"][0]["id"]}
    await desk.send(APPROVE, "mia", 1, back)
    lines = {"lines": asked["lines"], "restockedLines": asked["lines"]}
    received = await desk.send(RECEIVE, "mia", 2, {**back, **lines})
    seen.append(await _stock(shop))

    assert told == [
        ([], "PARTIALLY_SHIPPED"),
        ([], "PAID"),
        ([], "PARTIALLY_SHIPPED"),
        ([], "PAID"),
        ([], "SHIPPED"),
    ]
    assert codes(received) == []
    assert seen == [
        [(1, 1), (3, 2), (5, 3)],
        [(0, 0), (2, 1), (3, 1)],
        [(1, 1), (3, 2), (5, 3)],
        [(1, 1), (2, 1), (4, 2)],
        [(1, 1), (2, 1), (4, 2)],
        [(0, 0), (0, 0), (1, 0)],
        [(1, 0), (2, 0), (4, 0)],
    ]
    await agrees(shop)


async def test_order_of_which_a_whole_line_was_lost_gives_the_others_back(shop: Client) -> None:
    desk = Dispatcher(shop)
    order = await desk.paid({"L1-S": 1, "L3-S": 2})
    parcel = (await desk.ship(order, "mia", {"L1-S": 1}))["fulfillment"]
    lost = {"fulfillmentId": parcel["id"], "reason": "Lost.", "isRestocked": False}
    await desk.send(CALL_BACK, "mia", 1, lost)
    cancelled = await Buyer(shop).cancel(await desk.order(order["number"]))

    assert (codes(cancelled), cancelled["order"]["status"]) == ([], "CANCELLED")
    assert await _stock(shop) == [(0, 0), (3, 0), (5, 0)]
    await agrees(shop)

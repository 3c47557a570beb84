"""Returns: asked for, decided, taken in once, and paid back as it was bought."""

import asyncio
from typing import Any

import pytest

from resolvers import order_returns
from stores import order_line_counts
from stores import order_returns as stored
from stores.order_line_counts import Count
from tests.buying import stock
from tests.paying import Payer, cards_of, euros, news, request_of
from tests.shipping import (
    APPROVE,
    ASK,
    CALL_BACK,
    RECEIVE,
    REJECT,
    Dispatcher,
    codes,
    kinds,
    lines_of,
)
from tests.shopping import Client
from tests.test_payments import sums
from tests.test_shipping import agrees

WHY = {"reason": "Too bright."}


async def _sent(desk: Dispatcher) -> dict[str, Any]:
    """Buy of two merchants, and ship all of one and a part of the other."""
    order = await desk.paid({"L4-S": 2, "L3-S": 3})
    await desk.ship(order, "moe")
    await desk.ship(await desk.order(order["number"]), "mia", {"L3-S": 2})
    return await desk.order(order["number"])


async def test_goods_of_two_merchants_come_back_by_a_return_each(shop: Client) -> None:
    desk = Dispatcher(shop)
    unsent = await desk.paid({"L2-S": 1}, "moe")
    unsent_lines = lines_of(unsent, {"L2-S": 1})
    early_input = {"orderId": unsent["id"], **WHY, "lines": unsent_lines}
    early = await desk.send(ASK, "moe", unsent["version"], early_input)
    seen = await _sent(desk)
    wanted = {"orderId": seen["id"], **WHY, "lines": lines_of(seen, {"L4-S": 1, "L3-S": 2})}
    too_many = {**wanted, "lines": lines_of(seen, {"L3-S": 3})}
    refused = [
        await desk.send(ASK, "moe", seen["version"], wanted),
        await desk.send(ASK, "ann", 1, wanted),
        await desk.send(ASK, "ann", seen["version"], {**wanted, "lines": []}),
        await desk.send(ASK, "ann", seen["version"], too_many),
    ]
    first, again = [await desk.send(ASK, "ann", seen["version"], wanted, "k") for _ in range(2)]
    hill, harbour = first["orderReturns"]
    of_hill = {"returnId": hill["id"]}
    foreign = await desk.send(APPROVE, "mia", 1, of_hill)
    parcel = next(p for p in seen["fulfillments"] if p["merchant"]["name"] == "Hill")
    called = {"fulfillmentId": parcel["id"], "reason": "Lost", "isRestocked": True}
    busy = await desk.send(CALL_BACK, "moe", 1, called)
    rejected = await desk.send(REJECT, "moe", 1, {**of_hill, "note": "It was lit."})
    late = await desk.send(APPROVE, "moe", 2, of_hill)
    by_mia = await desk.order(seen["number"], "mia")
    asked_again = await desk.order(seen["number"])
    once_more = await desk.send(
        ASK, "ann", asked_again["version"], {**wanted, "lines": lines_of(seen, {"L4-S": 1})}
    )

    assert codes(early) == ["TRANSITION_FORBIDDEN"]
    assert [codes(one)[0] for one in refused] == [
        "NOT_FOUND",
        "VERSION_CONFLICT",
        "REQUIRED",
        "INVALID",
    ]
    assert (first["isReplay"], again["isReplay"]) == (False, True)
    assert first["orderReturns"] == again["orderReturns"]
    assert [one["lines"][0]["line"]["sku"] for one in (hill, harbour)] == ["L4-S", "L3-S"]
    assert [codes(one)[0] for one in (foreign, busy)] == ["NOT_FOUND", "FORBIDDEN"]
    told = rejected["orderReturn"]
    assert (told["status"], told["note"]) == ("REJECTED", "It was lit.")
    assert codes(late) == ["TRANSITION_FORBIDDEN"]
    assert [one["merchant"]["name"] for one in by_mia["returns"]] == ["Harbour"]
    # The parcel of another merchant, its return and what became of that are not told.
    assert len(by_mia["events"]) == len(asked_again["events"]) - 3
    assert codes(once_more) == []
    await agrees(shop)


async def test_goods_are_taken_in_once_and_paid_back_as_they_were_bought(shop: Client) -> None:
    desk = Dispatcher(shop)
    seen = await _sent(desk)
    number = seen["number"]
    wanted = {"orderId": seen["id"], **WHY, "lines": lines_of(seen, {"L3-S": 2})}
    asked = await desk.send(ASK, "ann", seen["version"], wanted)
    of_it = {"returnId": asked["orderReturns"][0]["id"]}
    one = lines_of(seen, {"L3-S": 1})
    came = {**of_it, "lines": one, "restockedLines": one}
    too_early = await desk.send(RECEIVE, "mia", 1, came)
    approved = await desk.send(APPROVE, "mia", 1, {**of_it, "note": "Quay 7."})
    three = lines_of(seen, {"L3-S": 2})
    wrong = [
        await desk.send(RECEIVE, "mia", 1, came),
        await desk.send(RECEIVE, "mia", 2, {**came, "lines": lines_of(seen, {"L4-S": 1})}),
        await desk.send(RECEIVE, "mia", 2, {**came, "restockedLines": three}),
        await desk.send(RECEIVE, "mia", 2, {**came, "refundAmount": euros("3.50")}),
        await desk.send(RECEIVE, "ola", 2, {**came, "refundAmount": euros("90.00")}),
    ]
    before = await stock(shop, "L3-S")
    paid = {**came, "refundAmount": euros("3.50")}
    received, replay = [await desk.send(RECEIVE, "ola", 2, paid, "r") for _ in range(2)]
    twice = await desk.send(RECEIVE, "ola", received["orderReturn"]["version"], came)
    end = await desk.order(number)

    assert codes(too_early) == ["TRANSITION_FORBIDDEN"]
    assert approved["orderReturn"]["status"] == "APPROVED"
    assert [codes(one)[0] for one in wrong] == [
        "VERSION_CONFLICT",
        "NOT_FOUND",
        "INVALID",
        "FORBIDDEN",
        "AMOUNT_EXCEEDED",
    ]
    # 3.50 hold 19 % of tax: 0.56.
    assert received["orderReturn"]["refund"] == {
        "status": "SUCCEEDED",
        "amount": {"amount": "3.50"},
        "tax": {"amount": "0.56"},
    }
    assert received["orderReturn"]["status"] == "CLOSED"
    assert (replay["isReplay"], replay["orderReturn"]) == (True, received["orderReturn"])
    assert codes(twice) == ["TRANSITION_FORBIDDEN"]
    assert (before, await stock(shop, "L3-S")) == ((1, 1), (2, 1))
    counts = ("shippedQuantity", "returnedQuantity", "refundableQuantity")
    lines = {line["sku"]: [line[name] for name in counts] for line in end["lines"]}
    assert lines == {"L4-S": [2, 0, 2], "L3-S": [2, 1, 2]}
    assert (end["status"], end["paymentStatus"]) == ("PARTIALLY_SHIPPED", "PARTIALLY_REFUNDED")
    assert kinds(end)[-5:] == [*["RETURN_CHANGED"] * 3, "REFUNDED", "RETURN_CHANGED"]
    assert (await sums(shop))["CUSTOMER_BALANCE"] == 350
    await agrees(shop)


async def test_card_money_of_a_return_is_back_when_the_provider_says_so(shop: Client) -> None:
    desk, ann = Dispatcher(shop), Payer(shop)
    async with cards_of(shop):
        order = await ann.buyer.buy({"L5-S": 2})
        paid = await ann.start(order, "CARD")
        await ann.decide(paid)
        await news(shop, request_of(paid), "evt_1")
        seen = await desk.order(order["number"])
        await desk.ship(seen, "mia")
        seen = await desk.order(order["number"])
        wanted = {"orderId": order["id"], **WHY, "lines": lines_of(seen, {"L5-S": 2})}
        asked = await desk.send(ASK, "ann", seen["version"], wanted)
        of_it = {"returnId": asked["orderReturns"][0]["id"]}
        await desk.send(APPROVE, "mia", 1, of_it)
        came = {**of_it, "lines": lines_of(seen, {"L5-S": 2}), "refundAmount": euros("11.00")}
        received = await desk.send(RECEIVE, "mia", 2, came)
    end = await desk.order(order["number"])

    assert codes(received) == []
    assert received["orderReturn"]["status"] == "CLOSED"
    assert received["orderReturn"]["refund"]["status"] == "SUCCEEDED"
    assert (end["status"], end["paymentStatus"]) == ("SHIPPED", "REFUNDED")
    # Nothing was restocked.
    assert await stock(shop, "L5-S") == (3, 0)
    await agrees(shop)


async def test_of_ten_who_ask_at_once_none_sends_more_back_than_was_shipped(shop: Client) -> None:
    desk = Dispatcher(shop)
    order = await desk.paid({"L5-S": 3})
    await desk.ship(order, "mia")

    async def one() -> str:
        seen = await desk.order(order["number"])
        wanted = {"orderId": order["id"], **WHY, "lines": lines_of(order, {"L5-S": 2})}
        payload = await desk.send(ASK, "ann", seen["version"], wanted)
        return "".join(codes(payload)) or "done"

    told = await asyncio.gather(*(one() for _ in range(10)))
    end = await desk.order(order["number"])

    assert told.count("done") == len(end["returns"]) == 1
    await agrees(shop)


async def _ten_take_in(shop: Client, **more: Any) -> tuple[list[str], dict[str, Any]]:
    """Let ten people take the same return in at once; return what each was told, and the order."""
    desk = Dispatcher(shop)
    order = await desk.paid({"L5-S": 3})
    await desk.ship(order, "mia")
    seen = await desk.order(order["number"])
    lines = lines_of(seen, {"L5-S": 1})
    wanted = {"orderId": order["id"], **WHY, "lines": lines}
    asked = await desk.send(ASK, "ann", seen["version"], wanted)
    of_it = {"returnId": asked["orderReturns"][0]["id"]}
    await desk.send(APPROVE, "mia", 1, of_it)
    came = {**of_it, "lines": lines, **more}
    told = await asyncio.gather(*(desk.send(RECEIVE, "mia", 2, came) for _ in range(10)))
    return ["".join(codes(one)) or "done" for one in told], await desk.order(order["number"])


async def test_of_ten_who_take_a_return_in_at_once_one_does(shop: Client) -> None:
    before = (await stock(shop, "L5-S"))[0]
    told, end = await _ten_take_in(shop, refundAmount=euros("5.50"))

    assert sorted(told) == [*["VERSION_CONFLICT"] * 9, "done"]
    assert [one["returnedQuantity"] for one in end["lines"]] == [1]
    assert end["refunded"] == {"amount": "5.50"}
    assert (await stock(shop, "L5-S"))[0] == before - 3
    await agrees(shop)


@pytest.mark.parametrize("shop", ["embedded"], indirect=True)
async def test_twin_that_looks_at_no_version_takes_a_return_in_by_everybody(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def newest(session: Any, ctx: Any, id_: int, _version: int) -> Any:
        row = (await stored.by_ids(session, [id_]))[id_]
        return await order_returns.decided(session, ctx, id_, row.version)

    count = order_line_counts.count

    async def uncounted(session: Any, how: Count, units: Any) -> bool:
        return how in {Count.TAKE_BACK, Count.LET_STAY} or await count(session, how, units)

    monkeypatch.setattr("resolvers.return_receiving.decided", newest)
    monkeypatch.setattr("resolvers.return_receiving.check_step", lambda *_told: None)
    monkeypatch.setattr("stores.order_line_counts.count", uncounted)
    told, _ = await _ten_take_in(shop)
    assert told == ["done"] * 10

"""The money of returns: tried again where it was refused, and never to a balance of nobody."""

import asyncio
from typing import Any

import pytest

from jobs import payments as jobs
from resolvers import payment_refunds
from tests.buying import key
from tests.paying import REFUND, Payer, cards_of, euros
from tests.shipping import APPROVE, ASK, COMPLETE, RECEIVE, Dispatcher, codes, lines_of
from tests.shopping import Client
from tests.test_payments import later
from tests.test_shipping import agrees
from tests.user_writing import send

#: The sandbox gives no such amount back.
NEVER = euros("6.66")


async def _by_card(shop: Client) -> dict[str, Any]:
    """Buy lamps for 11.00 by card, and let them arrive; return the order as it is then."""
    payer = Payer(shop)
    order = await payer.buyer.buy({"L5-S": 2})
    await payer.decide(await payer.start(order, "CARD"))
    await _pursued(shop)
    desk = Dispatcher(shop)
    await desk.ship(await desk.order(order["number"]))
    return await desk.order(order["number"])


async def _pursued(shop: Client) -> None:
    for _ in range(3):
        await jobs.go_on(later(shop, hours=1))


async def _return(shop: Client, order: dict[str, Any]) -> dict[str, Any]:
    """Ask to send both back and let it be; return what taking them in needs."""
    desk, lines = Dispatcher(shop), lines_of(order, {"L5-S": 2})
    told = {"orderId": order["id"], "reason": "No.", "lines": lines}
    (made,) = (await desk.send(ASK, "ann", order["version"], told))["orderReturns"]
    await desk.send(APPROVE, "ola", 1, {"returnId": made["id"]})
    return {"returnId": made["id"], "lines": lines}


@pytest.mark.slow
async def test_money_that_the_provider_refused_is_tried_again_under_a_new_key(
    shop: Client,
) -> None:
    async with cards_of(shop):
        order = await _by_card(shop)
        desk, wanted, used = Dispatcher(shop), await _return(shop, order), key()
        restocked = {**wanted, "restockedLines": lines_of(order, {"L5-S": 1})}
        refused = await desk.send(RECEIVE, "ola", 2, {**restocked, "refundAmount": NEVER}, used)
        await _pursued(shop)
        kept = (await desk.order(order["number"]))["returns"][0]
        again = {**wanted, "refundAmount": euros("6.65")}
        fewer = {**again, "lines": lines_of(order, {"L5-S": 1})}
        no_more = [
            await desk.send(RECEIVE, "ola", kept["version"], wanted),
            await desk.send(RECEIVE, "ola", kept["version"], fewer),
            await desk.send(RECEIVE, "ola", kept["version"], {**again, "restockedLines": []}),
            await desk.send(RECEIVE, "moe", kept["version"], again),
            await desk.send(RECEIVE, "ola", 2, again),
        ]
        done = await desk.send(RECEIVE, "ola", kept["version"], again)
        await _pursued(shop)
        end = await desk.order(order["number"])
        late = await desk.send(RECEIVE, "ola", end["returns"][0]["version"], again)

    assert (refused["orderReturn"]["status"], kept["status"]) == ("RECEIVED", "RECEIVED")
    assert [codes(one)[0] for one in no_more] == [
        "TRANSITION_FORBIDDEN",
        "INVALID",
        "INVALID",
        "NOT_FOUND",
        "VERSION_CONFLICT",
    ]
    assert codes(done) == []
    assert end["returns"][0]["status"] == "CLOSED"
    assert end["refunded"]["amount"] == "6.65"
    assert [line["returnedQuantity"] for line in end["lines"]] == [2]
    assert codes(late) == ["TRANSITION_FORBIDDEN"]
    await agrees(shop)


@pytest.mark.parametrize("shop", ["embedded"], indirect=True)
async def test_money_that_may_be_on_its_way_is_not_sent_a_second_time(shop: Client) -> None:
    async with cards_of(shop) as provider:
        order = await _by_card(shop)
        desk, wanted = Dispatcher(shop), await _return(shop, order)
        half = {**wanted, "refundAmount": euros("5.50")}
        provider.app.state.manners.lost = 1.0
        first = await desk.send(RECEIVE, "ola", 2, half)
        version = (await desk.order(order["number"]))["returns"][0]["version"]
        second = await desk.send(RECEIVE, "ola", version, half)
        provider.app.state.manners.lost = 0.0
        await _pursued(shop)
        end = await desk.order(order["number"])

    assert [codes(first), codes(second)] == [["PAYMENT_PENDING"], ["TRANSITION_FORBIDDEN"]]
    assert (end["returns"][0]["status"], end["refunded"]["amount"]) == ("CLOSED", "5.50")
    await agrees(shop)


async def test_goods_that_were_taken_in_are_paid_back_later_and_once(shop: Client) -> None:
    desk = Dispatcher(shop)
    order = await desk.paid({"L5-S": 2})
    await desk.ship(order)
    wanted = await _return(shop, await desk.order(order["number"]))
    taken = await desk.send(RECEIVE, "ola", 2, wanted)
    version, later = taken["orderReturn"]["version"], {**wanted, "refundAmount": euros("11.00")}
    both = await asyncio.gather(*(desk.send(RECEIVE, "ola", version, later) for _ in range(2)))
    end = await desk.order(order["number"])

    assert sorted(codes(one) for one in both) == [[], ["VERSION_CONFLICT"]]
    assert (end["returns"][0]["status"], end["refunded"]["amount"]) == ("CLOSED", "11.00")
    await agrees(shop)


async def _after_the_erasure(shop: Client) -> tuple[list[str], str]:
    """Give money back to somebody who paid from her balance and was erased since."""
    desk = Dispatcher(shop)
    order = await desk.paid({"L5-S": 1})
    await desk.ship(order)
    seen = await desk.order(order["number"])
    await desk.send(COMPLETE, "ann", seen["version"], {"orderId": order["id"]})
    me = (await shop.ask("{ me { id version } }", "ann"))["me"]
    told = {"userId": me["id"], "reason": "She asked."}
    erased = await send(shop, "eraseCustomer", key(), "ola", me["version"], **told)
    assert erased["userErrors"] == [], erased
    (payment,) = (await Payer(shop, "ola").order(order["number"]))["payments"]
    back = {"paymentId": payment["id"], "amount": euros("5.50"), "reason": "Broken."}
    refund = await desk.send(REFUND, "ola", payment["version"], back)
    (payment,) = (await Payer(shop, "ola").order(order["number"]))["payments"]
    return codes(refund), payment["refundedAmount"]["amount"]


@pytest.mark.parametrize("shop", ["embedded"], indirect=True)
async def test_no_money_goes_to_the_balance_of_somebody_who_was_erased(shop: Client) -> None:
    assert await _after_the_erasure(shop) == (["FORBIDDEN"], "0.00")
    await agrees(shop)


@pytest.mark.parametrize("shop", ["embedded"], indirect=True)
async def test_twin_that_asks_for_no_owner_of_a_balance_lets_money_vanish(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def anybody(*_: object) -> None:
        """Take it for granted."""

    monkeypatch.setattr(payment_refunds, "_check_owner", anybody)

    assert await _after_the_erasure(shop) == ([], "5.50")

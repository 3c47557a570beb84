"""Money of one order that several want back, or take, in the same moment."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from jobs import payments as payment_jobs
from resolvers import payment_calls, payment_outcomes
from stores import payments
from stores.audit import audit_entries
from stores.card_provider import ProviderState, Told
from stores.payments import Awaited, Payment
from stores.sql import WriteSession
from tests.buying import key
from tests.eventually import eventually
from tests.paying import CAPTURE, REFUND, Payer, cards_of, euros, news, request_of
from tests.shipping import ASK, COMPLETE, Dispatcher, lines_of
from tests.shopping import Client
from tests.test_accounts import paid_in
from tests.test_payments import agrees, codes, later, sums

WHY = {"reason": "Broken"}


async def _by_card(ann: Payer, order: dict[str, Any], event: str, **more: Any) -> dict[str, Any]:
    begun = await ann.start(order, "CARD", **more)
    await ann.decide(begun)
    await news(ann.shop, request_of(begun), event)
    return begun


async def _back(ann: Payer, payment: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    input_ = {**wanted, "paymentId": payment["id"]}
    return await ann.send(REFUND, key(), input_, "ola", version=payment["version"])


def _rest(payment: dict[str, Any]) -> dict[str, Any]:
    came, went = (Decimal(payment[name]["amount"]) for name in ("capturedAmount", "refundedAmount"))
    return {**WHY, "amount": euros(f"{came - went:.2f}")}


@pytest.mark.slow
async def test_units_go_back_once_though_two_payments_paid_for_them(shop: Client) -> None:
    ann = Payer(shop)
    await paid_in(shop, "4.00")
    async with cards_of(shop):
        order = await ann.buyer.buy({"L3-S": 2, "L2-S": 1})
        await ann.start(order, "BALANCE", amount=euros("4.00"))
        part = await ann.order(order["number"])
        early = {"paymentId": part["payments"][0]["id"], **WHY, "amount": euros("1.00")}
        version = part["payments"][0]["version"]
        too_early = await ann.send(REFUND, "early", early, "ola", version=version)
        await _by_card(ann, part, "evt_1")
        paid = await ann.order(order["number"])
        lamps = next(one for one in paid["lines"] if one["quantity"] == 2)
        lines = [{"orderLineId": lamps["id"], "quantity": 2}]
        wanted = {**WHY, "amount": euros("3.50"), "lines": lines}
        both = await asyncio.gather(*(_back(ann, one, wanted) for one in paid["payments"]))
        now = await ann.order(order["number"])
        await asyncio.gather(*(_back(ann, one, _rest(one)) for one in now["payments"]))
        end = await ann.order(order["number"])

    assert codes(too_early) == ["TRANSITION_FORBIDDEN"]
    assert sorted(codes(one) for one in both) == [[], ["INVALID"]]
    assert (end["paymentStatus"], end["refunded"]) == ("REFUNDED", {"amount": "9.50"})
    # All of the tax went back, and not a cent more.
    assert await sums(shop) == {
        "CUSTOMER_BALANCE": 400,
        "PROVIDER_CLEARING": -400,
        "REVENUE": 798,
        "REFUND_EXPENSE": -798,
    }
    await agrees(shop)


async def test_money_that_came_too_late_goes_back_by_hand_without_tax(shop: Client) -> None:
    """The sandbox gives 6.66 never back, so that somebody has to do it in parts."""
    ann = Payer(shop)
    async with cards_of(shop):
        order = await ann.buyer.buy({"L3-S": 2, "L2-S": 1})
        given_up = await ann.start(order, "CARD", amount=euros("6.66"))
        await ann.decide(given_up)
        await ann.start(order, "CARD")
        await news(shop, request_of(given_up), "evt_1")

        async def refused() -> bool:
            await payment_jobs.go_on(shop.mall)
            seen = (await ann.order(order["number"]))["payments"][0]
            return [one["status"] for one in seen["refunds"]] == ["FAILED"]

        await eventually(refused, wanted=True)
        seen = await ann.order(order["number"])
        late = seen["payments"][0]
        wanted = {"paymentId": late["id"], **WHY, "amount": euros("1.00")}
        lines = [{"orderLineId": seen["lines"][0]["id"], "quantity": 1}]
        of_lines = {**wanted, "lines": lines}
        no_line = await ann.send(REFUND, "l", of_lines, "ola", version=late["version"])
        done = await ann.send(REFUND, "d", wanted, "ola", version=late["version"])

    assert codes(no_line) == ["INVALID"]
    assert (codes(done), done["refund"]["tax"]) == ([], {"amount": "0.00"})
    assert await sums(shop) == {"PROVIDER_CLEARING": -566, "REFUND_EXPENSE": 566}
    await agrees(shop)


@pytest.mark.slow
async def test_nothing_is_shipped_or_captured_whose_money_is_on_its_way_back(
    shop: Client,
) -> None:
    ann, desk = Payer(shop), Dispatcher(shop)
    async with cards_of(shop) as provider:
        order = await ann.buyer.buy({"L2-S": 1})
        bought = await _by_card(ann, order, "evt_1")
        paid = await ann.order(order["number"])
        payment = paid["payments"][0]
        provider.app.state.manners.lost = 1.0
        all_of_it = {"paymentId": payment["id"], **WHY, "amount": euros("2.50")}
        begun = await ann.send(REFUND, "r", all_of_it, "ola", version=payment["version"])
        on_its_way = await desk.ship(await desk.order(order["number"]))
        provider.app.state.manners.lost = 0.0
        record = provider.app.state.book.find(request_of(bought))
        record.refunds[0]["amount"] = 249
        await payment_jobs.go_on(later(shop, hours=1))
        unbelieved = (await ann.order(order["number"]))["payments"][0]["refunds"]
        record.refunds[0]["amount"] = 250
        await payment_jobs.go_on(later(shop, hours=2))
        back = await desk.order(order["number"])
        after = await desk.ship(back)
        # Kept ready, and given up.
        other = await ann.buyer.buy({"L3-S": 1})
        held = await ann.start(other, "CARD_LATER")
        await ann.decide(held)
        await news(shop, request_of(held), "evt_2")
        await ann.buyer.cancel(await ann.order(other["number"]))
        ready = (await ann.order(other["number"]))["payments"][0]
        input_ = {"paymentId": ready["id"]}
        capture = await ann.send(CAPTURE, "c", input_, "ola", version=ready["version"])
        for _ in range(2):
            await payment_jobs.go_on(later(shop, hours=3))
        end = (await ann.order(other["number"]))["payments"][0]

    assert codes(begun) == ["PAYMENT_PENDING"]
    assert [codes(on_its_way), codes(after)] == [["FORBIDDEN"]] * 2
    assert [one["status"] for one in unbelieved] == ["PENDING"]
    assert back["paymentStatus"] == "REFUNDED"
    # The job may have been there first.
    assert codes(capture)[0] in {"TRANSITION_FORBIDDEN", "VERSION_CONFLICT", "PAYMENT_PENDING"}
    assert (end["status"], end["capturedAmount"]) == ("VOIDED", {"amount": "0.00"})
    await agrees(shop)


async def test_answer_that_comes_late_ends_nothing_that_was_asked_for_since(
    shop: Client,
) -> None:
    ann = Payer(shop)
    async with cards_of(shop):
        order = await ann.buyer.buy({"L3-S": 1})
        held = await ann.start(order, "CARD_LATER")
        await ann.decide(held)
        await news(shop, request_of(held), "evt_1")
        ctx = await shop.mall.operation(None)

        async def ask(session: WriteSession) -> Payment:
            seen = await payments.by_request(session, request_of(held))
            assert seen is not None
            return await payment_calls.intend(session, ctx, seen, Awaited.CAPTURE, 350)

        asked = await shop.mall.stores.database.transact(ask)
        reference, state = asked.provider_reference or "", ProviderState.PENDING
        stale = Told(asked.request_id, reference, state, 0, 0, None, ())
        now = await payment_outcomes.settle(ctx, asked.id, stale, answered=Awaited.START.value)
        await payment_calls.pursue(ctx, now)

    assert now.awaits == Awaited.CAPTURE.value
    assert await ann.status(order["number"]) == ("PAID", "PAID")
    await agrees(shop)


@pytest.mark.slow
async def test_order_that_ends_while_a_payment_begins_has_no_open_payment(shop: Client) -> None:
    ann, numbers = Payer(shop), list[str]()
    async with cards_of(shop):
        for _ in range(3):
            order = await ann.buyer.buy({"L2-S": 1})
            await asyncio.gather(
                ann.start(order, "CARD_LATER"),
                ann.buyer.cancel(order, by="ola"),
                ann.start(order, "CARD_LATER"),
            )
            numbers.append(order["number"])
        await payment_jobs.go_on(later(shop, hours=3))
    ends = [await ann.order(number) for number in numbers]

    assert [one["status"] for one in ends] == ["CANCELLED"] * 3
    assert {pay["status"] for one in ends for pay in one["payments"]} <= {"FAILED", "VOIDED"}
    await agrees(shop)


async def test_log_tells_the_version_that_each_step_left(shop: Client) -> None:
    desk = Dispatcher(shop)
    order = await desk.paid({"L5-S": 1})
    versions = [order["version"]]
    await desk.ship(order, "mia")
    seen = await desk.order(order["number"])
    versions.append(seen["version"])
    wanted = {"orderId": order["id"], **WHY, "lines": lines_of(seen, {"L5-S": 1})}
    await desk.send(COMPLETE, "ann", seen["version"], {"orderId": order["id"]})
    seen = await desk.order(order["number"])
    versions.append(seen["version"])
    await desk.send(ASK, "ann", seen["version"], wanted)
    versions.append((await desk.order(order["number"]))["version"])

    columns = audit_entries.c
    names = "startPayment", "shipOrder", "confirmReceipt", "requestReturn"
    log = select(columns.mutation, columns.version_before, columns.version_after)
    told = log.where(columns.mutation.in_(names)).order_by(columns.id)
    async with shop.mall.stores.database.read(fresh=True) as session:
        found = await session.rows(lambda *row: row, told)
    steps = zip(names, [1, *versions], versions, strict=False)
    assert found == [tuple(one) for one in steps]

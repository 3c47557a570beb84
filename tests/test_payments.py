"""Paying: from the balance, by card, later; and what becomes of money that nobody waits for."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from graph import nodes
from jobs import expiry, payments
from jobs.verify import verify
from resolvers.context import Mall
from stores.card_provider import CardProvider, Charge, Told
from stores.ids import utc_now
from stores.ledger import ledger_entries
from stores.ledger_accounts import ledger_accounts
from stores.reservations import reservations
from stores.webhook_signatures import HEADER
from tests import ledger_books
from tests.buying import key
from tests.paying import CAPTURE, REFUND, VOID, Payer, cards_of, euros, news, request_of
from tests.shopping import Client
from tests.test_accounts import paid_in

STATUS = """query ($mutation: String!, $key: ID!) {
  operationStatus(mutation: $mutation, idempotencyKey: $key) {
    state completedAt object { ... on Payment { status } } } }"""


async def sums(shop: Client) -> dict[str, int]:
    """Return what is in the accounts of each kind, in cents; only those that something is in."""
    found: dict[str, int] = {}
    async with shop.mall.stores.database.read(fresh=True) as session:
        columns = ledger_accounts.c
        rest = func.sum(columns.credits_minor - columns.debits_minor)
        statement = select(columns.kind, rest).group_by(columns.kind)
        for kind, left in await session.rows(lambda *row: row, statement):
            found[kind] = int(left)
    return {kind: left for kind, left in found.items() if left}


async def entries(shop: Client) -> int:
    async with shop.mall.stores.database.read(fresh=True) as session:
        return await session.row(int, select(func.count()).select_from(ledger_entries)) or 0


async def kept(shop: Client, number: str) -> list[str]:
    """Return the states of what is kept for an order."""
    mine = select(reservations.c.state).where(reservations.c.number == number)
    async with shop.mall.stores.database.read(fresh=True) as session:
        return await session.rows(str, mine.distinct())


async def agrees(shop: Client) -> None:
    """Fail unless all books agree."""
    assert await ledger_books.faults(shop.mall.stores.database) == []
    assert (await verify(shop.mall)).differences == []


def later(shop: Client, **time: float) -> Mall:
    """Return the same shop, so much later."""
    mall = Mall(shop.mall.stores, shop.mall.settings, lambda: utc_now() + timedelta(**time))
    mall.ids = shop.mall.ids
    return mall


def codes(payload: dict[str, Any]) -> list[str]:
    return [error["code"] for error in payload["userErrors"]]


async def test_balance_pays_an_order_at_once_and_only_once(shop: Client) -> None:
    ann = Payer(shop)
    order = await ann.buyer.buy({"L2-S": 1})
    poor = await ann.start(order, "BALANCE", "k")
    await paid_in(shop, "10.00")
    refused = [
        await ann.start(order, "BALANCE", version=7),
        await ann.start(order, "GOLD"),
        await ann.start(order, "CARD"),
        await ann.start(order, "BALANCE", amount=euros("2.51")),
        await ann.start(order, "BALANCE", amount=euros("0.00")),
        await ann.start(order, "BALANCE", returnUrl="javascript:alert(1)"),
        await Payer(shop, "moe").start(order, "BALANCE"),
    ]
    part = await ann.start(order, "BALANCE", "part", amount=euros("1.00"))
    first, again = [await ann.start(order, "BALANCE", "k") for _ in range(2)]
    over = await ann.start(await ann.order(order["number"]), "BALANCE")
    shown = await ann.order(order["number"])

    posted = "query ($id: ID!) { payment(id: $id) { events { ledgerTransaction { kind } } } }"
    hidden = await shop.send(posted, "ann", id=first["payment"]["id"])
    told = await shop.ask(posted, "ola", id=first["payment"]["id"])
    assert {one["extensions"]["code"] for one in hidden["errors"]} == {"FORBIDDEN"}
    assert told["payment"] == {"events": [{"ledgerTransaction": {"kind": "PAYMENT"}}]}

    assert codes(poor) == ["INSUFFICIENT_BALANCE"]
    assert [codes(one)[0] for one in refused] == [
        "VERSION_CONFLICT",
        "NOT_FOUND",
        "NOT_FOUND",
        "AMOUNT_EXCEEDED",
        "INVALID",
        "INVALID",
        "NOT_FOUND",
    ]
    assert refused[3]["userErrors"][0]["details"] == {"maximum": {"amount": "2.50"}}
    assert (part["payment"]["status"], part["order"]["status"]) == ("PAID", "PENDING_PAYMENT")
    assert (first["payment"]["amount"], first["order"]["status"]) == ({"amount": "1.50"}, "PAID")
    assert (first["isReplay"], again["isReplay"]) == (False, True)
    assert first["payment"] == again["payment"]
    assert codes(over) == ["TRANSITION_FORBIDDEN"]
    assert (shown["paymentStatus"], shown["paid"], shown["expiresAt"]) == (
        "PAID",
        {"amount": "2.50"},
        None,
    )
    assert shown["paymentMethods"] == []
    assert [one["toStatus"] for one in shown["events"]] == ["PENDING_PAYMENT", "PAID"]
    assert await kept(shop, order["number"]) == ["COMMITTED"]
    # 2.50 hold 19 % of tax: 0.40.
    assert await sums(shop) == {
        "CUSTOMER_BALANCE": 750,
        "PROVIDER_CLEARING": -1_000,
        "REVENUE": 210,
        "TAX_PAYABLE": 40,
    }
    await agrees(shop)


async def test_card_is_charged_once_however_often_and_in_which_order_that_is_told(
    shop: Client,
) -> None:
    ann = Payer(shop)
    async with cards_of(shop):
        order = await ann.buyer.buy({"L2-S": 1, "L3-S": 2})
        methods = (await ann.order(order["number"]))["paymentMethods"]
        declined = await ann.start(order, "CARD")
        await ann.decide(declined, "decline")
        assert await news(shop, request_of(declined), "evt_0") == 200
        failed = await ann.order(order["number"])
        given_up = await ann.start(failed, "CARD")
        # Paid in this moment, before the shop hears of it, or its job lets it go.
        await ann.decide(given_up)
        first = await ann.start(failed, "CARD", "k")
        again = await ann.start(failed, "CARD", "k")
        await ann.decide(first)
        request = request_of(first)
        told = await asyncio.gather(*(news(shop, request, f"evt_{n % 2}") for n in range(6)))
        paid = await ann.order(order["number"])
        # The one that was given up was paid as well: its money goes back.
        await news(shop, request_of(given_up), "evt_9")
        for _ in range(3):
            await payments.go_on(shop.mall)
        at_last = await ann.order(order["number"])

    assert [one["code"] for one in methods] == ["BALANCE", "CARD", "CARD_LATER"]
    assert first["payment"]["status"] == "UNPAID"
    assert first["payment"]["nextAction"]["kind"] == "REDIRECT"
    assert (again["isReplay"], again["payment"]["nextAction"]) == (True, None)
    assert failed["events"][-1]["kind"] == "PAYMENT_FAILED"
    assert failed["payments"][0]["status"] == "FAILED"
    assert told == [200] * 6
    assert (paid["status"], paid["paymentStatus"]) == ("PAID", "PAID")
    assert [one["kind"] for one in paid["payments"][2]["events"]] == [
        "CHARGE_REQUEST",
        "CHARGE_SUCCESS",
    ]
    assert [one["status"] for one in at_last["payments"]] == ["FAILED", "REFUNDED", "PAID"]
    assert (at_last["paid"], at_last["refunded"]) == (paid["paid"], {"amount": "0.00"})
    assert await sums(shop) == {"PROVIDER_CLEARING": -950, "REVENUE": 798, "TAX_PAYABLE": 152}
    await agrees(shop)


@pytest.mark.slow
async def test_money_kept_ready_is_captured_or_let_go_by_whoever_may(shop: Client) -> None:
    ann = Payer(shop)
    async with cards_of(shop):
        order = await ann.buyer.buy({"L3-S": 1})
        held = await ann.start(order, "CARD_LATER")
        await ann.decide(held)
        await news(shop, request_of(held), "evt_1")
        (payment,) = (await ann.order(order["number"]))["payments"]
        status = await ann.status(order["number"])
        input_ = {"paymentId": payment["id"]}
        version = payment["version"]
        wrong = [
            await ann.send(CAPTURE, "a", input_, "moe", version=version),
            await ann.send(CAPTURE, "a", input_, "mia", version=version - 1),
            await ann.send(
                CAPTURE, "a", {**input_, "amount": euros("4.00")}, "mia", version=version
            ),
        ]
        busy = await ann.start(await ann.order(order["number"]), "CARD")
        done = await ann.send(CAPTURE, "a", input_, "mia", version=version)
        again = await ann.send(CAPTURE, "a", input_, "mia", version=version)
        other = await ann.buyer.buy({"L3-S": 1})
        second = await ann.start(other, "CARD_LATER")
        await ann.decide(second)
        await news(shop, request_of(second), "evt_2")
        (kept_ready,) = (await ann.order(other["number"]))["payments"]
        told = {"paymentId": kept_ready["id"]}
        void = await ann.send(VOID, "v", told, "ola", version=kept_ready["version"])
        third = await ann.start(await ann.order(other["number"]), "CARD_LATER")
        await ann.decide(third)
        await news(shop, request_of(third), "evt_3")
        ready = (await ann.order(other["number"]))["payments"][1]
        told = {"paymentId": ready["id"], "amount": euros("1.00")}
        part = await ann.send(CAPTURE, "p", told, "ola", version=ready["version"])
        rest = await ann.order(other["number"])

    assert status == ("PENDING_PAYMENT", "AUTHORIZED")
    assert [codes(one) for one in wrong] == [
        ["NOT_FOUND"],
        ["VERSION_CONFLICT"],
        ["AMOUNT_EXCEEDED"],
    ]
    assert codes(busy) == ["TRANSITION_FORBIDDEN"]
    assert (done["payment"]["status"], done["payment"]["capturedAmount"]) == (
        "PAID",
        {"amount": "3.50"},
    )
    assert (again["isReplay"], again["payment"]) == (True, done["payment"])
    assert await ann.status(order["number"]) == ("PAID", "PAID")
    assert void["payment"]["status"] == "VOIDED"
    assert part["payment"]["capturedAmount"] == {"amount": "1.00"}
    assert (rest["status"], rest["paymentStatus"]) == ("PENDING_PAYMENT", "UNPAID")
    assert rest["paid"] == {"amount": "1.00"}
    await agrees(shop)


@pytest.mark.slow
async def test_never_more_goes_back_than_came_and_tax_goes_back_as_it_was_bought(
    shop: Client,
) -> None:
    ann = Payer(shop)
    async with cards_of(shop):
        order = await ann.buyer.buy({"L2-S": 1, "L3-S": 2})
        started = await ann.start(order, "CARD")
        await ann.decide(started)
        await news(shop, request_of(started), "evt_1")
        (payment,) = (await ann.order(order["number"]))["payments"]
        input_ = {"paymentId": payment["id"], "reason": "Broken", "amount": euros("1.00")}

        async def back(used: str, version: int, **more: Any) -> dict[str, Any]:
            return await ann.send(REFUND, used, {**input_, **more}, "ola", version=version)

        crowd = await asyncio.gather(*(back(f"c{n}", payment["version"]) for n in range(50)))
        won = [one for one in crowd if not codes(one)]
        now = won[0]["payment"]
        shown = await ann.order(order["number"])
        lamp = next(one for one in shown["lines"] if one["quantity"] == 2)
        lines = [{"orderLineId": lamp["id"], "quantity": 1}]
        one_lamp = await back("l", now["version"], amount=euros("3.50"), lines=lines)
        too_many = await back(
            "m",
            one_lamp["payment"]["version"],
            lines=[{"orderLineId": lamp["id"], "quantity": 2}],
        )
        too_much = await back("n", one_lamp["payment"]["version"], amount=euros("5.01"))
        rest = await back("o", one_lamp["payment"]["version"], amount=euros("5.00"))
        replay = await back("o", one_lamp["payment"]["version"], amount=euros("5.00"))
        nothing = await back("p", rest["payment"]["version"])

    assert [codes(one) for one in crowd].count(["VERSION_CONFLICT"]) == 49
    assert won[0]["refund"]["status"] == "SUCCEEDED"
    assert now["status"] == "PARTIALLY_REFUNDED"
    assert one_lamp["refund"]["tax"] == {"amount": "0.56"}
    assert one_lamp["refund"]["lines"] == [{"quantity": 1}]
    assert codes(too_many) == ["INVALID"]
    assert codes(too_much) == ["AMOUNT_EXCEEDED"]
    assert too_much["userErrors"][0]["details"] == {"maximum": {"amount": "5.00"}}
    assert rest["payment"]["status"] == "REFUNDED"
    assert (replay["isReplay"], replay["refund"]) == (True, rest["refund"])
    assert codes(nothing) == ["AMOUNT_EXCEEDED"]
    at_last = await ann.order(order["number"])
    assert (at_last["status"], at_last["paymentStatus"], at_last["refunded"]) == (
        "PAID",
        "REFUNDED",
        {"amount": "9.50"},
    )
    assert [one["kind"] for one in at_last["events"]][-3:] == ["REFUNDED"] * 3
    assert await sums(shop) == {"REVENUE": 798, "REFUND_EXPENSE": -798}
    await agrees(shop)


#: Jobs read other tables meanwhile, payments and refunds among them.
OF_PAYMENTS = {"payment_events", "order_lines", "order_events"}
LISTED = """query ($first: Int) { me { orders(first: $first, sort: OLDEST) { nodes {
  paid { amount } paymentMethods { code } events { payment { id } }
  payments { order { id } account { id } events { kind }
    refunds { lines { quantity } payment { id } } }
} } } }"""


@pytest.mark.slow
async def test_money_of_an_order_that_ends_goes_back_by_itself(
    shop: Client, statements: list[str]
) -> None:
    ann = Payer(shop)
    async with cards_of(shop):
        # Paid, then cancelled.
        first = await ann.buyer.buy({"L2-S": 1})
        started = await ann.start(first, "CARD")
        await ann.decide(started)
        await news(shop, request_of(started), "evt_1")
        await ann.buyer.cancel(await ann.order(first["number"]))
        # Begun, and paid when the time was over.
        second = await ann.buyer.buy({"L3-S": 1})
        late = await ann.start(second, "CARD")
        # Kept ready, and never captured.
        third = await ann.buyer.buy({"L3-S": 1})
        held = await ann.start(third, "CARD_LATER")
        await ann.decide(held)
        await news(shop, request_of(held), "evt_2")
        assert await expiry.expire(later(shop, hours=2)) == 2
        await ann.decide(late)
        await news(shop, request_of(late), "evt_3")
        for _ in range(3):
            await payments.go_on(later(shop, hours=3))
        found = [await ann.order(one["number"]) for one in (first, second, third)]
        asked = []
        for count in (1, 3):
            statements.clear()
            await shop.ask(LISTED, "ann", first=count)
            read = (one[one.index("FROM") :].split()[1] for one in statements)
            asked.append(sorted(name for name in read if name in OF_PAYMENTS))

    assert asked[0] == asked[1]
    assert [(one["status"], one["payments"][0]["status"]) for one in found] == [
        ("CANCELLED", "REFUNDED"),
        ("EXPIRED", "REFUNDED"),
        ("EXPIRED", "VOIDED"),
    ]
    assert [one["refunded"]["amount"] for one in found] == ["2.50", "0.00", "0.00"]
    assert found[1]["payments"][0]["refunds"][0]["reason"] == "The order has ended."
    assert await sums(shop) == {"REVENUE": 210, "REFUND_EXPENSE": -210}
    await agrees(shop)


async def test_answer_that_is_lost_is_asked_for_and_never_guessed(shop: Client) -> None:
    ann = Payer(shop)
    async with cards_of(shop) as provider:
        order = await ann.buyer.buy({"L2-S": 1})
        manners = provider.app.state.manners
        manners.lost = 1.0
        first = await ann.start(order, "CARD", "k")
        status = await shop.ask(STATUS, "ann", mutation="startPayment", key="k")
        other = await ann.start(order, "CARD", "other")
        await payments.go_on(later(shop, seconds=80))
        begun = len(provider.app.state.book.records)
        manners.lost = 0.0
        await payments.go_on(later(shop, seconds=200))
        found = await shop.ask(STATUS, "ann", mutation="startPayment", key="k")
        again = await ann.start(order, "CARD", "k")
        # Nobody tells that the shopper has paid.
        record = provider.app.state.book.find(request_of(first))
        record.decide(is_paid=True)
        await payments.go_on(later(shop, seconds=400))

    assert codes(first) == ["PAYMENT_PENDING"]
    assert first["payment"]["status"] == "UNPAID"
    assert status["operationStatus"] == {
        "state": "IN_PROGRESS",
        "completedAt": None,
        "object": {"status": "UNPAID"},
    }
    assert codes(other) == ["PAYMENT_PENDING"]
    assert begun == 1
    assert found["operationStatus"]["state"] == "COMPLETED"
    assert (again["isReplay"], codes(again)) == (True, [])
    assert await ann.status(order["number"]) == ("PAID", "PAID")
    await agrees(shop)


@pytest.mark.parametrize("shop", ["embedded"], indirect=True)
async def test_twin_that_numbers_each_call_anew_has_the_provider_charge_twice(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    start, ann = CardProvider.start, Payer(shop)

    async def anew(self: CardProvider, charge: Charge) -> Told:
        return await start(self, replace(charge, request_id=key()))

    monkeypatch.setattr(CardProvider, "start", anew)
    async with cards_of(shop) as provider:
        order = await ann.buyer.buy({"L2-S": 1})
        provider.app.state.manners.lost = 1.0
        await ann.start(order, "CARD", "k")
        provider.app.state.manners.lost = 0.0
        await ann.start(order, "CARD", "k")
    assert len(provider.app.state.book.records) == 2


async def test_payment_that_nobody_heard_of_ends_with_its_order(shop: Client) -> None:
    """Money that is asked for too late, as a request may lie about for long, goes back."""
    ann = Payer(shop)
    async with cards_of(shop) as provider:
        order = await ann.buyer.buy({"L2-S": 1})
        book = provider.app.state.book
        provider.app.state.manners.lost = 1.0
        first = await ann.start(order, "CARD")
        # The request is still on its way.
        record = book.records.popitem()[1]
        del book._by_request[record.request_id]
        provider.app.state.manners.lost = 0.0
        await expiry.expire(later(shop, hours=2))
        await payments.go_on(later(shop, hours=3))
        ended = (await ann.order(order["number"]))["payments"][0]
        book.records[record.id] = book._by_request[record.request_id] = record
        record.decide(is_paid=True)
        assert await news(shop, record.request_id, "evt_1") == 200
        await payments.go_on(later(shop, hours=4))
        back = (await ann.order(order["number"]))["payments"][0]

    assert codes(first) == ["PAYMENT_PENDING"]
    assert (ended["status"], ended["events"][-1]["kind"]) == ("VOIDED", "VOID")
    assert (back["status"], back["refundedAmount"]) == ("REFUNDED", {"amount": "2.50"})
    assert await ann.status(order["number"]) == ("EXPIRED", "UNPAID")
    await agrees(shop)


async def test_balance_is_paid_into_and_each_sees_the_own_only(shop: Client) -> None:
    ann = Payer(shop)
    async with cards_of(shop):
        wrong = await ann.send(
            "mutation ($key: ID!, $input: TopUpBalanceInput!) { topUpBalance(idempotencyKey: $key,"
            " input: $input) { userErrors { code field } } }",
            "w",
            {"methodCode": "BALANCE", "amount": euros("1.00")},
        )
        begun = await ann.top_up("20.00", "k")
        await ann.decide(begun)
        await asyncio.gather(*(news(shop, request_of(begun), f"evt_{n}") for n in range(3)))
        done = await ann.top_up("20.00", "k")
        input_ = {"paymentId": done["payment"]["id"], "reason": "x", "amount": euros("1.00")}
        back = await ann.send(REFUND, "r", input_, "ola", version=done["payment"]["version"])
    query = "query ($id: ID!) { payment(id: $id) { order { id } amount { amount } } }"
    seen = {
        user: (await shop.ask(query, user, id=done["payment"]["id"]))["payment"]
        for user in ("ann", "ola", "moe", "mia")
    }

    assert codes(wrong) == ["NOT_FOUND"]
    assert begun["payment"]["account"] == {"balance": {"amount": "0.00"}}
    assert done["payment"]["account"] == {"balance": {"amount": "20.00"}}
    assert codes(back) == ["FORBIDDEN"]
    whole = {"order": None, "amount": {"amount": "20.00"}}
    assert seen == {"ann": whole, "ola": whole, "moe": None, "mia": None}
    assert await sums(shop) == {"CUSTOMER_BALANCE": 2_000, "PROVIDER_CLEARING": -2_000}
    await agrees(shop)


async def test_news_that_are_forged_old_or_of_nothing_are_not_believed(shop: Client) -> None:
    ann = Payer(shop)
    request = "payment-1"
    assert await news(shop, request, "evt_0") == 404
    async with cards_of(shop):
        order = await ann.buyer.buy({"L2-S": 1})
        begun = await ann.start(order, "CARD")
        request = request_of(begun)
        bad = [
            await news(shop, request, "evt_1", **{HEADER: text})
            for text in ("", "t=1,v1=" + "0" * 64, f"t={10**11},v1=" + "f" * 64)
        ]
        # Told the truth by the provider: it is not paid.
        good = await news(shop, request, "evt_2")
        unknown = await news(shop, "payment-77", "evt_3")

    assert bad == [401] * 3
    assert (good, unknown) == (200, 200)
    assert await ann.status(order["number"]) == ("PENDING_PAYMENT", "UNPAID")
    assert nodes.decode(begun["payment"]["id"])[0] == "Payment"

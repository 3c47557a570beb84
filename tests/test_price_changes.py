"""Another price for an order that nobody has paid: to the coin, and no payment of the old one."""

import asyncio
from typing import Any

import pytest

from jobs import payments
from resolvers import open_payments
from tests.buying import Buyer, key
from tests.paying import Payer, cards_of, euros
from tests.shipping import EDIT, Dispatcher, codes
from tests.shopping import Client
from tests.test_accounts import paid_in
from tests.test_payments import later
from tests.test_shipping import agrees

PRICES = """query ($number: String!) { order(number: $number) { id version status
  totals { subtotal { amount } discount { amount } shipping { amount } tax { amount }
    total { amount } }
  lines { sku discounts { title amount { amount } } tax { amount } total { amount } }
  discounts { title amount { amount } promotion { id } }
  events { kind note toStatus } } }"""


async def priced(shop: Client, number: str, by: str = "ann") -> dict[str, Any]:
    """Return what an order costs."""
    found: dict[str, Any] = (await shop.ask(PRICES, by, number=number))["order"]
    return found


async def change(
    shop: Client, order: dict[str, Any], amount: str, by: str = "mia", used: str = "", **more: Any
) -> dict[str, Any]:
    """Return the payload of another price, at the version that was seen."""
    told = {"orderId": order["id"], "priceDelta": euros(amount), "reason": "As we said."}
    return await Dispatcher(shop).send(EDIT, by, order["version"], {**told, **more}, used)


def sums(order: dict[str, Any]) -> list[str]:
    """Return the sums of an order, in the sequence of the schema."""
    return [each["amount"] for each in order["totals"].values()]


async def test_merchant_changes_what_an_unpaid_order_costs_and_the_shopper_pays_that(
    shop: Client,
) -> None:
    order = await Buyer(shop).buy({"L5-S": 1, "L3-S": 2})
    number, used = order["number"], key()
    before = await priced(shop, number)
    off = await change(shop, before, "-2.00", used=used)
    again = await change(shop, before, "-2.00", used=used)
    stale = await change(shop, before, "-1.00")
    less = await priced(shop, number)
    on = await change(shop, less, "2.01", by="ola", reason="Gift wrap.")
    more = await priced(shop, number)
    lines = [(one["sku"], one["total"]["amount"], one["tax"]["amount"]) for one in more["lines"]]
    await agrees(shop)
    await paid_in(shop, "100.00", key(), "ann")
    paid = await Payer(shop).start(more, "BALANCE")
    refused = await change(shop, await priced(shop, number), "-1.00")
    end = await priced(shop, number)

    assert sums(before) == ["12.50", "0.00", "0.00", "2.00", "12.50"]
    assert sums(less) == ["12.50", "2.00", "0.00", "1.68", "10.50"]
    assert [codes(off), codes(again), codes(on)] == [[], [], []]
    assert again["isReplay"]
    assert codes(stale) == ["VERSION_CONFLICT"]
    assert sums(more) == ["12.50", "-0.01", "0.00", "2.00", "12.51"]
    assert lines == [("L5-S", "5.50", "0.88"), ("L3-S", "7.01", "1.12")]
    assert [(one["title"], one["amount"]["amount"]) for one in more["discounts"]] == [
        ("As we said.", "2.00"),
        ("Gift wrap.", "-2.01"),
    ]
    assert [one["promotion"] for one in more["discounts"]] == [None, None]
    told = [one["note"] for one in end["events"] if one["kind"] == "EDITED"]
    assert told == ["-2.00 EUR: As we said.", "+2.01 EUR: Gift wrap."]
    assert (paid["payment"]["amount"]["amount"], end["status"]) == ("12.51", "PAID")
    assert codes(refused) == ["TRANSITION_FORBIDDEN"]
    await agrees(shop)


@pytest.mark.parametrize("shop", ["embedded"], indirect=True)
async def test_what_is_taken_off_is_never_more_than_there_is_and_nothing_left_is_paid(
    shop: Client,
) -> None:
    order = await Buyer(shop).buy({"L5-S": 1})
    seen = await priced(shop, order["number"])
    of_two = await Buyer(shop, "bob").buy({"L3-S": 1, "L2-S": 1})
    shared = await priced(shop, of_two["number"], "bob")
    refused = [
        await change(shop, seen, "-5.51"),
        await change(shop, seen, "0.00"),
        await change(shop, seen, "-1.00", reason=None),
        await change(shop, seen, "-1.00", reason=" "),
        await change(shop, seen, "-1.001"),
        await change(shop, seen, "9999999999999.00"),
        await change(shop, seen, "-1.00", by="moe"),
        await change(shop, shared, "-1.00"),
        await Dispatcher(shop).send(
            EDIT, "mia", seen["version"], {"orderId": seen["id"], "reason": "Why?"}
        ),
    ]
    unchanged = await priced(shop, order["number"])
    free = await change(shop, seen, "-5.50")
    end = await priced(shop, order["number"])
    sent = await Dispatcher(shop).ship(end)
    cancelled = await change(shop, shared, "-99.00", by="ola")

    assert [(codes(one), one["userErrors"][0]["field"]) for one in refused] == [
        (["AMOUNT_EXCEEDED"], ["priceDelta"]),
        (["INVALID"], ["priceDelta"]),
        (["REQUIRED"], ["reason"]),
        (["INVALID"], ["reason"]),
        (["INVALID"], ["priceDelta", "amount"]),
        (["INVALID"], ["priceDelta", "amount"]),
        (["NOT_FOUND"], ["orderId"]),
        (["FORBIDDEN"], None),
        (["REQUIRED"], None),
    ]
    assert refused[0]["userErrors"][0]["details"] == {"maximum": {"amount": "5.50"}}
    assert unchanged == seen
    assert codes(free) == []
    assert sums(end) == ["5.50", "5.50", "0.00", "0.00", "0.00"]
    assert [one["amount"]["amount"] for one in end["discounts"]] == ["5.50"]
    assert (end["status"], end["version"]) == ("PAID", seen["version"] + 2)
    assert sent["order"]["status"] == "SHIPPED"
    assert codes(cancelled) == ["AMOUNT_EXCEEDED"]
    await agrees(shop)


@pytest.mark.slow
async def test_order_with_another_price_gives_everything_back_when_it_is_cancelled(
    shop: Client,
) -> None:
    order = await Buyer(shop).buy({"L5-S": 1})
    for amount in ("-1.00", "1.00"):
        await change(shop, await priced(shop, order["number"]), amount)
    seen = await priced(shop, order["number"])
    cancelled = await Buyer(shop).cancel(seen)
    refused = await change(shop, await priced(shop, order["number"]), "1.00")
    await _paid_and_changed_at_once(shop)

    assert [one["amount"]["amount"] for one in seen["discounts"]] == ["1.00", "-1.00"]
    assert codes(cancelled) == []
    assert codes(refused) == ["TRANSITION_FORBIDDEN"]
    await agrees(shop)


async def _paid_and_changed_at_once(shop: Client) -> None:
    """Let prices change while it is paid, whole or in part: one of both comes first, and stays."""
    await paid_in(shop, "100.00", key(), "ann")
    for amount in (None, euros("2.00")):
        number = (await Buyer(shop).buy({"L3-S": 1}))["number"]
        order = await priced(shop, number)
        part: dict[str, Any] = {} if amount is None else {"amount": amount}
        changes = [change(shop, order, f"-{euro}.00") for euro in (1, 2, 3)]
        paying = [Payer(shop).start(order, "BALANCE", **part) for _ in range(3)]
        done = [not codes(one) for one in await asyncio.gather(*changes, *paying)]
        total = sums(await priced(shop, number))[-1]

        assert (any(done[:3]), any(done[3:])) in [(True, False), (False, True)]
        assert total in (["3.50"] if any(done[3:]) else ["2.50", "1.50", "0.50"])
        assert sum(done[:3]) <= 1


async def _at_the_provider(shop: Client) -> tuple[list[str], str, str, str]:
    """Begin to pay by card, let the price change, and pay the old one on the page still open."""
    order = await Buyer(shop).buy({"L5-S": 1})
    payer = Payer(shop)
    async with cards_of(shop):
        begun = await payer.start(order, "CARD")
        # A lower price takes no payment that is higher, whatever else is forgotten.
        told = codes(await change(shop, await priced(shop, order["number"]), "1.00"))
        await payer.decide(begun)
        for _ in range(3):
            await payments.go_on(later(shop, hours=1))
        found = await payer.order(order["number"])
    (payment,) = found["payments"]
    return told, found["status"], payment["status"], found["paid"]["amount"]


async def test_payment_of_the_old_price_counts_for_no_order_and_goes_back(shop: Client) -> None:
    assert await _at_the_provider(shop) == ([], "PENDING_PAYMENT", "REFUNDED", "0.00")
    await agrees(shop)


@pytest.mark.parametrize("shop", ["embedded"], indirect=True)
async def test_twin_that_gives_up_no_payment_lets_the_old_price_be_paid(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def kept(*_: object, **__: object) -> None:
        """Leave it open."""

    monkeypatch.setattr(open_payments, "give_up", kept)

    assert await _at_the_provider(shop) == ([], "PENDING_PAYMENT", "PAID", "5.50")


@pytest.mark.parametrize("shop", ["embedded"], indirect=True)
async def test_price_stays_while_the_provider_is_asked_or_keeps_the_money(shop: Client) -> None:
    payer, told = Payer(shop), []
    async with cards_of(shop) as provider:
        for code, lost in (("CARD", 1.0), ("CARD_LATER", 0.0)):
            order = await payer.buyer.buy({"L5-S": 1})
            provider.app.state.manners.lost = lost
            begun = await payer.start(order, code)
            if not lost:
                await payer.decide(begun)
                await payments.go_on(later(shop, hours=1))
            seen = await priced(shop, order["number"])
            told.append(codes(await change(shop, seen, "-1.00")))
            assert sums(await priced(shop, order["number"])) == sums(seen)

    assert told == [["PAYMENT_PENDING"], ["TRANSITION_FORBIDDEN"]]

"""Whoever was asked for money is away: the shopper pays in another way, and never twice."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from jobs import payments as going_on
from jobs import transfers as carrying_out
from resolvers import balance_payments
from stores.accounts_tcc import HeldFirst
from stores.card_provider import CardProvider
from stores.errors import StoreUnavailable
from tests.accounts_apart import agrees, away, balance, home, way_of
from tests.eventually import eventually
from tests.paying import Payer, cards_of, euros
from tests.shopping import Client, open_shop
from tests.test_accounts import paid_in
from tests.test_payments import codes, later


@pytest.fixture(params=["tcc", "outbox"])
async def shop(
    request: pytest.FixtureRequest, tmp_path: Path, small_folder: Path, migrated_folder: Path
) -> AsyncGenerator[Client]:
    """Whoever buys in a small shop that keeps its accounts elsewhere."""
    folders = small_folder, migrated_folder
    async with home(request, tmp_path, folders) as chosen, open_shop(chosen) as opened:
        yield opened


@contextmanager
def clock_later(shop: Client, seconds: float) -> Generator[None]:
    """Let whoever asks the shop do so later."""
    mall = shop.mall
    clock, mall.clock = mall.clock, later(shop, seconds=seconds).clock
    try:
        yield
    finally:
        mall.clock = clock


async def _all_over(shop: Client) -> None:
    """Let everything end that the shop ends by itself."""
    for seconds in (120, 240, 360):
        mall = later(shop, seconds=seconds)
        await going_on.go_on(mall)
        await carrying_out._once(mall)


async def _seen(ann: Payer, number: str) -> tuple[str, list[tuple[str, str, str]]]:
    """Return where an order stands, and each of its payments: by what, how, and what stays."""
    order = await ann.order(number)
    told = [
        (one["method"]["code"], one["status"], one["capturedAmount"]["amount"])
        for one in order["payments"]
    ]
    return order["status"], told


async def test_order_is_paid_by_card_while_the_accounts_are_away(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = Payer(shop)
    order = await ann.buyer.buy({"L2-S": 1})
    await paid_in(shop, "10.00")
    async with cards_of(shop):
        with monkeypatch.context() as patched:
            away(patched, shop)
            waiting = await ann.start(order, "BALANCE", "first")
            at_once = await ann.start(order, "CARD")
            with clock_later(shop, 11):
                same_way = await ann.start(order, "BALANCE")
                card = await ann.start(order, "CARD", "second")
            await ann.decide(card)
            await going_on.go_on(later(shop, minutes=2))
            meanwhile = await _seen(ann, order["number"])
        await _all_over(shop)
        replay = await ann.start(order, "BALANCE", "first")

    assert [codes(one) for one in (waiting, at_once, same_way)] == [["PAYMENT_PENDING"]] * 3
    assert codes(card) == []
    # By TCC the shop decides alone; what an outbox may have taken, it has to ask for.
    given_up = "VOIDED" if way_of(shop) == "tcc" else "UNPAID"
    assert meanwhile == ("PAID", [("BALANCE", given_up, "0.00"), ("CARD", "PAID", "2.50")])
    paid = ("PAID", [("BALANCE", "VOIDED", "0.00"), ("CARD", "PAID", "2.50")])
    assert await _seen(ann, order["number"]) == paid
    assert (replay["isReplay"], replay["payment"]["status"]) == (True, "VOIDED")
    assert await balance(shop) == "10.00"
    await agrees(shop)


async def test_money_that_was_taken_without_an_answer_goes_back_when_a_card_pays(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = Payer(shop)
    order = await ann.buyer.buy({"L2-S": 1})
    await paid_in(shop, "10.00")
    taking: Any = shop.mall.stores.accounts.taking
    take = taking.take

    async def unheard(*told: Any) -> Any:
        await take(*told)
        raise StoreUnavailable("accounts")

    async with cards_of(shop):
        with monkeypatch.context() as patched:
            patched.setattr(taking, "take", unheard)
            waiting = await ann.start(order, "BALANCE")
        with clock_later(shop, 11):
            card = await ann.start(order, "CARD")
        await ann.decide(card)
        await _all_over(shop)

    assert (codes(waiting), codes(card)) == (["PAYMENT_PENDING"], [])
    is_taken = way_of(shop) == "outbox"
    balance_paid = ("BALANCE", "REFUNDED", "2.50") if is_taken else ("BALANCE", "VOIDED", "0.00")
    assert await _seen(ann, order["number"]) == ("PAID", [balance_paid, ("CARD", "PAID", "2.50")])
    assert await balance(shop) == "10.00"
    await agrees(shop)


async def _slept(shop: Client, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, int]:
    """Let somebody who holds money of a balance sleep until a card has paid.

    Return how the order stands then, and how many captures there were.
    """
    ann = Payer(shop)
    order = await ann.buyer.buy({"L2-S": 1})
    await paid_in(shop, "10.00")
    wake, holds, take = asyncio.Event(), asyncio.Event(), HeldFirst.take

    async def sleepy(*told: Any) -> Any:
        answer = await take(*told)
        if not holds.is_set():
            holds.set()
            await wake.wait()
        return answer

    monkeypatch.setattr(HeldFirst, "take", sleepy)
    async with cards_of(shop):
        sleeping = asyncio.create_task(ann.start(order, "BALANCE"))
        await holds.wait()
        with clock_later(shop, 11):
            await ann.decide(await ann.start(order, "CARD"))
        await going_on.go_on(later(shop, minutes=2))
        wake.set()
        await sleeping
        await _all_over(shop)
    seen = await ann.order(order["number"])
    kinds = [event["kind"] for one in seen["payments"] for event in one["events"]]
    return await _seen(ann, order["number"]), kinds.count("CHARGE_SUCCESS")


@pytest.mark.parametrize("shop", ["tcc"], indirect=True)
async def test_whoever_sleeps_while_a_card_pays_captures_nothing(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen, captures = await _slept(shop, monkeypatch)

    paid = ("PAID", [("BALANCE", "VOIDED", "0.00"), ("CARD", "PAID", "2.50")])
    assert (seen, captures) == (paid, 1)
    assert await balance(shop) == "10.00"
    await agrees(shop)


@pytest.mark.parametrize("shop", ["tcc"], indirect=True)
async def test_without_a_look_at_the_order_the_sleeper_captures_as_well(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(balance_payments, "_is_wanted", lambda _payment: True)
    _, captures = await _slept(shop, monkeypatch)

    assert captures == 2


@pytest.mark.parametrize("shop", ["tcc"], indirect=True)
async def test_order_is_paid_by_the_balance_while_the_provider_is_away(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = Payer(shop)
    order = await ann.buyer.buy({"L2-S": 1})
    await paid_in(shop, "10.00")

    async def gone(*_told: Any) -> Any:
        raise StoreUnavailable("payment provider")

    async with cards_of(shop):
        with monkeypatch.context() as patched:
            patched.setattr(CardProvider, "_call", gone)
            waiting = await ann.start(order, "CARD")
            at_once = await ann.start(order, "BALANCE")
            with clock_later(shop, 91):
                same_way = await ann.start(order, "CARD_LATER", amount=euros("2.00"))
                paid = await ann.start(order, "BALANCE")
        await _all_over(shop)

    assert [codes(one) for one in (waiting, at_once, same_way)] == [["PAYMENT_PENDING"]] * 3
    assert (codes(paid), paid["order"]["status"]) == ([], "PAID")
    seen = ("PAID", [("CARD", "VOIDED", "0.00"), ("BALANCE", "PAID", "2.50")])
    await eventually(lambda: _seen(ann, order["number"]), seen)
    assert await balance(shop) == "7.50"
    await agrees(shop)


@pytest.mark.parametrize("shop", ["outbox"], indirect=True)
async def test_money_of_others_goes_back_while_a_payment_that_was_given_up_waits(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob = Payer(shop), Payer(shop, "bob")
    order, other = await ann.buyer.buy({"L2-S": 1}), await bob.buyer.buy({"L3-S": 1})
    await paid_in(shop, "10.00")
    monkeypatch.setattr(going_on, "BATCH", 1)
    async with cards_of(shop):
        await bob.decide(await bob.start(other, "CARD"))
        await going_on.go_on(later(shop, minutes=2))
        with monkeypatch.context() as patched:
            away(patched, shop)
            await ann.start(order, "BALANCE")
            with clock_later(shop, 11):
                await ann.start(order, "CARD")
            with clock_later(shop, 20):
                await bob.buyer.cancel(await bob.order(other["number"]))
            await going_on.go_on(later(shop, minutes=2))
            seen = await _seen(bob, other["number"])

    assert seen == ("CANCELLED", [("CARD", "REFUNDED", "3.50")])

"""Whoever buys the same again at once gets that, and nothing twice; the relay stands still here."""

from collections.abc import Mapping

import pytest

from jobs import relay
from mallgraph import app
from resolvers import checkout_beginning
from stores import cart_records, carts
from stores.carts import Cart
from tests.buying import Buyer, by_sku, stock
from tests.shopping import Client

SKU = "L6-S"


@pytest.fixture(autouse=True)
def _late_relay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "BACKGROUND", ())


async def _ordered(shop: Client, units: int) -> Buyer:
    ann = Buyer(shop)
    await ann.fill({SKU: units})
    await ann.begin()
    assert (await ann.place())["userErrors"] == []
    return ann


async def _cart(ann: Buyer) -> dict[str, int]:
    variant = (await by_sku(ann.client, {SKU: 1}))[SKU]
    return {SKU if id_ == variant.id else str(id_): n for id_, n in (await ann.cart()).items()}


async def test_units_put_in_right_after_an_order_stay_in_the_cart(shop: Client) -> None:
    ann = await _ordered(shop, 2)
    await ann.fill({SKU: 1})
    await relay.drain(shop.mall)

    assert await _cart(ann) == {SKU: 1}


async def test_twin_that_empties_whole_lines_loses_them(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def emptied(cart: Cart, units: Mapping[int, int]) -> Cart:
        left = [one for one in cart.lines if one.variant_id not in units]
        return carts.with_lines(cart, left)

    monkeypatch.setattr(carts, "take", emptied)
    ann = await _ordered(shop, 2)
    await ann.fill({SKU: 1})
    await relay.drain(shop.mall)

    assert await _cart(ann) == {}


async def test_next_order_holds_only_what_was_put_in_since(shop: Client) -> None:
    ann = await _ordered(shop, 2)
    await ann.fill({SKU: 1})
    begun = await ann.begin()
    assert (await ann.place())["userErrors"] == []
    await relay.drain(shop.mall)

    assert [one["quantity"] for one in begun["checkout"]["preview"]["lines"]] == [1]
    assert await stock(shop, SKU) == (6, 3)
    assert await _cart(ann) == {}


async def test_twin_that_trusts_the_cart_orders_the_same_units_twice(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(*_: object) -> bool:
        return False

    monkeypatch.setattr(checkout_beginning, "_took_what_was_ordered", never)
    ann = await _ordered(shop, 2)
    await ann.fill({SKU: 1})
    await ann.begin()
    assert (await ann.place())["userErrors"] == []

    assert await stock(shop, SKU) == (6, 5)


async def test_cart_that_was_shown_with_ordered_units_is_shown_again(shop: Client) -> None:
    ann = await _ordered(shop, 2)
    await ann.fill({SKU: 1})
    cart = await shop.mall.stores.carts.by_owner(await ann.user_id())
    begun = await ann.begin(cartVersion=cart.version)

    assert [one["code"] for one in begun["userErrors"]] == ["VERSION_CONFLICT"]
    assert await _cart(ann) == {SKU: 1}


async def test_cart_without_anything_new_gives_the_same_number_again(shop: Client) -> None:
    ann = await _ordered(shop, 2)
    number = ann.number

    assert (await ann.begin())["checkout"]["orderNumber"] == number


async def test_shopper_of_more_orders_than_a_cart_remembers_keeps_what_is_put_in(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cart_records, "KEPT_ORDERS", 2)
    monkeypatch.setattr(checkout_beginning, "_MOST_LATE", 1)
    ann = await _ordered_thrice(shop)

    assert await _cart(ann) == {SKU: 1}


async def test_twin_that_looks_at_more_orders_takes_their_units_twice(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cart_records, "KEPT_ORDERS", 2)
    ann = await _ordered_thrice(shop)

    assert await _cart(ann) == {}


async def _ordered_thrice(shop: Client) -> Buyer:
    for _ in range(3):
        ann = await _ordered(shop, 1)
        await relay.drain(shop.mall)
    await ann.fill({SKU: 1})
    await ann.begin()
    return ann

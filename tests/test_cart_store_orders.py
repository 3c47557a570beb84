"""What orders take from the carts of every store: their units, once."""

import asyncio

import pytest

from tests.cart_shelf import BELL, LAMP, TEA, Shelf, every, shelf, units

__all__ = ["shelf"]

pytestmark = pytest.mark.timeout(60)


@every
async def test_ordered_units_are_taken_once_and_what_came_since_stays(shelf: Shelf) -> None:
    for variant, count in ((TEA, 3), (LAMP, 1), (BELL, 2)):
        await shelf.put(variant, count)
    id_ = (await shelf.store.by_owner(shelf.owner)).id
    first = {"2611270": {TEA: 2, LAMP: 5, 999: 1}}
    await asyncio.gather(*(shelf.store.take(shelf.owner, first, cart_id=id_) for _ in range(5)))

    assert await shelf.held() == {TEA: 1, BELL: 2}
    assert await shelf.store.with_orders(shelf.owner) == (
        await shelf.store.by_owner(shelf.owner),
        ("2611270",),
    )
    assert await shelf.store.with_orders(shelf.owner + 1) is None
    cart = await shelf.store.take(shelf.owner, {"2611271": {BELL: 2}}, cart_id=id_)
    assert (units(cart), cart.version) == ({TEA: 1}, 5)


@every
async def test_units_of_several_orders_are_taken_in_one_step(shelf: Shelf) -> None:
    await shelf.put(TEA, 5)
    id_ = (await shelf.put(BELL, 1)).cart.id
    await shelf.store.take(shelf.owner, {"1": {TEA: 1}}, cart_id=id_)
    orders = {"1": {TEA: 1}, "2": {TEA: 1}, "3": {TEA: 1, BELL: 1}}
    cart = await shelf.store.take(shelf.owner, orders, cart_id=id_)

    assert (units(cart), cart.version) == ({TEA: 2}, 4)
    assert await shelf.store.with_orders(shelf.owner) == (cart, ("1", "2", "3"))
    assert await shelf.store.take(shelf.owner, orders, cart_id=id_) == cart


@every
async def test_order_takes_nothing_from_a_cart_that_came_after_a_lost_one(shelf: Shelf) -> None:
    cart = (await shelf.put(TEA)).cart

    await shelf.store.take(shelf.owner, {"1": {TEA: 1}}, cart_id=cart.id ^ 1)
    assert await shelf.store.by_owner(shelf.owner) == cart
    await shelf.store.take(shelf.owner, {"1": {TEA: 1}}, cart_id=cart.id)
    assert await shelf.held() == {}

"""Orders happen exactly once, whatever is lost on the way and however often the shop is killed."""

import asyncio
from pathlib import Path

import pytest

from stores.settings import Settings
from tests.faults.ground import IS_LONG, Ground, Shopper, ground
from tests.proxy import Weather

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600 if IS_LONG else 120)]

ORDERS, KILLS = (500, 5) if IS_LONG else (60, 2)
CLIENTS = 16
#: Each shopper buys two of one thing and one of another.
STOCK = {"red": 4 * ORDERS, "blue": 4 * ORDERS}
BASKET = {"red": 2, "blue": 1}


async def bought(its: Ground, count: int) -> list[Shopper]:
    """Let so many shoppers buy, some of them at once, and return all of them."""
    shoppers = [its.shopper(f"buyer-{number}") for number in range(count)]
    places = asyncio.Semaphore(CLIENTS)

    async def buy(shopper: Shopper) -> None:
        async with places:
            assert (await shopper.fill(BASKET))["userErrors"] == []
            await shopper.begin()
            await shopper.place()

    await asyncio.gather(*(buy(shopper) for shopper in shoppers))
    return shoppers


async def test_each_key_makes_one_order_though_answers_are_lost_and_the_shop_is_killed(
    place: Settings, tmp_path: Path
) -> None:
    async with ground(place, tmp_path, STOCK) as its:
        killing = its.killed(KILLS, 3 * ORDERS, lambda: its.client.answered)
        shoppers, _ = await asyncio.gather(bought(its, ORDERS), killing)
        states = [await shopper.status() for shopper in shoppers]
        again = [await shopper.place() for shopper in shoppers]
        its.report("orders once")

        books = await its.books()
        assert await its.faults() == []
        assert its.server.kills == KILLS
        assert {one.number for one in shoppers} == books.orders.keys()
        assert len(books.orders) == ORDERS
        assert states == [("COMPLETED", shopper.number) for shopper in shoppers]
        assert all(payload["isReplay"] for payload in again)
        assert all(numbers(one) == {one.number} for one in shoppers)
        assert sorted(books.sold().values()) == [ORDERS, 2 * ORDERS]


def numbers(shopper: Shopper) -> set[str]:
    """Return the numbers of all orders that answers to her key have shown."""
    return {payload["order"]["number"] for payload in shopper.client.payloads[shopper.key("place")]}


@pytest.mark.parametrize("place", ["embedded"], indirect=True)
async def test_twin_that_forgets_keys_sells_twice(place: Settings, tmp_path: Path) -> None:
    weather = Weather(dropped=0.4, reset=0, late=0)
    async with ground(place, tmp_path, STOCK, weather=weather, twin="forget_keys") as its:
        shoppers = await bought(its, 20)
        its.report("twin of orders once")

        books = await its.books()
        assert len(books.orders) > len(shoppers)
        assert await its.faults() != []

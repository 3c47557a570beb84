"""Warehouses made and changed by many hands at once: exactly one of a merchant's sells."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from graph import nodes
from stores import merchants
from tests.shopping import Client
from tests.warehouse_writing import LIST, create, made, update

#: SQLite has one writer at a time anyway.
of_servers = pytest.mark.parametrize(
    "shop", [pytest.param("servers", marks=pytest.mark.server)], indirect=True
)


def meeting(size: int) -> Callable[[object, int], Awaitable[bool]]:
    """Return what holds no merchant: the first so many go on together, and all later ones."""
    seats, is_whole = iter(range(size - 1)), asyncio.Event()

    async def meet(_session: object, _id: int) -> bool:
        if next(seats, None) is None:
            is_whole.set()
        await is_whole.wait()
        return True

    return meet


async def _selling_after_a_storm(shop: Client) -> int:
    """Let a new merchant make all its first warehouses at once; return how many sell."""
    database = shop.mall.stores.database
    row = merchants.Merchant(shop.mall.ids.next(), 1, shop.mall.clock(), "New", is_active=True)
    await database.transact(lambda session: merchants.add(session, row))
    id_ = nodes.encode("Merchant", row.id)
    sent = [
        create(shop, f"k{n}", "ola", code=f"W{n}", name="Yard", merchantId=id_, isSelling=n > 3)
        for n in range(6)
    ]
    answers = await asyncio.gather(*sent)
    assert [one["userErrors"] for one in answers] == [[]] * 6
    found = (await shop.ask(LIST, "ola", merchantId=id_))["warehouses"]
    return sum(one["isSelling"] for one in found)


async def test_of_many_first_warehouses_at_once_one_sells(shop: Client) -> None:
    assert await _selling_after_a_storm(shop) == 1


@of_servers
async def test_twin_that_holds_no_merchant_sells_from_several(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merchants, "hold", meeting(6))
    assert await _selling_after_a_storm(shop) > 1


async def _five_that_do_not_sell(shop: Client) -> list[dict[str, Any]]:
    """Return five warehouses of a merchant who sells from a sixth."""
    (main,) = (await shop.ask(LIST, "mia"))["warehouses"]
    others = [await made(shop, code=f"W{n}", name="Yard") for n in range(4)]
    # The newest: whoever looks for those that sell reads it last.
    await made(shop, code="newest", name="Yard", isSelling=True)
    return [*others, main | {"version": 2}]


async def _selling_after_a_change(shop: Client, chosen: list[dict[str, Any]]) -> list[str]:
    """Set all of these selling at once; return the codes of those that do."""
    sent = [_insist(shop, f"k{n}", one) for n, one in enumerate(chosen)]
    await asyncio.gather(*sent)
    found = (await shop.ask(LIST, "mia"))["warehouses"]
    return [one["code"] for one in found if one["isSelling"]]


async def _insist(shop: Client, key: str, warehouse: dict[str, Any]) -> None:
    """Set a warehouse selling; send it again while the store is too busy to answer."""
    for _ in range(5):
        payload = await update(
            shop, key, warehouse["version"], warehouseId=warehouse["id"], isSelling=True
        )
        if [error["code"] for error in payload["userErrors"]] != ["STORE_UNAVAILABLE"]:
            break
    assert payload["userErrors"] == []


async def test_of_many_that_are_set_selling_at_once_one_sells(shop: Client) -> None:
    chosen = await _five_that_do_not_sell(shop)
    assert len(await _selling_after_a_change(shop, chosen)) == 1


@of_servers
async def test_twin_that_sets_selling_without_holding_the_merchant_sells_from_several(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = await _five_that_do_not_sell(shop)
    monkeypatch.setattr(merchants, "hold", meeting(5))
    assert len(await _selling_after_a_change(shop, chosen)) > 1

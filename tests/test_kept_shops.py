"""A shop on servers that tests share is, for each of them, as if nobody had been there before."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from stores.settings import Settings
from tests.buying import Buyer
from tests.empty_shop import content
from tests.kept_shops import KeptShops
from tests.product_writing import create, everything
from tests.shopping import open_shop

pytestmark = pytest.mark.server


async def told(chosen: Settings) -> list[Any]:
    """Return all that the shop's stores hold; the cart is that of a shopper who has an order."""
    async with open_shop(chosen) as shop:
        ann = Buyer(shop)
        return [await everything(shop), await content(shop.mall), await ann.cart()]


async def test_what_one_test_does_is_gone_for_the_next(
    small_shops: KeptShops, tmp_path: Path
) -> None:
    async with small_shops.one(tmp_path / "before") as chosen:
        before = await told(chosen)
    async with small_shops.one(tmp_path / "used") as chosen:
        async with open_shop(chosen) as shop:
            ann = Buyer(shop)
            await ann.buy({"L1-S": 1})
            await ann.fill({"L2-S": 2})
            payload = await create(shop, status="ACTIVE")
            assert payload["userErrors"] == []
            await asyncio.sleep(1)  # The relay brings the kettle into the index.
        assert await told(chosen) != before
    async with small_shops.one(tmp_path / "after") as chosen:
        assert await told(chosen) == before


async def test_two_at_once_do_not_meet(small_shops: KeptShops, tmp_path: Path) -> None:
    one, two = small_shops.one(tmp_path / "one"), small_shops.one(tmp_path / "two")
    async with one as first, two as second:
        async with open_shop(first) as shop:
            await Buyer(shop).fill({"L1-S": 1})
        async with open_shop(second) as shop:
            assert await Buyer(shop).cart() == {}

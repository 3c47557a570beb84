"""What a process keeps of promotions is never older than the last edit, whoever made it."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from stores import shop as the_shop
from stores.ids import utc_now
from stores.running_promotions import KEPT_FOR, Running, RunningPromotions
from stores.shop import shops
from tests.buying import Buyer
from tests.promoting import CART, Promoter, money, ready, seen
from tests.shopping import Client, open_shop


async def _discount(client: Client) -> str:
    cart = (await client.ask(CART, "ann"))["cart"]
    amount: str = cart["totals"]["discount"]["amount"]
    return amount


async def _edits(client: Client) -> int:
    async with client.mall.stores.database.read(fresh=True) as session:
        (count,) = await session.rows(int, select(shops.c.promotions_revision))
    return count


async def _history(shop: Client, other: Client) -> list[str]:
    """Edit promotions in one process; return what the other one takes off, after each edit."""
    ola = Promoter(shop)
    await Buyer(shop).fill({"L2-S": 2})
    told = [await _discount(other)]
    one = await ola.made({"amountOff": money("1")}, isStackable=True)
    told.append(await _discount(other))
    raised = await ola.update(one, actions=[{"amountOff": money("2")}])
    assert raised["userErrors"] == []
    told.append(await _discount(other))
    await ola.made({"amountOff": money("0.50")}, isStackable=True)
    told.append(await _discount(other))
    await ola.end(raised["promotion"])
    return [*told, await _discount(other)]


async def test_each_edit_is_seen_at_once_in_another_process(shop: Client) -> None:
    async with open_shop(shop.settings) as other:
        assert await _history(shop, other) == ["0.00", "1.00", "2.00", "2.50", "0.50"]
    assert await _edits(shop) == 4


@pytest.mark.parametrize("shop", ["embedded"], indirect=True)
async def test_twin_without_the_count_of_edits_shows_what_was(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def uncounted(_session: Any) -> None:
        """Count nothing."""

    monkeypatch.setattr(the_shop, "count_promotion_edit", uncounted)
    async with open_shop(shop.settings) as other:
        assert await _history(shop, other) == ["0.00"] * 5


def test_what_is_kept_is_used_for_some_seconds_and_for_one_count_of_edits() -> None:
    now, known = utc_now(), RunningPromotions()
    known.keep(Running(revision=7, read_at=now, promotions=[]))
    instants = [now - timedelta(seconds=1), now, now + KEPT_FOR / 2, now + KEPT_FOR]

    # A release that counts no edits may run beside this one, and clocks are set back.
    assert [known.known(7, at) for at in instants] == [None, [], [], None]
    assert [known.known(other, now) for other in (6, 8)] == [None, None]


async def test_carts_ask_for_promotions_once_until_one_is_edited(
    shop: Client, statements: list[str]
) -> None:
    await Promoter(shop).made({"amountOff": money("1")})
    await Buyer(shop).fill({"L2-S": 2})

    async def asked() -> int:
        statements.clear()
        await shop.ask(CART, "ann")
        return sum("FROM shops LEFT OUTER JOIN promotions" in one for one in statements)

    assert [await asked() for _ in range(3)] == [1, 0, 0]


async def test_last_use_of_a_promotion_is_seen_at_once_in_another_process(shop: Client) -> None:
    await Promoter(shop).made({"amountOff": money("1")}, usageLimit=1)
    (bob,) = await ready(shop, ["bob"], {"L2-S": 1})
    await Buyer(shop).fill({"L3-S": 1})
    async with open_shop(shop.settings) as other:
        before = await _discount(other)
        await seen(bob)
        assert (await bob.place())["userErrors"] == []
        after = await _discount(other)

    assert (before, after) == ("1.00", "0.00")

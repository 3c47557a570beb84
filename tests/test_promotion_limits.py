"""Limits of promotions hold exactly, however many shoppers want the last use at once."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from jobs import expiry
from jobs.verify import verify
from resolvers import order_discounts, promotion_uses
from resolvers.promotion_uses import Facts
from stores import coupons, promotions
from stores.orders import orders
from stores.sql import WriteSession
from tests.buying import Buyer, key
from tests.promoting import (
    CLAIM,
    Promoter,
    counters,
    money,
    product_id,
    ready,
    seen,
    set_codes,
    uses,
)
from tests.shopping import Client

LIMIT = 2
MANY = [f"buyer-{number}" for number in range(10 * LIMIT)]


async def _placed(buyers: Sequence[Buyer], **changed: Any) -> Counter[str]:
    """Let all place their orders at once; return how many are placed, and why others are not."""
    payloads = await asyncio.gather(*(buyer.place(**changed) for buyer in buyers))
    return Counter(one["userErrors"][0]["code"] if one["userErrors"] else "" for one in payloads)


async def _placed_in_the_end(buyers: Sequence[Buyer], **changed: Any) -> Counter[str]:
    """The same, where who waited too long for her turn tries again."""
    told = await _placed(buyers, **changed)
    while told["STORE_UNAVAILABLE"]:
        told.pop("STORE_UNAVAILABLE")
        left = [one for one in buyers if not await _has_order(one)]
        told = Counter({"": told[""]}) + await _placed(left, **changed)
    return told


async def _has_order(buyer: Buyer) -> bool:
    query = "query($number: String!) { order(number: $number) { number } }"
    found = await buyer.client.ask(query, buyer.name, number=buyer.number)
    return found["order"] is not None


async def test_coupon_of_two_uses_serves_two_of_twenty(shop: Client) -> None:
    ola = Promoter(shop)
    promotion = await ola.made({"amountOff": money("1")}, isCouponRequired=True, name="Two")
    await ola.coupons(promotion, "TWO", usageLimit=LIMIT)
    buyers = await ready(shop, MANY, {"L2-S": 1})
    for buyer in buyers:
        buyer.total = "1.50"
    told = await _placed_in_the_end(buyers, couponCodes=["TWO"])

    assert told == {"": LIMIT, "COUPON_LIMIT_REACHED": 9 * LIMIT}
    assert await counters(shop) == {"Two": (LIMIT, 0, 0), "TWO": (LIMIT, 0, 0)}
    assert len(await uses(shop)) == LIMIT


async def test_promotion_of_two_orders_serves_two_of_twenty(shop: Client) -> None:
    await Promoter(shop).made({"amountOff": money("1")}, usageLimit=LIMIT, name="Two")
    buyers = await ready(shop, MANY, {"L2-S": 1})
    told = await _placed_in_the_end(buyers)

    assert told == {"": LIMIT, "PRICE_CHANGED": 9 * LIMIT}
    assert await counters(shop) == {"Two": (LIMIT, 0, 0)}
    assert len(await uses(shop)) == LIMIT


def _look_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let everybody see what was used up before any of them wrote."""
    read, before = promotion_uses.facts, list[Facts]()

    async def once(*asked: Any) -> Facts:
        if not before:
            before.append(await read(*asked))
        return before[0]

    monkeypatch.setattr(promotion_uses, "facts", once)


@pytest.mark.parametrize("shop", ["embedded"], indirect=True)
async def test_twin_that_reads_and_then_writes_serves_too_many(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    await Promoter(shop).made({"amountOff": money("1")}, usageLimit=LIMIT, name="Two")
    buyers = await ready(shop, MANY[:10], {"L2-S": 1})
    _look_once(monkeypatch)

    async def take(session: WriteSession, promotion_id: int, *_told: int | None) -> bool:
        mine = update(promotions.promotions).where(promotions.promotions.c.id == promotion_id)
        return await session.update(mine.values(uses=promotions.promotions.c.uses + 1)) == 1

    monkeypatch.setattr(promotions, "take", take)
    told = await _placed(buyers)

    assert told == {"": 10}
    assert await counters(shop) == {"Two": (10, 0, 0)}


@pytest.mark.parametrize("shop", ["embedded"], indirect=True)
async def test_twin_that_does_not_compare_the_uses_of_a_coupon_serves_too_many(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ola = Promoter(shop)
    promotion = await ola.made({"amountOff": money("1")}, isCouponRequired=True, name="Two")
    await ola.coupons(promotion, "TWO", usageLimit=LIMIT)
    buyers = await ready(shop, MANY[:6], {"L2-S": 1})
    for buyer in buyers:
        buyer.total = "1.50"
    _look_once(monkeypatch)
    mine = update(coupons.coupons).where(coupons._MINE)
    monkeypatch.setattr(coupons, "_TAKE", mine.values(uses=coupons.coupons.c.uses + 1))

    assert await _placed(buyers, couponCodes=["TWO"]) == {"": 6}
    assert await counters(shop) == {"Two": (6, 0, 0), "TWO": (6, 0, 0)}


async def test_customer_with_five_checkouts_at_once_has_one_first_order(shop: Client) -> None:
    first = [{"segment": "FIRST_ORDER"}]
    await Promoter(shop).made({"amountOff": money("1")}, conditions=first, name="Welcome")
    told = await _placed_in_the_end(await ready(shop, ["ann"] * 5, {"L2-S": 1}))

    assert told == {"": 1, "PRICE_CHANGED": 4}
    assert [title for _, title, _ in await uses(shop)] == ["Welcome"]


@pytest.mark.parametrize("shop", ["embedded"], indirect=True)
async def test_twin_without_the_key_of_first_orders_has_several(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = [{"segment": "FIRST_ORDER"}]
    await Promoter(shop).made({"amountOff": money("1")}, conditions=first, name="Welcome")
    buyers = await ready(shop, ["ann"] * 5, {"L2-S": 1})
    _look_once(monkeypatch)
    # With the key, whoever reads what is old waits in vain for another answer.
    told = await _placed(buyers)
    assert told == {"": 1, "STORE_UNAVAILABLE": 4}

    monkeypatch.setattr(order_discounts, "_is_for_first", lambda _held: False)
    assert (await _placed(buyers))[""] == 4


async def test_customer_uses_a_promotion_as_often_as_it_says(shop: Client) -> None:
    ola = Promoter(shop)
    await ola.made({"amountOff": money("1")}, usageLimitPerCustomer=2, name="Twice")
    anns = await ready(shop, ["ann"] * 6, {"L2-S": 1})
    bobs = await ready(shop, ["bob"], {"L2-S": 1})
    told = await _placed_in_the_end([*anns, *bobs])

    assert told == {"": 3, "PRICE_CHANGED": 4}
    assert await counters(shop) == {"Twice": (3, 0, 0)}
    placed = {number for number, _, _ in await uses(shop)}
    order = "query($number: String!) { order(number: $number) { id version } }"
    mine = next(one for one in anns if one.number in placed)
    await mine.cancel((await shop.ask(order, "ann", number=mine.number))["order"])
    late = next(one for one in anns if one.number not in placed)
    await seen(late)
    assert (await late.place())["userErrors"] == []
    assert await counters(shop) == {"Twice": (3, 0, 0)}


async def test_order_that_is_cancelled_as_it_expires_gives_back_once(shop: Client) -> None:
    ola = Promoter(shop)
    await ola.unlocked("SAVE", {"amountOff": money("1")}, name="Saving")
    await set_codes(Buyer(shop), "SAVE")
    flash = {"fixedPrice": {"price": money("1"), "quantityLimit": 9}}
    scope = {"productIds": [await product_id(shop, "lamp-3")]}
    await ola.made(flash, name="Flash", scope=scope, priority=1)
    (ann,) = await ready(shop, ["ann"], {"L2-S": 1, "L3-S": 2})
    order = (await ann.place())["order"]
    taken = await counters(shop)
    past = shop.mall.clock() - timedelta(seconds=1)
    overdue = update(orders).where(orders.c.number == ann.number).values(expires_at=past)
    await shop.mall.stores.database.transact(lambda session: session.update(overdue))
    await asyncio.gather(
        ann.cancel(order), expiry.expire(shop.mall), ann.cancel(order), expiry.expire(shop.mall)
    )

    assert taken == {"Saving": (1, 0, 0), "SAVE": (1, 0, 0), "Flash": (1, 2, 0)}
    assert await counters(shop) == {"Saving": (0, 0, 0), "SAVE": (0, 0, 0), "Flash": (0, 0, 0)}
    assert (await verify(shop.mall, ["discounts", "promotions", "coupons"])).differences == []


async def test_flash_sale_sells_its_units_and_not_one_more(shop: Client) -> None:
    flash = {"fixedPrice": {"price": money("1"), "quantityLimit": 5}}
    await Promoter(shop).made(flash, name="Flash")
    buyers = await ready(shop, MANY[:8], {"L2-S": 2})
    told = await _placed_in_the_end(buyers)
    taken = await counters(shop)
    late = await ready(shop, ["zoe"], {"L2-S": 2})

    # Two units each: the fifth one is left, and two units cost 1.00 and 2.50 then.
    assert told == {"": 2, "PRICE_CHANGED": 6}
    assert taken == {"Flash": (2, 4, 0)}
    assert late[0].total == "3.50"
    assert await _placed(late) == {"": 1}
    assert await counters(shop) == {"Flash": (3, 5, 0)}
    sold_out = await ready(shop, ["yan"], {"L2-S": 2})
    assert sold_out[0].total == "5.00"


async def test_who_held_the_price_gets_no_more_units_when_its_limit_is_taken_away(
    shop: Client,
) -> None:
    ola, flash = Promoter(shop), {"fixedPrice": {"price": money("1"), "quantityLimit": 3}}
    promotion = await ola.made(flash, name="Flash")
    buyers = await ready(shop, MANY[:3], {"L2-S": 2})
    changed = await ola.update(promotion, actions=[{"percentOff": {"percent": "1"}}])
    told = await _placed_in_the_end(buyers)

    assert changed["userErrors"] == []
    assert told == {"": 1, "PRICE_CHANGED": 2}
    assert await counters(shop) == {"Flash": (1, 2, 0)}


async def _claimed(shop: Client, names: Sequence[str]) -> list[dict[str, Any]]:
    """Let all claim at once a coupon of which there are two; return what each is told."""
    promotion = await Promoter(shop).made(
        isCouponRequired=True, isClaimable=True, usageLimit=LIMIT, name="Gift"
    )
    claims = [shop.ask(CLAIM, name, key=key(), id=promotion["id"]) for name in names]
    return [one["claimCoupon"] for one in await asyncio.gather(*claims)]


async def test_no_more_coupons_are_claimed_than_can_be_used(shop: Client) -> None:
    told = await _claimed(shop, MANY)
    late = [one for one in told if one["userErrors"]]

    assert Counter(one["userErrors"][0]["code"] for one in late) == {
        "COUPON_LIMIT_REACHED": 9 * LIMIT
    }
    assert (await counters(shop))["Gift"] == (0, 0, LIMIT)


@pytest.mark.parametrize("shop", ["embedded"], indirect=True)
async def test_twin_that_counts_no_claim_gives_a_coupon_to_everybody(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def claim(_session: WriteSession, _promotion_id: int) -> bool:
        return True

    monkeypatch.setattr(promotions, "claim", claim)
    told = await _claimed(shop, MANY[: 2 * LIMIT])
    assert [one["userErrors"] for one in told] == [[]] * 2 * LIMIT


async def test_one_shopper_who_claims_ten_times_at_once_has_one_coupon(shop: Client) -> None:
    promotion = await Promoter(shop).made(isCouponRequired=True, isClaimable=True, name="Gift")
    claims = [shop.ask(CLAIM, "ann", key=key(), id=promotion["id"]) for _ in range(10)]
    told = [one["claimCoupon"] for one in await asyncio.gather(*claims)]

    assert [one["userErrors"] for one in told] == [[]] * 10
    assert len({one["coupon"]["code"] for one in told}) == 1
    assert (await counters(shop))["Gift"] == (0, 0, 1)


async def test_personal_coupon_is_used_once_by_two_orders_at_once(shop: Client) -> None:
    ola = Promoter(shop)
    promotion = await ola.made(
        {"amountOff": money("1")}, isCouponRequired=True, isClaimable=True, name="Gift"
    )
    claimed = await shop.ask(CLAIM, "ann", key=key(), id=promotion["id"])
    code = claimed["claimCoupon"]["coupon"]["code"]
    await set_codes(Buyer(shop), code)
    anns = await ready(shop, ["ann"] * 4, {"L2-S": 1})
    shown = (await seen(anns[0]))["coupons"]
    told = await _placed_in_the_end(anns)

    assert shown == [{"code": code}]
    assert told == {"": 1, "PRICE_CHANGED": 3}
    assert await counters(shop) == {"Gift": (1, 0, 1), code: (1, 0, 0)}

"""Coupons from the merchant's desk to the order, as their users see them."""

from typing import Any

from tests.buying import Buyer, key
from tests.promoting import (
    CLAIM,
    ORDER,
    Promoter,
    counters,
    money,
    seen,
    set_codes,
    uses,
    variant_ids,
)
from tests.shopping import Client


async def test_coupon_is_used_from_the_cart_on_and_comes_back_once(shop: Client) -> None:
    ola, ann = Promoter(shop), Buyer(shop)
    await ola.unlocked("SAVE-1", {"amountOff": money("1")}, name="Saving")
    await ann.fill({"L2-S": 1})
    payload = await set_codes(ann, " save-1 ", "SAVE-1", "NEVER-MADE")
    await ann.begin()
    preview = (await seen(ann))["preview"]
    placed = await ann.place()
    taken = await counters(shop)
    await ann.cancel(placed["order"])
    again = await ann.cancel(placed["order"])

    assert payload["cart"]["couponCodes"] == ["SAVE-1", "NEVER-MADE"]
    assert payload["cart"]["problems"] == [
        {"code": "COUPON_INVALID", "field": ["couponCodes", "1"]}
    ]
    assert payload["cart"]["totals"] == {"total": {"amount": "1.50"}}
    assert preview["discounts"] == [
        {
            "title": "Saving",
            "couponCode": "SAVE-1",
            "amount": {"amount": "1.00"},
            "promotion": {"name": "Saving"},
        }
    ]
    assert (placed["userErrors"], placed["order"]["totals"]) == ([], {"total": {"amount": "1.50"}})
    assert taken == {"Saving": (1, 0, 0), "SAVE-1": (1, 0, 0)}
    assert again["order"] is None
    assert await counters(shop) == {"Saving": (0, 0, 0), "SAVE-1": (0, 0, 0)}
    assert await uses(shop) == [(ann.number, "Saving", True)]


async def test_coupon_that_gives_nothing_says_why(shop: Client) -> None:
    ola, ann, bob = Promoter(shop), Buyer(shop), Buyer(shop, "bob")
    one_use = await ola.made(isCouponRequired=True, usageLimit=1, name="Once")
    await ola.coupons(one_use, "ONCE")
    over = await ola.made(isCouponRequired=True, name="Over")
    await ola.coupons(over, "LATE", expiresAt="2021-01-01T00:00:00Z")
    much = [{"minSubtotal": money("999")}]
    await ola.unlocked("MUCH", conditions=much, name="Much")
    await ola.unlocked("TWICE-A", name="Other")
    claimable = await ola.made(isCouponRequired=True, isClaimable=True, name="Mine")
    bobs = await shop.ask(CLAIM, "bob", key=key(), id=claimable["id"])
    for buyer in (bob, ann):
        await buyer.fill({"L2-S": 1})
        await buyer.begin()
    await seen(bob, codes=["ONCE"])
    assert (await bob.place(couponCodes=["ONCE"]))["userErrors"] == []
    told = {}
    for code in ("ONCE", "LATE", "MUCH", "NONE", bobs["claimCoupon"]["coupon"]["code"], "?!"):
        payload = await ann.place(couponCodes=["twice-a", code])
        told[code[:5]] = [(one["code"], one["field"]) for one in payload["userErrors"]]
    preview = await shop.send(
        """query($n: String!) { checkout(orderNumber: $n) {
          preview(couponCodes: ["MUCH"]) { totals { total { amount } } } } }""",
        "ann",
        n=ann.number,
    )

    at = ["couponCodes", "1"]
    assert told == {
        "ONCE": [("COUPON_LIMIT_REACHED", at)],
        "LATE": [("COUPON_EXPIRED", at)],
        "MUCH": [("COUPON_NOT_APPLICABLE", at)],
        "NONE": [("COUPON_INVALID", at)],
        bobs["claimCoupon"]["coupon"]["code"][:5]: [("COUPON_INVALID", at)],
        "?!": [("INVALID", at)],
    }
    assert preview["errors"][0]["extensions"]["code"] == "COUPON_NOT_APPLICABLE"


async def test_coupon_of_the_cart_that_was_used_up_changes_the_price(shop: Client) -> None:
    ola, ann, bob = Promoter(shop), Buyer(shop), Buyer(shop, "bob")
    once = await ola.made({"amountOff": money("1")}, isCouponRequired=True, usageLimit=1)
    await ola.coupons(once, "ONCE")
    for buyer in (ann, bob):
        await buyer.fill({"L2-S": 1})
        await set_codes(buyer, "ONCE")
        await buyer.begin()
        await seen(buyer)
    first, second = await ann.place(), await bob.place()
    bob.total = "2.50"

    assert first["userErrors"] == []
    (refused,) = second["userErrors"]
    assert refused["code"] == "PRICE_CHANGED"
    assert refused["details"]["preview"]["totals"] == {"total": {"amount": "2.50"}}
    assert (await bob.place())["userErrors"] == []
    assert await uses(shop) == [(ann.number, "Sale", False)]


async def test_claim_gives_one_coupon_to_each_shopper(shop: Client) -> None:
    ola = Promoter(shop)
    promotion = await ola.made(isCouponRequired=True, isClaimable=True, usageLimit=2, name="Gift")
    used = key()

    async def claim(user: str, used: str) -> dict[str, Any]:
        data = await shop.ask(CLAIM, user, key=used, id=promotion["id"])
        payload: dict[str, Any] = data["claimCoupon"]
        return payload

    first, replay, other = [await claim("ann", each) for each in (used, used, key())]
    moes, bobs = await claim("moe", key()), await claim("bob", key())
    mine = "{ me { id coupons { code usedCount } } }"
    anns = (await shop.ask(mine, "ann"))["me"]
    hers = "query($id: ID!) { node(id: $id) { ... on Coupon { code } } }"
    by = {
        user: (await shop.ask(hers, user, id=first["coupon"]["id"]))["node"]
        for user in (None, "ann", "bob", "ola", "mia")
    }

    assert first["coupon"]["promotion"] == {"name": "Gift"}
    assert first["coupon"]["customer"] == {"id": anns["id"]}
    assert replay == first | {"isReplay": True}
    assert other == first
    assert anns["coupons"] == [{"code": first["coupon"]["code"], "usedCount": 0}]
    assert moes["coupon"]["code"] != first["coupon"]["code"]
    assert [(one["code"], one["field"]) for one in bobs["userErrors"]] == [
        ("COUPON_LIMIT_REACHED", ["promotionId"])
    ]
    shown = {"code": first["coupon"]["code"]}
    assert by == {None: None, "ann": shown, "bob": None, "ola": shown, "mia": None}
    assert await counters(shop) == {
        "Gift": (0, 0, 2),
        first["coupon"]["code"]: (0, 0, 0),
        moes["coupon"]["code"]: (0, 0, 0),
    }


async def test_merchant_sees_of_its_customers_the_coupons_that_it_gave(shop: Client) -> None:
    ann = Buyer(shop)
    await ann.buy({"L2-S": 1})
    for user, name in (("ola", "Gift"), ("moe", "Hill gift")):
        made = await Promoter(shop, user).made(isCouponRequired=True, isClaimable=True, name=name)
        await shop.ask(CLAIM, "ann", key=key(), id=made["id"])
    id_ = (await shop.ask("{ me { id } }", "ann"))["me"]["id"]
    hers = "query($id: ID!) { customer(id: $id) { coupons { promotion { name } } } }"
    shown = {user: (await shop.ask(hers, user, id=id_))["customer"] for user in ("ola", "moe")}

    assert {
        user: [one["promotion"]["name"] for one in its["coupons"]] for user, its in shown.items()
    } == {
        "ola": ["Hill gift", "Gift"],
        "moe": ["Hill gift"],
    }


async def test_codes_are_made_once_and_listed(shop: Client) -> None:
    ola = Promoter(shop)
    promotion = await ola.made(isCouponRequired=True)
    used = key()
    made = await ola.coupons(promotion, "one", "TWO", usageLimit=3, key=used)
    replay = await ola.coupons(promotion, "one", "TWO", usageLimit=3, key=used)
    stale = await ola.coupons(promotion, "THREE")
    now = promotion | {"version": 2}
    taken = await ola.coupons(now, "FREE", "ONE")
    many = await ola.coupons(now, codes={"count": 3})
    free = await ola.made(name="Free")
    needless = await ola.coupons(free, "NEVER")
    listed = """query($id: ID!, $after: String) { promotion(id: $id) {
      coupons(first: 3, after: $after) { totalCount nodes { code }
        pageInfo { hasNextPage endCursor } } } }"""
    first = (await shop.ask(listed, "ola", id=promotion["id"]))["promotion"]["coupons"]
    after = first["pageInfo"]["endCursor"]
    rest = (await shop.ask(listed, "ola", id=promotion["id"], after=after))["promotion"]["coupons"]
    foreign = (await shop.ask(listed, "mia", id=promotion["id"]))["promotion"]["coupons"]

    assert [(one["code"], one["usageLimit"]) for one in made["coupons"]] == [("ONE", 3), ("TWO", 3)]
    assert made["promotion"]["version"] == 2
    assert replay == made | {"isReplay": True}
    assert stale["userErrors"][0]["code"] == "VERSION_CONFLICT"
    assert [(one["code"], one["field"]) for one in taken["userErrors"]] == [
        ("DUPLICATE", ["codes", "list", "1"])
    ]
    assert len({one["code"] for one in many["coupons"]}) == 3
    assert needless["userErrors"][0]["code"] == "INVALID"
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"]) == (5, True)
    assert [one["code"] for one in rest["nodes"]] == ["TWO", "ONE"]
    assert foreign is None


async def test_code_is_told_to_who_sent_it_and_to_whose_it_is(shop: Client) -> None:
    ola, mia, ann = Promoter(shop), Promoter(shop, "mia"), Buyer(shop)
    one_off = {"amountOff": money("1")}
    await ola.unlocked("FRIENDS", one_off, name="Friends", isStackable=True)
    await mia.unlocked("HARBOUR-1", one_off, name="Harbour days", isStackable=True)
    await ann.fill({"L2-S": 2, "L3-S": 2})
    await ann.begin()
    codes = ["FRIENDS", "HARBOUR-1"]
    await seen(ann, codes=codes)
    assert (await ann.place(couponCodes=codes))["userErrors"] == []
    shown = {}
    for user in ("ann", "ola", "mia", "moe"):
        order = (await shop.ask(ORDER, user, number=ann.number))["order"]
        shown[user] = {one["title"]: one["couponCode"] for one in order["discounts"]}

    both = {"Friends": "FRIENDS", "Harbour days": "HARBOUR-1"}
    # Whoever knows the code of another could use it.
    hidden: dict[str, str | None] = {"Friends": None}
    assert shown == {"ann": both, "ola": both, "mia": both | hidden, "moe": hidden}


async def test_temporary_cart_shows_promotions_and_takes_shared_coupons(shop: Client) -> None:
    ola = Promoter(shop)
    await ola.unlocked("SHARED", {"amountOff": money("1")}, name="Shared")
    first = [{"segment": "FIRST_ORDER"}]
    await ola.made(conditions=first, name="Welcome", isStackable=True)
    (variant,) = await variant_ids(shop, "L2-S")
    add = """mutation($key: ID!, $v: ID!) { addCartLines(idempotencyKey: $key,
      input: { lines: [{ variantId: $v }] }) { cart { token discounts { title } } } }"""
    code = """mutation($key: ID!, $t: String, $codes: [String!]) { updateCart(idempotencyKey: $key,
      input: { cartToken: $t, couponCodes: $codes }) { cart { token couponCodes
        discounts { title } } userErrors { code field } } }"""
    merge = """mutation($key: ID!, $t: String) { mergeCart(idempotencyKey: $key,
      input: { cartToken: $t }) { cart { couponCodes discounts { title } } } }"""
    cart = (await shop.ask(add, key=key(), v=variant))["addCartLines"]["cart"]
    changed = (await shop.ask(code, key=key(), t=cart["token"], codes=["shared"]))["updateCart"]
    many = await shop.ask(code, key=key(), t=cart["token"], codes=["AAA", "BBB", "CCC", "DDD"])
    token = changed["cart"]["token"]
    merged = (await shop.ask(merge, "ann", key=key(), t=token))["mergeCart"]["cart"]

    assert cart["discounts"] == []
    assert changed["cart"]["discounts"] == [{"title": "Shared"}]
    assert many["updateCart"]["userErrors"] == [
        {"code": "LIMIT_EXCEEDED", "field": ["couponCodes"]}
    ]
    assert merged == {"couponCodes": ["SHARED"], "discounts": [{"title": "Shared"}]}

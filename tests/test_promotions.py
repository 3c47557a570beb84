"""Promotions from the merchant's desk to the order, as their users see them."""

from typing import Any

from tests.buying import Buyer, key
from tests.promoting import (
    CART,
    CLAIM,
    ORDER,
    PERCENT,
    Promoter,
    amounts,
    counters,
    money,
    product_id,
    seen,
    set_codes,
    uses,
    variant_ids,
)
from tests.shopping import HARBOUR, HILL, Client


async def test_promotion_goes_from_draft_to_end(shop: Client) -> None:
    ola = Promoter(shop)
    used = key()
    scope = {"productIds": [await product_id(shop, "lamp-2")], "brands": ["Lumo"]}
    draft = {
        "name": " Winter ",
        "startsAt": "2020-01-01T00:00:00Z",
        "endsAt": "2999-01-01T00:00:00Z",
        "status": "DRAFT",
        "scope": scope,
        "conditions": [{"minSubtotal": money("50")}, {"segment": "RETURNING"}],
        "usageLimit": 5,
        "priority": 3,
    }
    actions = [{"percentOff": {"percent": "12.5", "maximum": money("9")}}]
    made = await ola.create(*actions, **draft, key=used)
    again = await ola.create(*actions, **draft, key=used)
    promotion = made["promotion"]

    assert made["userErrors"] == []
    assert (again["promotion"], again["isReplay"]) == (promotion, True)
    assert promotion | {"id": 0} == {
        "id": 0,
        "version": 1,
        "name": "Winter",
        "status": "DRAFT",
        "startsAt": "2020-01-01T00:00:00Z",
        "endsAt": "2999-01-01T00:00:00Z",
        "priority": 3,
        "isStackable": False,
        "isCouponRequired": False,
        "isClaimable": False,
        "usageLimit": 5,
        "usageLimitPerCustomer": None,
        "merchant": None,
        "scope": {"products": [{"slug": "lamp-2"}], "categories": [], "brands": ["Lumo"]},
        "conditions": [
            {"__typename": "MinSubtotal", "amount": {"amount": "50.00"}},
            {"__typename": "SegmentCondition", "segment": "RETURNING"},
        ],
        "actions": [{"__typename": "PercentOff", "percent": "12.5", "maximum": {"amount": "9.00"}}],
        "usedCount": 0,
    }
    active = await ola.update(promotion, status="ACTIVE", scope=None, usageLimit=None)
    assert active["promotion"]["status"] == "ACTIVE"
    assert (active["promotion"]["scope"], active["promotion"]["usageLimit"]) == (None, None)
    (late,) = (await ola.update(promotion, status="ENDED"))["userErrors"]
    assert (late["code"], late["details"]) == (
        "VERSION_CONFLICT",
        {
            "__typename": "VersionConflictDetails",
            "currentVersion": 2,
            "current": {"id": promotion["id"]},
        },
    )
    ended = await ola.update(active["promotion"], status="ENDED")
    (over,) = (await ola.update(ended["promotion"], status="ACTIVE"))["userErrors"]
    assert (over["code"], over["field"]) == ("TRANSITION_FORBIDDEN", ["status"])


#: What is wrong in createPromotion -> the code, and the path it is told at.
BAD: dict[str, tuple[dict[str, Any], str, list[str] | None]] = {
    "no action": ({"actions": []}, "INVALID", ["actions"]),
    "two of a kind": ({"actions": [PERCENT, PERCENT]}, "INVALID", ["actions"]),
    "percent 0": (
        {"actions": [{"percentOff": {"percent": "0"}}]},
        "INVALID",
        ["actions", "0", "percentOff", "percent"],
    ),
    "percent 101": (
        {"actions": [{"shippingOff": {"percent": "101"}}]},
        "INVALID",
        ["actions", "0", "shippingOff", "percent"],
    ),
    "percent of 5 digits": (
        {"actions": [{"percentOff": {"percent": "1.00001"}}]},
        "INVALID",
        ["actions", "0", "percentOff", "percent"],
    ),
    "nothing off": (
        {"actions": [{"amountOff": money("0")}]},
        "INVALID",
        ["actions", "0", "amountOff"],
    ),
    "another currency": (
        {"actions": [{"amountOff": {"amount": "1", "currencyCode": "USD"}}]},
        "INVALID",
        ["actions", "0", "amountOff", "currencyCode"],
    ),
    "tiers that fall": (
        {
            "actions": [
                {
                    "tiers": [
                        {"subtotal": money("9"), "amountOff": money("1")},
                        {"subtotal": money("8"), "amountOff": money("2")},
                    ]
                }
            ]
        },
        "INVALID",
        ["actions", "0", "tiers", "1", "subtotal"],
    ),
    "no unit at the price": (
        {"actions": [{"fixedPrice": {"price": money("1"), "quantityLimit": 0}}]},
        "INVALID",
        ["actions", "0", "fixedPrice", "quantityLimit"],
    ),
    "nothing named": ({"scope": {}}, "INVALID", ["scope"]),
    "no such category": (
        {"scope": {"categoryIds": ["Q2F0ZWdvcnk6OTk5"]}},
        "NOT_FOUND",
        ["scope", "categoryIds", "0"],
    ),
    "end before start": ({"endsAt": "2019-01-01T00:00:00Z"}, "INVALID", ["endsAt"]),
    "coupon nobody needs": ({"isClaimable": True}, "INVALID", ["isClaimable"]),
    "no use": ({"usageLimit": 0}, "INVALID", ["usageLimit"]),
    "born ended": ({"status": "ENDED"}, "INVALID", ["status"]),
    "no name": ({"name": " "}, "INVALID", ["name"]),
    "least quantity 0": (
        {"conditions": [{"minQuantity": 0}]},
        "INVALID",
        ["conditions", "0", "minQuantity"],
    ),
}


async def test_what_no_promotion_can_be_is_refused_with_its_place(shop: Client) -> None:
    ola = Promoter(shop)
    wrong = []
    for name, (input_, code, field) in BAD.items():
        payload = await ola.create(PERCENT, **input_)
        told = [(one["code"], one["field"]) for one in payload["userErrors"]]
        if payload["promotion"] is not None or told != [(code, field)]:
            wrong.append((name, payload))

    assert wrong == []
    assert await counters(shop) == {}


#: What is wrong in updatePromotion -> the code, and the path it is told at.
BAD_UPDATES: dict[str, tuple[dict[str, Any], str, list[str]]] = {
    "no name": ({"name": None}, "REQUIRED", ["name"]),
    "no action": ({"actions": None}, "REQUIRED", ["actions"]),
    "empty actions": ({"actions": []}, "INVALID", ["actions"]),
    "end before start": ({"endsAt": "2019-01-01T00:00:00Z"}, "INVALID", ["endsAt"]),
    "back to draft": ({"status": "DRAFT"}, "TRANSITION_FORBIDDEN", ["status"]),
    "needless claims": ({"isClaimable": True}, "INVALID", ["isClaimable"]),
    "priority": ({"priority": 2_000_000}, "INVALID", ["priority"]),
    "too many uses": (
        {"usageLimitPerCustomer": 2_000_000_000},
        "INVALID",
        ["usageLimitPerCustomer"],
    ),
    "no such product": (
        {"scope": {"productIds": ["UHJvZHVjdDo5OTk"]}},
        "NOT_FOUND",
        ["scope", "productIds", "0"],
    ),
    "no brand": ({"scope": {"brands": [""]}}, "INVALID", ["scope", "brands", "0"]),
}


async def test_what_no_promotion_can_become_is_refused_and_changes_nothing(shop: Client) -> None:
    ola = Promoter(shop)
    promotion = await ola.made()
    wrong = []
    for name, (changes, code, field) in BAD_UPDATES.items():
        payload = await ola.update(promotion, **changes)
        told = [(one["code"], one["field"]) for one in payload["userErrors"]]
        if payload["promotion"] is not None or told != [(code, field)]:
            wrong.append((name, payload))
    renamed = await ola.update(promotion, name="Other", startsAt="2020-02-01T00:00:00Z")

    assert wrong == []
    assert renamed["promotion"] == promotion | {
        "version": 2,
        "name": "Other",
        "startsAt": "2020-02-01T00:00:00Z",
    }


async def test_merchant_promotes_its_own_and_shoppers_see_what_applies(shop: Client) -> None:
    ola, mia, moe = Promoter(shop), Promoter(shop, "mia"), Promoter(shop, "moe")
    whole = await ola.made(name="Whole shop")
    own = await mia.made(name="Harbour only", priority=5)
    await moe.made(name="Hill draft", status="DRAFT")
    later = await mia.made(name="Later", startsAt="2999-01-01T00:00:00Z")
    foreign = {"merchantId": await shop.merchant_id(HILL)}
    (refused,) = (await mia.create(PERCENT, **foreign))["userErrors"]
    (hidden,) = (await mia.update(whole, name="Mine"))["userErrors"]
    names = "{ promotions { totalCount nodes { name } } }"
    lists = {
        user: [one["name"] for one in (await shop.ask(names, user))["promotions"]["nodes"]]
        for user in (None, "ann", "mia", "moe", "ola")
    }
    of_product = "query($slug: String!) { product(by: { slug: $slug }) { promotions { name } } }"
    of_lamps = [
        (await shop.ask(of_product, slug=slug))["product"]["promotions"]
        for slug in ("lamp-1", "lamp-2")
    ]
    one = "query($id: ID!) { promotion(id: $id) { name } }"
    seen_by = [(await shop.ask(one, user, id=later["id"]))["promotion"] for user in ("ann", "mia")]

    assert own["merchant"] == {"name": HARBOUR}
    assert (refused["code"], refused["field"]) == ("NOT_FOUND", ["merchantId"])
    assert (hidden["code"], hidden["field"]) == ("NOT_FOUND", ["promotionId"])
    public = ["Harbour only", "Whole shop"]
    assert lists == {
        None: public,
        "ann": public,
        "mia": ["Later", *public],
        "moe": ["Hill draft", *public],
        "ola": ["Later", "Hill draft", *public],
    }
    assert of_lamps == [
        [{"name": "Harbour only"}, {"name": "Whole shop"}],
        [{"name": "Whole shop"}],
    ]
    assert seen_by == [None, {"name": "Later"}]


async def test_list_is_filtered_and_paged(shop: Client) -> None:
    ola = Promoter(shop)
    desk = (await shop.ask('{ category(slug: "desk-lamps") { id parent { id } } }'))["category"]
    tea = await product_id(shop, "tea")
    await ola.made(name="All lamps", scope={"categoryIds": [desk["parent"]["id"]]})
    await ola.made(name="Tea", scope={"productIds": [tea]})
    await ola.made(name="Helio", scope={"brands": ["Helio"]}, status="DRAFT")
    await ola.made(name="Over", endsAt="2021-01-01T00:00:00Z")
    await ola.made(name="Claimable", isCouponRequired=True, isClaimable=True)
    query = """query($after: String, $first: Int, $statuses: [PromotionStatus!], $product: ID,
        $claimable: Boolean) {
      promotions(first: $first, after: $after, statuses: $statuses, productId: $product,
        isClaimable: $claimable) { totalCount nodes { name status }
        pageInfo { hasNextPage endCursor } } }"""

    async def names(**asked: Any) -> list[str]:
        found = (await shop.ask(query, "ola", **asked))["promotions"]
        assert found["totalCount"] == len(found["nodes"])
        return [one["name"] for one in found["nodes"]]

    assert await names(statuses=["ENDED"]) == ["Over"]
    assert await names(statuses=["DRAFT", "ACTIVE"]) == ["Claimable", "Helio", "Tea", "All lamps"]
    assert await names(product=await product_id(shop, "lamp-1")) == [
        "Claimable",
        "Over",
        "Helio",
        "All lamps",
    ]
    assert await names(product=tea, statuses=["ACTIVE"]) == ["Claimable", "Tea"]
    assert await names(claimable=True) == ["Claimable"]
    first = (await shop.ask(query, "ola", first=2))["promotions"]
    rest = (await shop.ask(query, "ola", after=first["pageInfo"]["endCursor"]))["promotions"]
    assert [one["name"] for one in first["nodes"] + rest["nodes"]] == [
        "Claimable",
        "Over",
        "Helio",
        "Tea",
        "All lamps",
    ]
    other = await shop.send(query, "ola", after=first["pageInfo"]["endCursor"], claimable=True)
    assert other["errors"][0]["extensions"]["code"] == "INVALID"


async def test_cart_checkout_and_order_show_the_same_discounts(shop: Client) -> None:
    ola, ann = Promoter(shop), Buyer(shop)
    ten = await ola.made(name="Ten off", isStackable=True, priority=2)
    full = [{"subtotal": money("5"), "amountOff": money("1")}]
    await ola.made({"tiers": full}, name="满5减1", isStackable=True)
    await ann.fill({"L2-S": 2, "L3-S": 1})
    cart = (await shop.ask(CART, "ann"))["cart"]
    await ann.begin()
    preview = (await seen(ann))["preview"]
    await ola.end(ten)
    placed = await ann.place()
    order = (await shop.ask(ORDER, "ann", number=ann.number))["order"]

    # 8.50: 10 % are 0.85 (0.50 and 0.35), then 1.00 of what is left (0.59 and 0.41).
    assert placed["userErrors"] == []
    sums = {"subtotal": "8.50", "discount": "1.85", "tax": "1.06", "total": "6.65"}
    assert amounts(cart) == {**sums, "shipping": None}
    assert amounts(preview) == amounts(order) == {**sums, "shipping": "0.00"}
    told = [
        {"title": "Ten off", "couponCode": None, "amount": {"amount": "0.85"}},
        {"title": "满5减1", "couponCode": None, "amount": {"amount": "1.00"}},
    ]
    live = [one | {"promotion": {"name": one["title"]}} for one in told]
    assert cart["discounts"] == preview["discounts"] == live
    # What is over is shown with its name, but not as a promotion.
    assert order["discounts"] == [told[0] | {"promotion": None}, live[1]]
    assert [line["total"]["amount"] for line in cart["lines"]] == ["3.91", "2.74"]
    assert [
        [(one["title"], one["amount"]["amount"]) for one in line["discounts"]]
        for line in order["lines"]
    ] == [[("Ten off", "0.50"), ("满5减1", "0.59")], [("Ten off", "0.35"), ("满5减1", "0.41")]]
    assert [(line["total"]["amount"], line["tax"]["amount"]) for line in order["lines"]] == [
        ("3.91", "0.62"),
        ("2.74", "0.44"),
    ]
    assert await counters(shop) == {"Ten off": (1, 0, 0), "满5减1": (1, 0, 0)}


async def test_merchant_sees_the_shares_of_its_own_lines(shop: Client) -> None:
    ann = Buyer(shop)
    await Promoter(shop).made({"amountOff": money("1")}, name="One off")
    await ann.fill({"L2-S": 2, "L3-S": 1})
    await ann.begin()
    await seen(ann)
    assert (await ann.place())["userErrors"] == []
    orders = {
        user: (await shop.ask(ORDER, user, number=ann.number))["order"]
        for user in ("ann", "mia", "moe")
    }

    shown = {user: one["discounts"][0]["amount"]["amount"] for user, one in orders.items()}
    assert shown == {"ann": "1.00", "mia": "0.41", "moe": "0.59"}
    assert {user: amounts(one)["discount"] for user, one in orders.items()} == shown


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


async def _add_express(shop: Client) -> None:
    """Let parcels come for 4.90 too; the option stands last."""
    rate = """mutation($key: ID!, $input: CreateDeliveryRateInput!) {
      createDeliveryRate(idempotencyKey: $key, input: $input) { deliveryRate { id } } }"""
    input_ = {"title": "Express", "regions": [], "price": money("4.90")}
    await shop.ask(rate, "ola", key=key(), input=input_)


async def test_merchant_gives_shipping_away_only_where_all_lines_are_its_own(shop: Client) -> None:
    await _add_express(shop)
    free = {"shippingOff": {"percent": "100"}}
    await Promoter(shop, "mia").made(free, {"amountOff": money("0.50")}, name="Harbour days")
    told = {}
    for name, wanted in {"ann": {"L2-S": 1, "L3-S": 1}, "bob": {"L3-S": 1}}.items():
        buyer = Buyer(shop, name)
        await buyer.fill(wanted)
        begun = await buyer.begin()
        express = begun["checkout"]["deliveryOptions"][-1]["id"]
        preview = (await seen(buyer, option=express))["preview"]
        told[name] = (amounts(preview)["discount"], amounts(preview)["shipping"])
        placed = await buyer.place(deliveryOptionId=express)
        assert placed["userErrors"] == []

    # With goods of Hill in the parcel, Harbour gives away what is its own, and no more.
    assert told == {"ann": ("0.50", "4.90"), "bob": ("0.50", "0.00")}


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


async def test_free_shipping_is_known_with_the_option(shop: Client) -> None:
    ola, ann = Promoter(shop), Buyer(shop)
    await _add_express(shop)
    await ola.made({"shippingOff": {"percent": "50"}}, name="Half shipping")
    await ann.fill({"L2-S": 1})
    begun = await ann.begin()
    express = begun["checkout"]["deliveryOptions"][-1]["id"]
    before = (await seen(ann, option=None))["preview"]
    after = (await seen(ann, option=express))["preview"]
    placed = await ann.place(deliveryOptionId=express)
    order = (await shop.ask(ORDER, "ann", number=ann.number))["order"]
    await ann.cancel(placed["order"])

    assert before["discounts"] == []
    assert [one["amount"] for one in after["discounts"]] == [{"amount": "2.45"}]
    assert amounts(after) == {
        "subtotal": "2.50",
        "discount": "0.00",
        "shipping": "2.45",
        "tax": "0.40",
        "total": "4.95",
    }
    assert placed["userErrors"] == []
    assert (amounts(order), order["discounts"]) == (amounts(after), after["discounts"])
    assert await counters(shop) == {"Half shipping": (0, 0, 0)}


async def test_first_order_is_dear_only_once(shop: Client) -> None:
    ola, ann = Promoter(shop), Buyer(shop)
    first = [{"segment": "FIRST_ORDER"}]
    await ola.made({"amountOff": money("1")}, conditions=first, name="Welcome", isStackable=True)
    await ola.made(conditions=[{"segment": "RETURNING"}], name="Back", isStackable=True)
    bought = []
    for _ in range(2):
        await ann.fill({"L2-S": 1})
        await ann.begin()
        shown = (await seen(ann))["preview"]
        placed = await ann.place()
        assert placed["userErrors"] == []
        bought.append(([one["title"] for one in shown["discounts"]], placed["order"]))
    await ann.cancel(bought[1][1])
    await ann.cancel(bought[0][1])
    await ann.fill({"L3-S": 1})
    await ann.begin()

    assert [titles for titles, _ in bought] == [["Welcome"], ["Back"]]
    shown = (await seen(ann))["preview"]
    assert [one["title"] for one in shown["discounts"]] == ["Welcome"]
    assert (await ann.place())["userErrors"] == []


PREVIEW = """query($id: ID!, $lines: [VariantQuantityInput!]!, $customer: ID) {
  promotionPreview(promotionId: $id, lines: $lines, customerId: $customer) {
    totals { total { amount } } discounts { title amount { amount } }
    lines { quantity total { amount } variant { sku } } } }"""


async def test_draft_is_tried_out_on_the_lines_of_a_real_cart(shop: Client) -> None:
    ola, ann = Promoter(shop), Buyer(shop)
    draft = await ola.made(
        {"amountOff": money("1")},
        status="DRAFT",
        name="Draft",
        conditions=[{"segment": "RETURNING"}, {"minQuantity": 3}],
    )
    await ann.fill({"L2-S": 2, "L3-S": 1})
    lines = (await shop.ask("{ cart { lines { quantity variant { id } } } }", "ann"))["cart"]
    wanted = [
        {"variantId": one["variant"]["id"], "quantity": one["quantity"]} for one in lines["lines"]
    ]
    me = (await shop.ask("{ me { id } }", "ann"))["me"]["id"]
    found = [
        (await shop.ask(PREVIEW, user, id=draft["id"], lines=wanted, customer=customer))[
            "promotionPreview"
        ]
        for user, customer in (("ola", None), ("ola", me), ("mia", None))
    ]
    (hidden,) = await variant_ids(shop, "D-1")
    bad = await shop.send(PREVIEW, "ola", id=draft["id"], lines=[{"variantId": hidden}])

    assert found[0] == {
        "totals": {"total": {"amount": "7.50"}},
        "discounts": [{"title": "Draft", "amount": {"amount": "1.00"}}],
        "lines": [
            {"quantity": 2, "total": {"amount": "4.41"}, "variant": {"sku": "L2-S"}},
            {"quantity": 1, "total": {"amount": "3.09"}, "variant": {"sku": "L3-S"}},
        ],
    }
    assert found[1]["discounts"] == []
    assert found[2] is None
    assert "errors" not in bad
    assert await counters(shop) == {"Draft": (0, 0, 0)}


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

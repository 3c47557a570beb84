"""Promotions at the merchant's desk: made, changed, ended, listed, and refused."""

from typing import Any

from tests.buying import key
from tests.promoting import PERCENT, Promoter, counters, money, product_id
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

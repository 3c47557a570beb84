"""Orders: from the checkout to the end, exactly once, and the page as it was."""

import asyncio
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import update

from jobs import expiry
from stores.checkouts import checkouts
from stores.inventory_levels import inventory_levels
from stores.order_numbers import is_number
from stores.orders import orders
from stores.products import products, variants
from stores.sql import WriteSession
from tests.buying import Buyer, by_sku, key, state, stock
from tests.eventually import eventually
from tests.shopping import HARBOUR, HILL, Client

ORDER = """query($number: String!) { order(number: $number) {
  number status totals { subtotal { amount } shipping { amount } total { amount } }
  customer { id } shippingAddress { name city countryCode }
  deliveryOption { title price { amount } }
  lines { sku title quantity unitPrice { amount } total { amount } tax { amount }
    options { name value } media { url } merchant { name } product { slug } variant { sku }
    snapshot { title revision contentHash categoryName merchantName description
      specs { key } variants { sku price { amount } } } }
  events { sequence kind fromStatus toStatus note actor { id } }
  allowedTransitions
} }"""


async def test_cart_becomes_an_order_and_leaves_the_cart(shop: Client) -> None:
    ann = Buyer(shop)
    await ann.fill({"L2-S": 2, "L3-S": 1})
    begun = await ann.begin()
    before = await stock(shop, "L2-S")
    placed = await ann.place(note="Ring twice.")

    assert is_number(ann.number)
    assert begun["checkout"]["preview"]["totals"] == {
        "subtotal": {"amount": "8.50"},
        "shipping": None,
        "tax": {"amount": "1.36"},
        "total": {"amount": "8.50"},
    }
    assert placed == {
        "order": {
            "id": placed["order"]["id"],
            "number": ann.number,
            "version": 1,
            "status": "PENDING_PAYMENT",
            "paymentStatus": "UNPAID",
            "totals": {"total": {"amount": "8.50"}},
        },
        "isReplay": False,
        "userErrors": [],
    }
    assert await stock(shop, "L2-S") == (before[0], before[1] + 2)
    await eventually(ann.cart, {})


async def test_order_shows_what_was_bought_as_it_was(shop: Client) -> None:
    ann = Buyer(shop)
    order = await ann.buy({"L2-S": 2})
    seen = (await shop.ask(ORDER, "ann", number=order["number"]))["order"]

    (line,) = seen.pop("lines")
    snapshot = line.pop("snapshot")
    assert snapshot.pop("contentHash")
    assert snapshot == {
        "title": "Lamp 002",
        "revision": 1,
        "categoryName": "Floor lamps",
        "merchantName": HILL,
        "description": "A lamp, number 2. It shines.",
        "specs": [{"key": one} for one in ("weight", "colour", "dimmable", "includes")],
        "variants": [
            {"sku": "L2-S", "price": {"amount": "2.50"}},
            {"sku": "L2-L", "price": {"amount": "7.00"}},
        ],
    }
    assert line == {
        "sku": "L2-S",
        "title": "Lamp 002 S",
        "quantity": 2,
        "unitPrice": {"amount": "2.50"},
        "total": {"amount": "5.00"},
        "tax": {"amount": "0.80"},
        "options": [{"name": "Size", "value": "S"}],
        "media": {"url": "https://pictures.example/lamp-2.png"},
        "merchant": {"name": HILL},
        "product": {"slug": "lamp-2"},
        "variant": {"sku": "L2-S"},
    }
    (event,) = seen.pop("events")
    assert event.pop("actor") == seen.pop("customer")
    assert event == {
        "sequence": "1",
        "kind": "STATUS_CHANGED",
        "fromStatus": None,
        "toStatus": "PENDING_PAYMENT",
        "note": None,
    }
    assert seen == {
        "number": order["number"],
        "status": "PENDING_PAYMENT",
        "totals": {
            "subtotal": {"amount": "5.00"},
            "shipping": {"amount": "0.00"},
            "total": {"amount": "5.00"},
        },
        "shippingAddress": {"name": "Ann Buyer", "city": "Hamburg", "countryCode": "DE"},
        "deliveryOption": {"title": "Standard delivery", "price": {"amount": "0.00"}},
        "allowedTransitions": ["CANCELLED"],
    }


async def test_edit_of_a_product_changes_no_order_by_a_byte(shop: Client) -> None:
    ann = Buyer(shop)
    order = await ann.buy({"L2-S": 1})
    before = (await shop.http.post("/graphql", **_order(shop, order))).content
    change = update(products).where(products.c.slug == "lamp-2")
    changed = change.values(title="Another", version=products.c.version + 1, revision=2, media=[])
    await shop.mall.stores.database.transact(lambda session: session.update(changed))

    after = (await shop.http.post("/graphql", **_order(shop, order))).content
    assert after == before
    again = await ann.buy({"L2-S": 1})
    lines = "query($n: String!) { order(number: $n) { lines { snapshot { title revision } } } }"
    seen = await shop.ask(lines, "ann", n=again["number"])
    assert seen["order"]["lines"] == [{"snapshot": {"title": "Another", "revision": 2}}]


def _order(shop: Client, order: dict[str, Any]) -> dict[str, Any]:
    query = """query($number: String!) { order(number: $number) { lines { title media { url }
      snapshot { title revision contentHash takenAt media { url } specs { key label } } } } }"""
    return {
        "json": {"query": query, "variables": {"number": order["number"]}},
        "headers": {"authorization": f"Bearer {shop.token('ann')}"},
    }


async def test_same_cart_gives_the_same_number_until_it_changes(shop: Client) -> None:
    ann = Buyer(shop)
    await ann.fill({"L2-S": 1})
    used = key()
    numbers = [(await ann.begin(each))["checkout"]["orderNumber"] for each in (used, used, key())]
    await ann.fill({"L3-S": 1})
    numbers.append((await ann.begin())["checkout"]["orderNumber"])

    assert numbers[0] == numbers[1] == numbers[2] != numbers[3]


async def test_prices_hold_until_the_checkout_expires(shop: Client) -> None:
    ann = Buyer(shop)
    await ann.fill({"L2-S": 1})
    await ann.begin()
    await _raise_prices(shop)

    assert (await ann.begin())["checkout"]["preview"]["totals"]["total"]["amount"] == "2.50"
    await _expire(shop, ann.number)
    first = ann.number
    refused = await ann.place()
    assert [one["code"] for one in refused["userErrors"]] == ["CHECKOUT_EXPIRED"]
    renewed = await ann.begin()
    assert renewed["checkout"]["preview"]["totals"]["total"]["amount"] == "99.00"
    assert ann.number == first


async def _raise_prices(shop: Client) -> None:
    changed = update(variants).where(variants.c.sku == "L2-S").values(price_minor=9_900)
    await shop.mall.stores.database.transact(lambda session: session.update(changed))


async def _expire(shop: Client, number: str) -> None:
    past = shop.mall.clock() - timedelta(minutes=1)
    changed = update(checkouts).where(checkouts.c.number == number).values(expires_at=past)
    await shop.mall.stores.database.transact(lambda session: session.update(changed))


async def test_equal_requests_at_once_place_one_order(shop: Client) -> None:
    ann = Buyer(shop)
    await ann.fill({"L2-S": 1})
    await ann.begin()
    used = key()
    before = await stock(shop, "L2-S")
    answers = await asyncio.gather(*(ann.place(used) for _ in range(20)))

    assert {one["order"]["number"] for one in answers} == {ann.number}
    assert sorted(one["isReplay"] for one in answers) == [False, *[True] * 19]
    assert await stock(shop, "L2-S") == (before[0], before[1] + 1)


async def test_second_key_for_the_same_checkout_places_nothing(shop: Client) -> None:
    ann = Buyer(shop)
    await ann.fill({"L2-S": 1})
    await ann.begin()
    answers = await asyncio.gather(*(ann.place() for _ in range(8)))

    told = sorted(error["code"] for one in answers for error in one["userErrors"])
    assert told == ["ORDER_NUMBER_USED"] * 7


async def test_other_total_is_refused_with_the_new_prices(shop: Client) -> None:
    ann = Buyer(shop)
    await ann.fill({"L2-S": 2})
    await ann.begin()
    before = await state(shop)
    refused = await ann.place(expectedTotal={"amount": "4.99", "currencyCode": "EUR"})

    assert refused["order"] is None
    assert refused["userErrors"] == [
        {
            "code": "PRICE_CHANGED",
            "message": "The order would cost 5.00 EUR now; show that to the buyer, and send it as "
            "expected.",
            "field": ["expectedTotal"],
            "details": {
                "__typename": "PriceChangedDetails",
                "preview": {"totals": {"total": {"amount": "5.00"}}},
            },
        }
    ]
    assert await state(shop) == before
    assert (await ann.place())["userErrors"] == []


async def test_last_units_are_sold_once(shop: Client) -> None:
    ann, moe = Buyer(shop), Buyer(shop, "moe")
    for one in (ann, moe):
        await one.fill({"L3-S": 2})
        await one.begin()
    answers = await asyncio.gather(ann.place(), moe.place())

    (refused,) = [one for one in answers if one["userErrors"]]
    assert refused["userErrors"] == [
        {
            "code": "INSUFFICIENT_STOCK",
            "message": "2 units were asked for, 1 are left.",
            "field": ["lines", "0", "quantity"],
            "details": {
                "__typename": "StockDetails",
                "variant": {"sku": "L3-S"},
                "requested": 2,
                "available": 1,
            },
        }
    ]
    assert await stock(shop, "L3-S") == (3, 2)


async def test_cancelled_order_gives_its_units_back_once(shop: Client) -> None:
    ann = Buyer(shop)
    before = await stock(shop, "L2-S")
    order = await ann.buy({"L2-S": 2})
    used = key()
    answers = await asyncio.gather(*(ann.cancel(order, used) for _ in range(8)))

    assert {one["order"]["status"] for one in answers} == {"CANCELLED"}
    assert sorted(one["isReplay"] for one in answers) == [False, *[True] * 7]
    assert await stock(shop, "L2-S") == before
    late = await ann.cancel(order)
    assert late["userErrors"][0]["code"] == "VERSION_CONFLICT"
    assert late["userErrors"][0]["details"] == {
        "__typename": "VersionConflictDetails",
        "currentVersion": 2,
        "current": {"id": order["id"]},
    }
    known = await ann.cancel({**order, "version": 2})
    assert known["userErrors"][0]["code"] == "TRANSITION_FORBIDDEN"
    assert await stock(shop, "L2-S") == before


async def test_two_who_cancel_at_once_restock_once(shop: Client) -> None:
    ann = Buyer(shop)
    before = await stock(shop, "L2-S")
    order = await ann.buy({"L2-S": 2})
    answers = await asyncio.gather(*(ann.cancel(order, by=who) for who in ("ann", "ola") * 4))

    assert sum(one["order"] is not None for one in answers) == 1
    assert await stock(shop, "L2-S") == before


async def test_unpaid_order_expires_and_a_late_cancel_changes_nothing(shop: Client) -> None:
    ann = Buyer(shop)
    before = await stock(shop, "L2-S")
    order = await ann.buy({"L2-S": 2})
    assert await expiry.expire(shop.mall) == 0
    past = shop.mall.clock() - timedelta(seconds=1)
    overdue = update(orders).where(orders.c.number == order["number"]).values(expires_at=past)
    await shop.mall.stores.database.transact(lambda session: session.update(overdue))
    await expiry.expire(shop.mall)

    query = "query($n: String!) { order(number: $n) { status version events { toStatus } } }"
    seen = await shop.ask(query, "ann", n=order["number"])
    assert seen["order"] == {
        "status": "EXPIRED",
        "version": 2,
        "events": [{"toStatus": "PENDING_PAYMENT"}, {"toStatus": "EXPIRED"}],
    }
    assert await stock(shop, "L2-S") == before
    late = await ann.cancel({**order, "version": 2})
    assert late["userErrors"][0]["code"] == "TRANSITION_FORBIDDEN"


async def test_order_that_cannot_be_ended_keeps_no_other_from_its_end(shop: Client) -> None:
    ann = Buyer(shop)
    broken, whole = await ann.buy({"L2-S": 1}), await ann.buy({"L4-S": 1})
    past = shop.mall.clock() - timedelta(seconds=1)
    database = shop.mall.stores.database
    for order, at in ((broken, past - timedelta(seconds=1)), (whole, past)):
        overdue = update(orders).where(orders.c.number == order["number"]).values(expires_at=at)
        await database.transact(partial(WriteSession.update, statement=overdue))
    variant = (await by_sku(shop, {"L2-S": 1}))["L2-S"].id
    # Fewer units are kept than the reservation says: giving them back breaks the level's rule.
    level = update(inventory_levels).where(inventory_levels.c.variant_id == variant)
    await database.transact(partial(WriteSession.update, statement=level.values(reserved=0)))

    assert await expiry.expire(shop.mall) == 1
    query = "query($n: String!) { order(number: $n) { status } }"
    ends = [(await shop.ask(query, "ann", n=one["number"]))["order"] for one in (broken, whole)]
    assert ends == [{"status": "PENDING_PAYMENT"}, {"status": "EXPIRED"}]


#: Of Hill, and of Harbour.
PARTS = {"L2-S": 1, "L3-S": 2}


async def test_order_of_two_merchants_shows_each_its_own_lines(shop: Client) -> None:
    ann = Buyer(shop)
    order = await ann.buy(PARTS)
    query = """query($n: String!) { order(number: $n) { lines { sku } allowedTransitions
      totals { total { amount } shipping { amount } } } }"""
    seen = {
        who: (await shop.ask(query, who, n=order["number"]))["order"]
        for who in ("ann", "ola", "mia", "moe")
    }

    whole = {
        "lines": [{"sku": "L2-S"}, {"sku": "L3-S"}],
        "allowedTransitions": ["CANCELLED"],
        "totals": {"total": {"amount": "9.50"}, "shipping": {"amount": "0.00"}},
    }
    part = {"allowedTransitions": [], "totals": {"shipping": None}}
    assert seen["ann"] == seen["ola"] == whole
    assert seen["mia"] == part | {
        "lines": [{"sku": "L3-S"}],
        "totals": {"total": {"amount": "7.00"}, "shipping": None},
    }
    assert seen["moe"] == part | {
        "lines": [{"sku": "L2-S"}],
        "totals": {"total": {"amount": "2.50"}, "shipping": None},
    }
    refused = await ann.cancel(order, by="mia")
    assert refused["userErrors"][0]["code"] == "FORBIDDEN"
    query = "query($sku: String) { orders(filter: {query: $sku}) { totalCount } }"
    found = {
        who: [(await shop.ask(query, who, sku=sku))["orders"]["totalCount"] for sku in PARTS]
        for who in ("ola", "mia", "moe")
    }
    # A line that is not shown is not found either.
    assert found == {"ola": [1, 1], "mia": [0, 1], "moe": [1, 0]}


async def test_foreign_orders_are_not_there(shop: Client) -> None:
    ann = Buyer(shop)
    order = await ann.buy({"L2-S": 1})
    query = """query($n: String!, $id: ID!) { order(number: $n) { id } node(id: $id) { id }
      checkout(orderNumber: $n) { id } }"""

    seen = await shop.ask(query, "zoe", n=order["number"], id=order["id"])
    assert seen == {"order": None, "node": None, "checkout": None}
    refused = await Buyer(shop, "zoe").cancel(order)
    assert refused["userErrors"][0]["code"] == "NOT_FOUND"
    # A merchant without lines in it.
    assert await shop.ask(
        query.replace("checkout(orderNumber: $n) { id }", ""),
        "mia",
        n=order["number"],
        id=order["id"],
    ) == {"order": None, "node": None}


async def test_everything_of_an_order_is_found_again(shop: Client) -> None:
    ann = Buyer(shop)
    await ann.fill({"L2-S": 1})
    checkout = (await ann.begin())["checkout"]["id"]
    order = (await ann.place())["order"]["id"]
    query = "query($id: ID!) { node(id: $id) { __typename ... on Order {"
    inside = " lines { id snapshot { id } } events { id } } } }"
    whole = (await shop.ask(query + inside, "ann", id=order))["node"]
    (line,), (event,) = whole["lines"], whole["events"]
    ids = {
        "Checkout": checkout,
        "Order": order,
        "OrderLine": line["id"],
        "OrderEvent": event["id"],
        "ProductSnapshot": line["snapshot"]["id"],
    }

    for kind, id_ in ids.items():
        named = "query($id: ID!) { node(id: $id) { __typename id } }"
        assert (await shop.ask(named, "ann", id=id_))["node"] == {"__typename": kind, "id": id_}
        assert (await shop.ask(named, "zoe", id=id_))["node"] is None


@pytest.mark.parametrize(("who", "found"), [("ola", 3), ("mia", 1), ("moe", 3)])
async def test_lists_show_what_each_may_see(shop: Client, who: str, found: int) -> None:
    ann = Buyer(shop)
    for wanted in ({"L2-S": 1}, {"L3-S": 1, "L4-S": 1}, {"L6-S": 2}):
        await ann.buy(wanted)
    query = "{ orders { nodes { number lines { merchant { name } } } totalCount } }"
    seen = (await shop.ask(query, who))["orders"]

    assert seen["totalCount"] == len(seen["nodes"]) == found
    names = {line["merchant"]["name"] for node in seen["nodes"] for line in node["lines"]}
    assert names == {"ola": {HARBOUR, HILL}, "mia": {HARBOUR}, "moe": {HILL}}[who]


@pytest.mark.slow
@pytest.mark.parametrize("sort", ["NEWEST", "OLDEST", "RECENTLY_UPDATED", "TOTAL_DESC"])
async def test_pages_of_orders_go_forwards_and_backwards(shop: Client, sort: str) -> None:
    ann = Buyer(shop)
    for wanted in ({"L2-S": 1}, {"L4-S": 1}, {"L6-S": 2}, {"L5-S": 1}):
        await ann.buy(wanted)
    query = """query($first: Int, $after: String, $last: Int, $before: String, $sort: OrderSort!) {
      me { orders(first: $first, after: $after, last: $last, before: $before, sort: $sort) {
        totalCount nodes { number totals { total { amount } } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }"""
    whole = (await shop.ask(query, "ann", sort=sort))["me"]["orders"]
    first = (await shop.ask(query, "ann", sort=sort, first=3))["me"]["orders"]
    after = first["pageInfo"]["endCursor"]
    rest = (await shop.ask(query, "ann", sort=sort, first=3, after=after))["me"]["orders"]
    before = rest["pageInfo"]["startCursor"]
    back = (await shop.ask(query, "ann", sort=sort, last=2, before=before))["me"]["orders"]

    assert first["nodes"] + rest["nodes"] == whole["nodes"]
    assert back["nodes"] == first["nodes"][1:]
    assert (first["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]) == (True, False)
    assert whole["totalCount"] == 4
    if sort == "TOTAL_DESC":
        totals = [node["totals"]["total"]["amount"] for node in whole["nodes"]]
        assert totals == ["13.00", "5.50", "4.50", "2.50"]


async def test_status_of_an_operation_is_found_by_its_key(shop: Client) -> None:
    ann = Buyer(shop)
    await ann.fill({"L2-S": 1})
    begun, placed, unused = key(), key(), key()
    checkout = (await ann.begin(begun))["checkout"]["id"]
    order = (await ann.place(placed))["order"]["id"]
    query = """query($k: ID!, $m: String!) { operationStatus(idempotencyKey: $k, mutation: $m) {
      state object { id } } }"""

    told = {
        (k, m): (await shop.ask(query, "ann", k=k, m=m))["operationStatus"]
        for k, m in ((begun, "beginCheckout"), (placed, "placeOrder"), (unused, "placeOrder"))
    }
    assert list(told.values()) == [
        {"state": "COMPLETED", "object": {"id": checkout}},
        {"state": "COMPLETED", "object": {"id": order}},
        {"state": "UNKNOWN", "object": None},
    ]


async def test_order_of_nothing_to_pay_is_paid_at_once(shop: Client) -> None:
    free = update(variants).where(variants.c.sku == "L2-S").values(price_minor=0)
    await shop.mall.stores.database.transact(lambda session: session.update(free))
    order = await Buyer(shop).buy({"L2-S": 1})

    assert (order["status"], order["paymentStatus"]) == ("PAID", "PAID")


async def test_search_learns_what_is_sold_out_and_what_came_back(shop: Client) -> None:
    ann = Buyer(shop)
    query = """{ search(query: "Lamp 003", filters: [{key: "isAvailable", match: {isTrue: true}}]) {
      nodes { slug } } }"""

    async def found() -> bool:
        nodes = (await shop.ask(query))["search"]["nodes"]
        return "lamp-3" in [node["slug"] for node in nodes]

    assert await found()
    order = await ann.buy({"L3-S": 3})
    await eventually(found, wanted=False)
    await ann.cancel(order)
    await eventually(found, wanted=True)

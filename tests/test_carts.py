"""Carts over HTTP: lines are added, priced and changed, and a call that comes again acts once."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from graph import nodes
from resolvers import cart_edits, pricing
from resolvers.pricing import PricedLine
from stores.ids import utc_now
from stores.shop import Shop
from tests.shopping import Client
from tests.trolley import UPDATE, Trolley, ann, archive, fresh, held, refusals, trolley

__all__ = ["ann", "trolley"]


async def test_line_is_added_and_priced(trolley: Trolley) -> None:
    payload = await trolley.add("k1", L3_S=2, T_1=1)

    cart = payload["cart"]
    assert (payload["isReplay"], payload["userErrors"]) == (False, [])
    assert nodes.decode(cart.pop("id"))[0] == "Cart"
    assert {nodes.decode(one.pop("id"))[0] for one in cart["lines"]} == {"CartLine"}
    is_temporary = trolley.user is None
    assert [bool(cart.pop(name)) for name in ("token", "expiresAt")] == [is_temporary] * 2
    assert cart == {
        "version": 1,
        "itemCount": 3,
        "lines": [
            {
                "quantity": 2,
                "isSelected": True,
                "priceWhenAdded": {"amount": "3.50"},
                "unitPrice": {"amount": "3.50"},
                "total": {"amount": "7.00"},
                "variant": {"sku": "L3-S"},
            },
            {
                "quantity": 1,
                "isSelected": True,
                "priceWhenAdded": {"amount": "300.00"},
                "unitPrice": {"amount": "300.00"},
                "total": {"amount": "300.00"},
                "variant": {"sku": "T-1"},
            },
        ],
        "totals": {
            "subtotal": {"amount": "307.00"},
            "discount": {"amount": "0.00"},
            "shipping": None,
            "tax": {"amount": "49.02"},
            "total": {"amount": "307.00", "currencyCode": "EUR"},
        },
        "problems": [],
    }
    again = await trolley.read()
    assert (again["version"], held(again)) == (1, {"L3-S": 2, "T-1": 1})


async def test_line_is_priced_as_the_sums_are(
    trolley: Trolley, monkeypatch: pytest.MonkeyPatch
) -> None:
    priced = pricing.priced

    def cheaper(shop: Shop, price: int, quantity: int, off: int) -> PricedLine:
        return priced(shop, price, quantity, off + 50)

    monkeypatch.setattr(pricing, "priced", cheaper)
    cart = (await trolley.add("k1", L3_S=2, T_1=1))["cart"]

    assert [(one["unitPrice"], one["total"]) for one in cart["lines"]] == [
        ({"amount": "3.50"}, {"amount": "6.50"}),
        ({"amount": "300.00"}, {"amount": "299.50"}),
    ]
    assert [cart["totals"][name]["amount"] for name in ("discount", "total")] == ["1.00", "306.00"]


async def test_cart_keeps_its_id_and_counts_its_versions(trolley: Trolley) -> None:
    first = (await trolley.add("k1", L3_S=1))["cart"]
    second = (await trolley.add("k2", L3_S=1, L4_S=1))["cart"]
    tea = second["lines"][0]["id"]
    third = (await trolley.update("k3", {"lineId": tea, "quantity": 3}))["cart"]

    assert {one["id"] for one in (first, second, third)} == {first["id"]}
    assert [one["version"] for one in (first, second, third)] == [1, 2, 3]
    assert held(third) == {"L3-S": 3, "L4-S": 1}
    assert [one["id"] for one in third["lines"]] == [one["id"] for one in second["lines"]]


async def test_line_is_deselected_and_removed(trolley: Trolley) -> None:
    cart = (await trolley.add("k1", L3_S=2, L4_S=1, T_1=1))["cart"]
    lamp, other, tea = (one["id"] for one in cart["lines"])
    cart = (
        await trolley.update(
            "k2",
            {"lineId": tea, "isSelected": False},
            {"lineId": other, "quantity": 0},
            {"lineId": lamp, "quantity": None},
        )
    )["cart"]

    assert [(one["quantity"], one["isSelected"]) for one in cart["lines"]] == [
        (2, True),
        (1, False),
    ]
    assert (cart["itemCount"], cart["totals"]["total"]["amount"]) == (2, "7.00")


async def test_update_that_names_nothing_changes_nothing(trolley: Trolley) -> None:
    before = (await trolley.add("k1", L3_S=2))["cart"]
    after = (await trolley.run(UPDATE, "k2", None, {}))["cart"]

    assert after == before


async def test_version_that_is_not_the_carts_conflicts_and_shows_it(trolley: Trolley) -> None:
    cart = (await trolley.add("k1", L3_S=2))["cart"]
    payload = await trolley.add("k2", version=7, L3_S=1)

    assert refusals(payload) == [("VERSION_CONFLICT", ["version"])]
    assert payload["userErrors"][0]["details"] == {
        "__typename": "VersionConflictDetails",
        "currentVersion": 1,
        "current": {"id": cart["id"], "token": cart["token"], "lines": [{"quantity": 2}]},
    }
    assert (await trolley.add("k2", version=1, L3_S=1))["cart"]["version"] == 2
    assert await trolley.held() == {"L3-S": 3}


async def test_retry_is_a_replay_even_after_the_stock_is_gone(shop: Client) -> None:
    ann = Trolley(shop, "ann")
    first = await ann.add("k1", version=0, L3_S=3)
    again = await ann.add("k1", version=0, L3_S=3)
    await archive(ann.shop, "lamp-3")
    later = await ann.add("k1", version=0, L3_S=3)

    assert again == first | {"isReplay": True}
    assert (later["isReplay"], later["cart"]["problems"][0]["code"]) == (
        True,
        "VARIANT_UNAVAILABLE",
    )
    assert refusals(await ann.add("k1", version=0, L3_S=2)) == [
        ("IDEMPOTENCY_KEY_REUSED", ["idempotencyKey"])
    ]


async def test_own_cart_is_fetched_by_its_id_and_no_other(ann: Trolley) -> None:
    own = (await ann.add("k1", L3_S=1))["cart"]["id"]
    temporary = (await Trolley(ann.shop).add("k1", L3_S=1))["cart"]["id"]
    query = "query ($id: ID!) { node(id: $id) { ... on Cart { version } } }"

    seen = [await ann.shop.ask(query, user, id=own) for user in (ann.user, "moe", None)]
    assert [one["node"] for one in seen] == [{"version": 1}, None, None]
    assert await ann.shop.ask(query, ann.user, id=temporary) == {"node": None}


STATUS = """query ($mutation: String!) {
  operationStatus(idempotencyKey: "k1", mutation: $mutation) {
    state object { ... on Cart { lines { quantity } } } startedAt } }"""


async def test_lost_answer_is_looked_up(ann: Trolley) -> None:
    async def state(mutation: str, user: str | None = ann.user) -> Any:
        return (await ann.shop.ask(STATUS, user, mutation=mutation))["operationStatus"]

    assert (await state("addCartLines"))["state"] == "UNKNOWN"
    await ann.add("k1", L3_S=2)
    told = await state("addCartLines")

    assert (told["state"], told["object"]) == ("COMPLETED", {"lines": [{"quantity": 2}]})
    assert told["startedAt"]
    others = [("updateCart", ann.user), ("mergeCart", ann.user), ("addCartLines", fresh())]
    assert {(await state(*one))["state"] for one in [*others, ("addCartLines", None)]} == {
        "UNKNOWN"
    }


async def test_lost_answer_of_a_merge_is_looked_up_as_long_as_it_is_replayed(shop: Client) -> None:
    ann, visitor = Trolley(shop, "ann"), Trolley(shop)
    carts = shop.mall.stores.carts

    async def state(mutation: str) -> Any:
        return (await shop.ask(STATUS, "ann", mutation=mutation))["operationStatus"]["state"]

    await visitor.add("k", L3_S=2)
    await ann.merge("k1", visitor.token)
    await ann.add("k1", L3_S=1)
    assert [await state(one) for one in ("mergeCart", "addCartLines")] == ["COMPLETED"] * 2
    carts._clock = lambda: utc_now() + timedelta(days=3)
    assert [await state(one) for one in ("mergeCart", "addCartLines")] == ["COMPLETED", "UNKNOWN"]
    assert (await ann.merge("k1", visitor.token))["isReplay"]
    assert not (await ann.add("k1", T_1=1))["isReplay"]


async def test_key_is_of_one_mutation(ann: Trolley) -> None:
    await ann.add("k1", L3_S=1)
    assert not (await ann.run(UPDATE, "k1", None, {}))["isReplay"]
    assert {cart_edits.ADD, cart_edits.UPDATE, cart_edits.MERGE} == {
        "addCartLines",
        "updateCart",
        "mergeCart",
    }


async def test_six_adds_at_once_lose_none(ann: Trolley) -> None:
    await ann.variant("L6-S")
    await asyncio.gather(*(ann.add(f"p{n}", L6_S=1) for n in range(6)))
    assert await ann.held() == {"L6-S": 6}

"""Carts over HTTP: of shoppers, and temporary ones of visitors."""

import asyncio
import base64
import itertools
import json
import os
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from graph import nodes
from resolvers import cart_edits, pricing
from resolvers.pricing import PricedLine
from stores import products
from stores.carts import Cart, line
from stores.ids import MAX_ID, utc_now
from stores.shop import Shop
from tests.shopping import Client
from tests.trolley import ADD, MERGE, READ, UPDATE, Trolley, held, refusals

_numbers = itertools.count()
both = pytest.mark.parametrize("user", ["ann", None], ids=["shopper", "visitor"])


def fresh() -> str:
    """Return a shopper that nobody was before: the shop is that of all tests."""
    return f"shopper-{os.getpid()}-{next(_numbers)}"


@pytest.fixture(params=[True, False], ids=["shopper", "visitor"])
def trolley(request: pytest.FixtureRequest, client: Client) -> Trolley:
    """Whoever fills a cart, signed in or not."""
    return Trolley(client, fresh() if request.param else None)


@pytest.fixture
def ann(client: Client) -> Trolley:
    """A shopper."""
    return Trolley(client, fresh())


@pytest.fixture
def visitor(client: Client) -> Trolley:
    return Trolley(client)


async def archive(shop: Client, slug: str) -> None:
    key = await shop.product_key(slug)
    taken = update(products.products).where(products.products.c.id == key)
    await shop.mall.stores.database.transact(
        lambda session: session.update(taken.values(status="ARCHIVED"))
    )


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


async def test_same_edit_of_a_token_gives_the_same_cart(visitor: Trolley) -> None:
    first = (await visitor.add("k1", L3_S=1))["cart"]
    once = await Trolley(visitor.shop, token=first["token"]).add("k2", L4_S=1)
    twice = await Trolley(visitor.shop, token=first["token"]).add("k2", L4_S=1)
    anew = (await Trolley(visitor.shop).add("k1", L3_S=1))["cart"]

    assert [one["cart"]["version"] for one in (once, twice)] == [2, 2]
    assert held(once["cart"]) == held(twice["cart"]) == {"L3-S": 1, "L4-S": 1}
    assert anew["id"] == first["id"]
    assert (await Trolley(visitor.shop).add("k9", L3_S=1))["cart"]["id"] != first["id"]


async def test_visitor_without_a_token_has_no_cart(visitor: Trolley) -> None:
    assert await visitor.shop.ask(READ, None) == {"cart": None}


async def test_shopper_with_a_token_fills_the_temporary_cart(ann: Trolley) -> None:
    visitor = Trolley(ann.shop)
    await visitor.add("k1", L3_S=1)
    temporary = Trolley(ann.shop, ann.user, visitor.token)
    await temporary.add("k1", L4_S=1)

    assert await temporary.held() == {"L3-S": 1, "L4-S": 1}
    assert (await ann.read())["lines"] == []


async def test_temporary_cart_lives_thirty_days_however_often_it_is_edited(
    visitor: Trolley,
) -> None:
    first = (await visitor.add("k1", L3_S=1))["cart"]
    second = (await visitor.add("k2", L3_S=1))["cart"]

    assert first["expiresAt"] == second["expiresAt"]


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


async def test_more_than_there_is_in_stock_is_refused_with_what_is_left(trolley: Trolley) -> None:
    await trolley.add("k1", L3_S=2)
    payload = await trolley.add("k2", T_1=1, L3_S=2)

    assert refusals(payload) == [("INSUFFICIENT_STOCK", ["lines", "1", "quantity"])]
    assert payload["userErrors"][0]["details"] == {
        "__typename": "StockDetails",
        "requested": 4,
        "available": 3,
        "variant": {"sku": "L3-S"},
    }
    assert await trolley.held() == {"L3-S": 2}


@both
async def test_line_may_shrink_though_its_product_is_not_on_sale_any_more(
    shop: Client, user: str | None
) -> None:
    trolley = Trolley(shop, user)
    (line_,) = (await trolley.add("k1", L3_S=2))["cart"]["lines"]
    await archive(trolley.shop, "lamp-3")
    cart = await trolley.read()

    assert cart["lines"][0]["unitPrice"] is cart["lines"][0]["total"] is None
    assert (cart["lines"][0]["variant"], cart["itemCount"]) == (None, 2)
    assert cart["totals"]["total"]["amount"] == "0.00"
    assert [(one["code"], one["field"]) for one in cart["problems"]] == [
        ("VARIANT_UNAVAILABLE", ["lines", "0", "quantity"])
    ]
    more = await trolley.update("k2", {"lineId": line_["id"], "quantity": 3})
    assert refusals(more) == [("VARIANT_UNAVAILABLE", ["lines", "0", "quantity"])]
    less = await trolley.update("k2", {"lineId": line_["id"], "quantity": 1})
    assert less["cart"]["lines"][0]["quantity"] == 1


HUGE = 2**31 - 1


@pytest.mark.parametrize(
    ("sku", "count", "told"),
    [
        ("L3-S", 0, ("INVALID", ["lines", "0", "quantity"])),
        ("L3-S", -1, ("INVALID", ["lines", "0", "quantity"])),
        ("L3-S", HUGE, ("LIMIT_EXCEEDED", ["lines", "0", "quantity"])),
        ("L3-S", 1_000, ("LIMIT_EXCEEDED", ["lines", "0", "quantity"])),
        ("L3-S", 999, ("INSUFFICIENT_STOCK", ["lines", "0", "quantity"])),
        ("L3-L", 1, ("INSUFFICIENT_STOCK", ["lines", "0", "quantity"])),
        ("A-1", 1, ("VARIANT_UNAVAILABLE", ["lines", "0", "variantId"])),
        ("D-1", 1, ("NOT_FOUND", ["lines", "0", "variantId"])),
    ],
)
async def test_line_that_cannot_be_is_refused_and_nothing_changes(
    trolley: Trolley, sku: str, count: int, told: tuple[str, list[str]]
) -> None:
    await trolley.add("k1", T_1=1)
    before = await trolley.read()

    assert refusals(await trolley.add("k2", **{sku.replace("-", "_"): count})) == [told]
    assert await trolley.read() == before
    assert not (await trolley.add("k2", T_1=1))["isReplay"]


BAD_LINES: list[tuple[list[dict[str, Any]], str, list[str]]] = [
    ([], "INVALID", ["lines"]),
    ([{"variantId": "x"}], "INVALID", ["lines", "0", "variantId"]),
    ([{"variantId": nodes.encode("Product", 5)}], "INVALID", ["lines", "0", "variantId"]),
    (
        [{"variantId": nodes.encode("ProductVariant", MAX_ID)}],
        "NOT_FOUND",
        ["lines", "0", "variantId"],
    ),
    (
        [{"variantId": nodes.encode("ProductVariant", 5)}] * 2_001,
        "LIMIT_EXCEEDED",
        ["lines"],
    ),
]


@pytest.mark.parametrize(("lines", "code", "field"), BAD_LINES, ids=range(len(BAD_LINES)))
async def test_bad_line_is_told_where(
    trolley: Trolley, lines: list[dict[str, Any]], code: str, field: list[str]
) -> None:
    payload = await trolley.run(ADD, "k1", None, {"lines": lines})
    assert refusals(payload) == [(code, field)]


@pytest.mark.parametrize("key", ["", " ", "a b", "é", "k" * 256])
async def test_key_that_is_none_is_refused(trolley: Trolley, key: str) -> None:
    assert refusals(await trolley.add(key, L3_S=1)) == [("INVALID", ["idempotencyKey"])]
    assert refusals(await trolley.update(key)) == [("INVALID", ["idempotencyKey"])]


async def test_bad_update_is_told_where_and_changes_nothing(trolley: Trolley) -> None:
    cart = (await trolley.add("k1", L3_S=2))["cart"]
    own = cart["lines"][0]["id"]
    _, foreign = nodes.decode(
        (await Trolley(trolley.shop).add("f", L3_S=2))["cart"]["lines"][0]["id"]
    )
    line_id, quantity = ["lines", "0", "lineId"], ["lines", "0", "quantity"]
    wrong = [
        ({"lineId": nodes.encode("CartLine", foreign ^ 1), "quantity": 1}, "NOT_FOUND", line_id),
        ({"lineId": nodes.encode("CartLine", foreign ^ 1), "quantity": 0}, "NOT_FOUND", line_id),
        ({"lineId": "x", "quantity": 1}, "INVALID", line_id),
        ({"lineId": cart["id"], "quantity": 1}, "INVALID", line_id),
        ({"lineId": own, "quantity": -1}, "INVALID", quantity),
        ({"lineId": own, "quantity": HUGE}, "LIMIT_EXCEEDED", quantity),
        ({"lineId": own, "quantity": 4}, "INSUFFICIENT_STOCK", quantity),
    ]
    for change, code, field in wrong:
        assert refusals(await trolley.update("k2", change)) == [(code, field)], change
    twice = [{"lineId": own, "quantity": 1}] * 2
    assert refusals(await trolley.update("k2", *twice)) == [("INVALID", ["lines", "1", "lineId"])]
    assert await trolley.read() == cart


async def test_line_of_another_cart_is_not_found(client: Client) -> None:
    foreign = (await Trolley(client, fresh()).add("k1", L3_S=2))["cart"]["lines"][0]["id"]
    ann = Trolley(client, fresh())
    await ann.add("k1", L3_S=1)

    payload = await ann.update("k2", {"lineId": foreign, "quantity": 3})
    assert refusals(payload) == [("NOT_FOUND", ["lines", "0", "lineId"])]


async def test_temporary_cart_holds_fifty_lines(visitor: Trolley) -> None:
    mall = visitor.shop.mall
    lines = tuple(line(5, MAX_ID - n, 100_000, 10**15) for n in range(50))
    now = mall.clock()
    tokens = mall.stores.cart_tokens
    full = tokens.sign(Cart(5, 0, 2**31 - 1, now, lines), now + tokens.lifetime)
    visitor.token = full.token

    # A cookie is no longer than 4096 bytes, its name included.
    assert len(full.token) < 4_000
    assert len((await visitor.read())["lines"]) == 50
    assert refusals(await visitor.add("k1", L3_S=1)) == [("LIMIT_EXCEEDED", ["lines"])]


def forged(token: str) -> list[str]:
    """Return what looks like a token and is none."""
    body, _, signature = token.partition(".")
    content = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    content[4][0][2] = 1
    cheap = base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")
    return [
        f"{cheap}.{signature}",
        f"{body}.{signature[:-1]}",
        f"{body}.{signature}=",
        f"{body}.",
        f"{body}.{body}",
        body,
        token.swapcase(),
        f" {token}",
        f"{token}.{signature}",
        "",
        ".",
        "é.é",
        "x" * 100_000,
    ]


async def test_forged_token_is_refused_everywhere(visitor: Trolley) -> None:
    await visitor.add("k1", L3_S=1)
    assert visitor.token
    user = fresh()
    for token in forged(visitor.token):
        bad = Trolley(visitor.shop, user, token)
        told = [("CART_TOKEN_INVALID", ["cartToken"])]
        assert refusals(await bad.add("k2", L3_S=1)) == told, token
        assert refusals(await bad.update("k2")) == told
        assert refusals(await Trolley(visitor.shop, user).merge("k2", token)) == told
        answer = await visitor.shop.send(READ, None, token=token)
        assert [one["extensions"]["code"] for one in answer["errors"]] == ["CART_TOKEN_INVALID"]
    assert (await Trolley(visitor.shop, user).read())["lines"] == []


async def test_twin_that_compares_no_signature_sells_at_any_price(
    visitor: Trolley, monkeypatch: pytest.MonkeyPatch
) -> None:
    await visitor.add("k1", L3_S=1)
    monkeypatch.setattr("stores.cart_tokens.hmac.compare_digest", lambda *_: True)
    cheap = Trolley(visitor.shop, token=forged(visitor.token or "")[0])

    assert (await cheap.read())["lines"][0]["priceWhenAdded"] == {"amount": "0.01"}


async def test_expired_token_is_refused(visitor: Trolley) -> None:
    mall = visitor.shop.mall
    now = mall.clock()
    old = mall.stores.cart_tokens.sign(Cart(5, 0, 1, now), now - timedelta(seconds=1))
    bad = Trolley(visitor.shop, fresh(), old.token)
    payload = await bad.add("k1", L3_S=1)

    assert refusals(payload) == [("CART_TOKEN_INVALID", ["cartToken"])]
    assert "expired at" in payload["userErrors"][0]["message"]
    merged = await Trolley(visitor.shop, fresh()).merge("k2", old.token)
    assert refusals(merged) == [("CART_TOKEN_INVALID", ["cartToken"])]


async def test_merge_moves_every_line_and_says_how(shop: Client) -> None:
    ann, visitor = Trolley(shop, "ann"), Trolley(shop)
    await visitor.add("k1", L3_S=2, L4_S=3, L5_S=1, T_1=1)
    await ann.add("k1", L3_S=2, T_1=1)
    await archive(ann.shop, "lamp-5")
    payload = await ann.merge("k2", visitor.token)

    assert (payload["userErrors"], payload["isReplay"]) == ([], False)
    assert payload["outcomes"] == [
        {"kind": "CLAMPED", "requestedQuantity": 2, "quantity": 3, "variant": {"sku": "L3-S"}},
        {"kind": "MERGED", "requestedQuantity": 3, "quantity": 3, "variant": {"sku": "L4-S"}},
        {"kind": "UNAVAILABLE", "requestedQuantity": 1, "quantity": 0, "variant": None},
        {"kind": "MERGED", "requestedQuantity": 1, "quantity": 2, "variant": {"sku": "T-1"}},
    ]
    assert held(payload["cart"]) == {"L3-S": 3, "T-1": 2, "L4-S": 3}
    emptied = payload["temporaryCart"]
    assert (emptied["version"], emptied["lines"]) == (0, [])
    assert emptied["token"]


MODES = {"SUM": (3, 3), "KEEP_LARGER": (2, 3), "KEEP_SHOPPER": (1, 3), "KEEP_TEMPORARY": (2, 1)}


@pytest.mark.parametrize("mode", MODES)
async def test_mode_says_which_quantity_counts(ann: Trolley, mode: str) -> None:
    visitor = Trolley(ann.shop)
    await visitor.add("k1", L3_S=2, L4_S=1, T_1=1)
    await ann.add("k1", L3_S=1, L4_S=3)
    payload = await ann.merge("k2", visitor.token, mode)

    lamp, other = MODES[mode]
    assert held(payload["cart"]) == {
        "L3-S": lamp,
        "L4-S": other if mode != "SUM" else 4,
        "T-1": 1,
    }
    assert {one["kind"] for one in payload["outcomes"]} == {"MERGED"}


async def test_merge_happens_once(ann: Trolley) -> None:
    visitor = Trolley(ann.shop)
    await visitor.add("k1", L4_S=1)
    older = visitor.token
    await visitor.add("k2", L4_S=1)
    first = await ann.merge("m", visitor.token)
    again = await ann.merge("m", visitor.token)

    # An empty cart begins anew whenever it is asked for.
    assert again["temporaryCart"]["id"] == first["temporaryCart"]["id"]
    assert again == first | {"isReplay": True, "temporaryCart": again["temporaryCart"]}
    merged = [("CART_TOKEN_INVALID", ["cartToken"])]
    # Another key, an older token of the same cart, and one that was edited since.
    assert refusals(await ann.merge("other", visitor.token)) == merged
    assert refusals(await ann.merge("other", older)) == merged
    await visitor.add("k3", L4_S=1)
    assert refusals(await ann.merge("other", visitor.token)) == merged
    assert refusals(await ann.merge("m", visitor.token)) == [
        ("IDEMPOTENCY_KEY_REUSED", ["idempotencyKey"])
    ]
    assert await ann.held() == {"L4-S": 2}
    # A new temporary cart is merged as ever.
    assert (await visitor.add("k4", L3_S=1))["userErrors"] == []
    anew = Trolley(ann.shop, token=first["temporaryCart"]["token"])
    await anew.add("k5", L3_S=1)
    assert (await ann.merge("n", anew.token))["userErrors"] == []
    assert await ann.held() == {"L4-S": 2, "L3-S": 1}


async def test_merge_that_a_cart_cannot_remember_is_refused_and_moves_nothing(
    ann: Trolley, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stores.cart_records.KEPT_MERGES", 1)
    first, second = Trolley(ann.shop), Trolley(ann.shop)
    await first.add("k1", L4_S=1)
    await second.add("k2", L3_S=1)
    await ann.merge("m", first.token)
    payload = await ann.merge("n", second.token)

    assert refusals(payload) == [("LIMIT_EXCEEDED", ["cartToken"])]
    assert "add the lines by addCartLines" in payload["userErrors"][0]["message"]
    assert await ann.held() == {"L4-S": 1}


async def test_merges_at_once_happen_once(ann: Trolley) -> None:
    visitor = Trolley(ann.shop)
    await visitor.add("k1", L4_S=1)
    sent = [ann.merge(f"m{n % 2}", visitor.token) for n in range(10)]
    payloads = await asyncio.gather(*sent)

    assert sum(bool(one["cart"]) and not one["isReplay"] for one in payloads) == 1
    assert await ann.held() == {"L4-S": 1}


@pytest.mark.parametrize("user", [None, "mia"])
async def test_only_shoppers_merge(client: Client, user: str | None) -> None:
    answer = await client.send(MERGE, user, key="k", input={"cartToken": "x"})

    assert answer["data"] == {"mergeCart": None}
    code = "FORBIDDEN" if user else "UNAUTHENTICATED"
    assert [error["extensions"]["code"] for error in answer["errors"]] == [code]


async def test_merge_without_a_token_says_what_is_missing(ann: Trolley) -> None:
    assert refusals(await ann.merge("k", None)) == [("REQUIRED", ["cartToken"])]


async def test_browser_carries_its_cart_in_a_cookie(client: Client) -> None:
    visitor = Trolley(client)
    await visitor.variant("L3-S")
    body = {"query": ADD, "variables": {"key": "k1", "input": await lines_of(visitor, "L3-S")}}
    answer = await client.http.post("/graphql", json=body)
    cookie = answer.headers["set-cookie"]

    assert cookie.startswith(
        f"mallgraph_cart={answer.json()['data']['addCartLines']['cart']['token']};"
    )
    for word in ("HttpOnly", "SameSite=lax", "Path=/", "expires="):
        assert word in cookie
    assert "Secure" not in cookie
    # The client keeps it and sends it from now on.
    body["variables"] = {"key": "k2", "input": await lines_of(visitor, "T-1")}
    await client.http.post("/graphql", json=body)
    assert held((await client.ask(READ))["cart"]) == {"L3-S": 1, "T-1": 1}
    ann = Trolley(client, fresh())
    merged = await ann.merge("m", None)
    assert held(merged["cart"]) == {"L3-S": 1, "T-1": 1}
    assert (await client.ask(READ))["cart"]["lines"] == []
    # Signed in, she sees her own cart, whatever the cookie says.
    assert await ann.held() == {"L3-S": 1, "T-1": 1}


async def lines_of(visitor: Trolley, sku: str) -> dict[str, Any]:
    return {"lines": [{"variantId": await visitor.variant(sku), "quantity": 1}]}


async def test_cookie_is_for_secure_connections_where_there_is_one(client: Client) -> None:
    visitor = Trolley(client)
    body = {"query": ADD, "variables": {"key": "k1", "input": await lines_of(visitor, "L3-S")}}
    answer = await client.http.post("https://shop/graphql", json=body)

    assert "Secure" in answer.headers["set-cookie"]


async def test_app_carries_its_cart_in_a_header_that_counts_before_the_cookie(
    client: Client,
) -> None:
    visitor = Trolley(client)
    token = (await visitor.add("k1", L3_S=1))["cart"]["token"]
    await Trolley(client).add("k2", T_1=1)
    answer = await client.http.post(
        "/graphql", json={"query": READ}, headers={"X-Cart-Token": token}
    )

    assert held(answer.json()["data"]["cart"]) == {"L3-S": 1}
    assert "set-cookie" not in answer.headers


async def test_cookie_that_is_no_token_is_told_and_taken_back(client: Client) -> None:
    client.http.cookies.set("mallgraph_cart", "forged.forged", domain="shop.local")
    answer = await client.http.post("/graphql", json={"query": READ})

    assert answer.json()["errors"][0]["extensions"] == {
        "code": "CART_TOKEN_INVALID",
        "field": ["cartToken"],
    }
    assert 'mallgraph_cart=""' in answer.headers["set-cookie"]
    assert await client.ask(READ) == {"cart": None}


async def test_token_in_an_argument_counts_before_the_cookie(client: Client) -> None:
    token = (await Trolley(client).add("k1", L3_S=1))["cart"]["token"]
    client.http.cookies.clear()
    await Trolley(client).add("k2", T_1=1)

    assert await Trolley(client, token=token).held() == {"L3-S": 1}
    answer = await client.http.post(
        "/graphql", json={"query": READ, "variables": {"token": "forged"}}
    )
    # The cookie is good, and stays.
    assert "set-cookie" not in answer.headers


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


@pytest.fixture
async def full(client: Client) -> dict[int, str]:
    """Temporary carts of 1 and of 50 lines."""
    found = await client.ask(
        "{ products(first: 60) { nodes { variants { id availableQuantity } } } }"
    )
    ids = [
        one["id"]
        for node in found["products"]["nodes"]
        for one in node["variants"]
        if one["availableQuantity"]
    ]
    tokens = {}
    for count in (1, 50):
        lines = {"lines": [{"variantId": id_} for id_ in ids[:count]]}
        payload = (await client.ask(ADD, key=f"k{count}", input=lines))["addCartLines"]
        tokens[count] = payload["cart"]["token"]
        client.http.cookies.clear()
    return tokens


async def test_fifty_lines_cost_as_many_calls_as_one(
    client: Client, full: dict[int, str], statements: list[str]
) -> None:
    counted = []
    for count in (1, 50):
        statements.clear()
        cart = (await client.ask(READ, token=full[count]))["cart"]
        assert len(cart["lines"]) == count
        counted.append(len(statements))
    # Variants with stock, products and the shop; and what promotions apply.
    assert counted == [2, 2]


CHANGE = """mutation ($input: UpdateCartInput!) {
  updateCart(idempotencyKey: "k", input: $input) { cart { version } } }"""


async def test_edit_of_fifty_lines_costs_as_many_calls_as_of_one(
    client: Client, full: dict[int, str], statements: list[str]
) -> None:
    counted = []
    for count in (1, 50):
        cart = (await client.ask(READ, token=full[count]))["cart"]
        changes = [{"lineId": one["id"], "quantity": 1} for one in cart["lines"]]
        statements.clear()
        told = {"cartToken": full[count], "lines": changes}
        await client.ask(CHANGE, input=told)
        counted.append(len(statements))
    assert counted == [2, 2]

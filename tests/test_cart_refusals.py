"""What a cart over HTTP refuses: the code, its place, and that nothing changes."""

from typing import Any

import pytest

from graph import nodes
from stores.ids import MAX_ID
from tests.shopping import Client
from tests.trolley import ADD, Trolley, archive, fresh, refusals, trolley

__all__ = ["trolley"]

both = pytest.mark.parametrize("user", ["ann", None], ids=["shopper", "visitor"])


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

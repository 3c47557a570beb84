"""What promotions cost in store calls: next to nothing where there are none."""

import re
from collections.abc import Generator, Mapping

import pytest

from mallgraph import app
from tests.buying import Buyer
from tests.promoting import CART, ORDER, Promoter, money, product_id, ready, seen
from tests.shopping import Client
from tests.statements import told

TWO = {"L5-S": 1, "L6-S": 1}
FIVE = {**TWO, "L2-S": 1, "L3-S": 1, "L4-S": 1}
_TABLES = re.compile(r"\b(promotions|coupons|order_discounts|promotion_scopes)\b")


@pytest.fixture(autouse=True)
def _nobody_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "BACKGROUND", ())


@pytest.fixture
def asked() -> Generator[list[str]]:
    """Collect what the relational store is asked, one entry for each time."""
    seen: list[str] = []
    with told(seen.append):
        yield seen


async def _calls(
    shop: Client, asked: list[str], name: str, wanted: Mapping[str, int]
) -> dict[str, int]:
    """Return how often tables of promotions are asked on the way to an order, by step."""
    buyer, found = Buyer(shop, name), {}

    def count(step: str) -> None:
        found[step] = len([one for one in asked if _TABLES.search(one)])
        asked.clear()

    await buyer.fill(wanted)
    # What applies to carts is known after the first one.
    await shop.ask(CART, name)
    asked.clear()
    await shop.ask(CART, name)
    count("cart")
    assert (await buyer.begin())["userErrors"] == []
    count("begin")
    await seen(buyer)
    asked.clear()
    assert (await buyer.place())["userErrors"] == []
    count("place")
    await shop.ask(ORDER, name, number=buyer.number)
    count("order")
    return found


async def test_shop_without_promotions_asks_once_where_orders_begin(
    shop: Client, asked: list[str]
) -> None:
    calls = await _calls(shop, asked, "ann", TWO)

    assert calls == {"cart": 0, "begin": 1, "place": 0, "order": 0}


async def test_lines_and_promotions_ask_for_nothing_each(shop: Client, asked: list[str]) -> None:
    ola = Promoter(shop)
    for number in range(3):
        await ola.made({"amountOff": money("0.10")}, isStackable=True, name=f"P{number}")
    two = await _calls(shop, asked, "ann", TWO)
    five = await _calls(shop, asked, "bob", FIVE)

    # A cart and an order show the promotions of their discounts; a checkout holds what applies
    # when it begins, and its preview reads what is used up. To place an order that is read once
    # more, the uses are written, and one counter is moved for each promotion.
    assert two == five
    assert two == {"cart": 1, "begin": 2, "place": 1 + 1 + 3, "order": 2}


PROMOTIONS = """query($n: Int!) { promotions(first: $n) { totalCount nodes { name usedCount
  merchant { name } scope { products { slug } categories { slug } }
  coupons(first: 2) { totalCount nodes { code promotion { name } customer { id } } } } } }"""
PRODUCTS = """query($n: Int!) { products(first: $n, sort: TITLE) { nodes { slug
  promotions { name merchant { name } } } } }"""
ORDERS = """query($n: Int!) { orders(first: $n) { nodes { discounts { title promotion { name } }
  lines { discounts { title promotion { name } } } customer { coupons { code } } } } }"""


async def test_lists_cost_as_many_calls_as_one_of_their_things(
    shop: Client, asked: list[str]
) -> None:
    ola, mia = Promoter(shop), Promoter(shop, "mia")
    lamps = (await shop.ask('{ category(slug: "lamps") { id } }'))["category"]["id"]
    for number in range(4):
        scope = {"productIds": [await product_id(shop, f"lamp-{number + 1}")]}
        one = await ola.made(name=f"P{number}", scope=scope, isCouponRequired=True)
        await ola.coupons(one, f"CODE-{number}")
        await mia.made(name=f"M{number}", scope={"categoryIds": [lamps]}, isStackable=True)
    for buyer in await ready(shop, ["ann", "bob", "zoe"], {"L5-S": 1, "L3-S": 1}):
        assert (await buyer.place())["userErrors"] == []
    counted = {}
    for name, query in {"promotions": PROMOTIONS, "products": PRODUCTS, "orders": ORDERS}.items():
        for n in (2, 8):
            asked.clear()
            await shop.ask(query, "ola", n=n)
            counted[name, n] = len(asked)

    # Fewer than ten each, and none for each thing.
    assert counted == {
        ("promotions", 2): 8,
        ("promotions", 8): 8,
        ("products", 2): 4,
        ("products", 8): 4,
        ("orders", 2): 6,
        ("orders", 8): 6,
    }

"""Carts as their clients see them."""

import itertools
import os
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import update

from graph import nodes
from stores import products
from tests.shopping import Client

_numbers = itertools.count()

CART = """id version token expiresAt itemCount
  lines { id quantity isSelected priceWhenAdded { amount } unitPrice { amount } total { amount }
    variant { sku } }
  totals { subtotal { amount } discount { amount } shipping { amount } tax { amount }
    total { amount currencyCode } }
  problems { code field details { __typename } }"""
ERRORS = """isReplay userErrors { code field message details { __typename
  ... on StockDetails { requested available variant { sku } }
  ... on VersionConflictDetails { currentVersion current { ... on Cart { id token
    lines { quantity } } } } } }"""
READ = f"query ($token: String) {{ cart(cartToken: $token) {{ {CART} }} }}"
ADD = f"""mutation ($key: ID!, $version: Int, $input: AddCartLinesInput!) {{
  addCartLines(idempotencyKey: $key, version: $version, input: $input) {{
    cart {{ {CART} }} {ERRORS} }} }}"""
UPDATE = f"""mutation ($key: ID!, $version: Int, $input: UpdateCartInput!) {{
  updateCart(idempotencyKey: $key, version: $version, input: $input) {{
    cart {{ {CART} }} {ERRORS} }} }}"""
MERGE = f"""mutation ($key: ID!, $input: MergeCartInput!) {{
  mergeCart(idempotencyKey: $key, input: $input) {{
    cart {{ {CART} }} temporaryCart {{ id token version lines {{ id }} }}
    outcomes {{ kind requestedQuantity quantity variant {{ sku }} }} {ERRORS} }} }}"""


@dataclass
class Trolley:
    """Whoever fills a cart: a user, or a visitor with a token."""

    shop: Client
    user: str | None = None
    token: str | None = None
    ids: dict[str, str] = field(default_factory=dict)

    async def variant(self, sku: str) -> str:
        """Return the ID of a variant, whoever may see it; a lamp's is `L3-S`."""
        if sku not in self.ids:
            slug = {"T-1": "tea", "D-1": "draft-lamp", "A-1": "old-lamp"}.get(sku)
            key = await self.shop.product_key(slug or f"lamp-{sku[1:-2]}")
            async with self.shop.mall.stores.database.read() as session:
                found = (await products.variants_by_product(session, [key]))[key]
            self.ids |= {one.sku: nodes.encode("ProductVariant", one.id) for one in found}
        return self.ids[sku]

    async def run(self, query: str, key: str, version: int | None, input: Any) -> dict[str, Any]:
        """Return the payload, and keep the token of a temporary cart."""
        told = input if self.token is None else {"cartToken": self.token, **input}
        # What another visitor got of the same browser is none of hers.
        self.shop.http.cookies.clear()
        answer = await self.shop.ask(query, self.user, key=key, version=version, input=told)
        (payload,) = answer.values()
        if payload["cart"] and payload["cart"].get("token"):
            self.token = payload["cart"]["token"]
        result: dict[str, Any] = payload
        return result

    async def add(self, key: str, version: int | None = None, **units: int) -> dict[str, Any]:
        """Add units by SKU, with `_` in the place of `-`."""
        lines = [
            {"variantId": await self.variant(sku.replace("_", "-")), "quantity": count}
            for sku, count in units.items()
        ]
        return await self.run(ADD, key, version, {"lines": lines})

    async def update(
        self, key: str, *lines: dict[str, Any], version: int | None = None
    ) -> dict[str, Any]:
        return await self.run(UPDATE, key, version, {"lines": list(lines)})

    async def merge(self, key: str, token: str | None, mode: str = "SUM") -> dict[str, Any]:
        told = {"mode": mode} | ({} if token is None else {"cartToken": token})
        answer = await self.shop.ask(MERGE, self.user, key=key, input=told)
        payload: dict[str, Any] = answer["mergeCart"]
        return payload

    async def read(self) -> dict[str, Any]:
        answer = await self.shop.ask(READ, self.user, token=self.token)
        cart: dict[str, Any] = answer["cart"]
        return cart

    async def held(self) -> dict[str, int]:
        """Return the units of each SKU."""
        return held(await self.read())


def held(cart: dict[str, Any]) -> dict[str, int]:
    return {line["variant"]["sku"]: line["quantity"] for line in cart["lines"]}


def refusals(payload: dict[str, Any]) -> list[tuple[str, list[str] | None]]:
    """Return code and field of each refusal, of a payload that shows nothing else."""
    assert (payload["cart"], payload["isReplay"]) == (None, False)
    assert all(error["message"] for error in payload["userErrors"])
    return [(error["code"], error["field"]) for error in payload["userErrors"]]


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

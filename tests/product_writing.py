"""Writing products over HTTP: the documents, and what a test asks for again and again."""

import itertools
from typing import Any

from sqlalchemy import select

from graph import nodes
from stores import columns
from tests.shopping import Client

ERRORS = """userErrors { code field message details {
  ... on VersionConflictDetails { currentVersion current { id ... on Product { title version } } }
} }"""
PRODUCT = """
  id version revision slug title subtitle description brand status
  merchant { name } category { slug } media { objectKey url kind alt width height }
  specs { key label group unit value {
    ... on SpecText { text } ... on SpecNumber { number } ... on SpecBoolean { isTrue }
    ... on SpecList { items } } }
  variants { id sku barcode title options { name value } price { amount currencyCode }
    compareAtPrice { amount } weightGrams media { url } availableQuantity }
  priceRange { min { amount } max { amount } }
"""
CREATE = f"""mutation ($key: ID!, $input: CreateProductInput!) {{
  createProduct(idempotencyKey: $key, input: $input) {{
    product {{ {PRODUCT} }} isReplay {ERRORS} }} }}"""
UPDATE = f"""mutation ($key: ID!, $version: Int!, $input: UpdateProductInput!) {{
  updateProduct(idempotencyKey: $key, version: $version, input: $input) {{
    product {{ {PRODUCT} }} isReplay {ERRORS} }} }}"""
READ = f"query ($id: ID!) {{ node(id: $id) {{ ... on Product {{ {PRODUCT} }} }} }}"

_keys = itertools.count(1)


def key() -> str:
    """Return a key that was not used before."""
    return f"key-{next(_keys)}"


def euros(amount: str) -> dict[str, str]:
    return {"amount": amount, "currencyCode": "EUR"}


async def category_id(shop: Client, slug: str) -> str:
    found = await shop.ask("query ($slug: String!) { category(slug: $slug) { id } }", slug=slug)
    id_: str = found["category"]["id"]
    return id_


async def create(shop: Client, user: str = "mia", key_: str = "", **input: Any) -> dict[str, Any]:
    """Return the payload of createProduct, for a small kettle unless told otherwise."""
    variant = {"sku": "K-1", "price": euros("59.00")}
    whole = {
        "title": "Swan kettle",
        "categoryId": await category_id(shop, "lamps"),
        "variants": [variant],
        **input,
    }
    answer = await shop.ask(CREATE, user, key=key_ or key(), input=whole)
    payload: dict[str, Any] = answer["createProduct"]
    return payload


async def update(
    shop: Client, product: dict[str, Any], user: str = "mia", key_: str = "", **input: Any
) -> dict[str, Any]:
    """Return the payload of updateProduct, for a product as it was read."""
    whole = {"productId": product["id"], **input}
    answer = await shop.ask(
        UPDATE, user, key=key_ or key(), version=product["version"], input=whole
    )
    payload: dict[str, Any] = answer["updateProduct"]
    return payload


def done(payload: dict[str, Any]) -> dict[str, Any]:
    """Return the product of a payload that refuses nothing."""
    assert payload["userErrors"] == [], payload
    product: dict[str, Any] = payload["product"]
    return product


async def read(shop: Client, slug: str, user: str = "ola") -> dict[str, Any]:
    id_ = nodes.encode("Product", await shop.product_key(slug))
    product: dict[str, Any] = (await shop.ask(READ, user, id=id_))["node"]
    return product


async def everything(shop: Client) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows of all tables, but for what the relay moves by itself."""
    others = {"leases", "outbox_consumers", "users", "alembic_version", "shops"}
    found: dict[str, list[tuple[Any, ...]]] = {}
    async with shop.mall.stores.database.read(fresh=True) as session:
        for table in columns.metadata.sorted_tables:
            if table.name not in others:
                asked = [one for one in table.c if one.name != "publish_sequence"]
                rows = await session.rows(lambda *row: row, select(*asked))
                found[table.name] = sorted(rows, key=repr)
    return found

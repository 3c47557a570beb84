"""Which product, category and cart the pages show: chosen from what the shop has."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

import orjson
import pages_load
from pages_documents import Wanted
from pages_servers import Server

_NEWEST = "{ products(first: 50) { nodes { slug variants { id availableQuantity } } } }"
_CATEGORIES = """{ categories { slug products(first: 10) { nodes { variants { id } } } } }"""
_LAG = "{ search(first: 1) { indexLagMs } }"
_CART = """mutation Fill($lines: [VariantQuantityInput!]!) {
  addCartLines(idempotencyKey: "pages", input: { lines: $lines }) {
    cart { token } userErrors { message }
  }
}"""
WORDS = "printer"
_LINES = 10

#: Returns the data of a document with its variables.
Ask: TypeAlias = Callable[..., Awaitable[Any]]


async def wanted(server: Server) -> Wanted:
    """Choose what the pages of a server show; see `chosen`."""

    async def ask(document: str, variables: dict[str, Any] | None = None) -> Any:
        return await _asked(server, document, variables)

    return await chosen(ask)


async def chosen(ask: Ask) -> Wanted:
    """Choose the newest product, the category with most variants, and fill a temporary cart."""
    newest = (await ask(_NEWEST))["products"]["nodes"]
    categories = (await ask(_CATEGORIES))["categories"]
    return Wanted(
        product_slug=newest[0]["slug"],
        category_slug=max(categories, key=_variants)["slug"],
        words=WORDS,
        cart_token=await _cart(ask, newest),
    )


async def index_lag_ms(server: Server) -> int:
    """Return how far the index of searches is behind."""
    lag: int = (await _asked(server, _LAG))["search"]["indexLagMs"]
    return lag


def _variants(category: dict[str, Any]) -> int:
    return sum(len(node["variants"]) for node in category["products"]["nodes"])


async def _cart(ask: Ask, products: list[dict[str, Any]]) -> str:
    variants = [variant for one in products for variant in one["variants"]]
    lines = [
        {"variantId": one["id"], "quantity": min(1 + place % 3, one["availableQuantity"])}
        for place, one in enumerate(variants)
        if one["availableQuantity"]
    ]
    filled = (await ask(_CART, {"lines": lines[:_LINES]}))["addCartLines"]
    if filled["userErrors"]:
        raise SystemExit(f"The cart cannot be filled: {filled['userErrors']}")
    token: str = filled["cart"]["token"]
    return token


async def _asked(server: Server, document: str, variables: dict[str, Any] | None = None) -> Any:
    body = orjson.dumps({"query": document, "variables": variables or {}})
    told = orjson.loads(await pages_load.ask(server.port, pages_load.post("/graphql", body)))
    if told.get("errors"):
        raise SystemExit(f"mallgraph answers {told['errors']}")
    return told["data"]

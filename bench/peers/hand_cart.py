"""The cart page: the token is checked and read, and one statement tells prices and stock."""

import base64
import hashlib
import hmac
from typing import Any

import orjson
from hand_shop import Row, Shop, places
from hand_values import global_id, money, pictures
from hand_variants import UNITS
from starlette.exceptions import HTTPException
from starlette.requests import Request

_PURPOSE = b"mallgraph cart 1\n"
_SPREAD, _MAX_ID = 0x5851F42D4C957F2D, 2**63 - 1
_MILLION = 1_000_000


async def page(shop: Shop, request: Request) -> dict[str, Any]:
    """Answer the temporary cart of a token."""
    cart_id, version, lines = _read(shop, request.query_params["token"])
    ids = [line[0] for line in lines]
    statement = f"""
    SELECT v.id, v.sku, v.title, v.price_minor, {UNITS}, p.title, p.slug, p.media, p.status
    FROM variants v JOIN products p ON p.id = v.product_id WHERE v.id IN {places(ids)}
    """
    rows = {row[0]: row for row in await shop.sql.rows(statement, *ids)}
    return {
        "cart": {
            "id": global_id("Cart", cart_id),
            "version": version,
            "itemCount": sum(quantity for _, quantity, _, selected in lines if selected),
            "lines": [_line(shop, cart_id, line, rows.get(line[0])) for line in lines],
            "totals": _totals(shop, lines, rows),
        }
    }


def _read(shop: Shop, token: str) -> tuple[int, int, list[list[int]]]:
    body, _, signature = token.partition(".")
    signed = hmac.digest(shop.cart_key, _PURPOSE + body.encode(), hashlib.sha256)
    if not hmac.compare_digest(base64.urlsafe_b64encode(signed).rstrip(b"=").decode(), signature):
        raise HTTPException(400)
    told = orjson.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return told[0], told[1], told[4]


def _line(shop: Shop, cart_id: int, line: list[int], row: Row | None) -> dict[str, Any]:
    variant_id, quantity, price_when_added, selected = line
    price = _price(row)
    return {
        "id": global_id("CartLine", ((variant_id * _SPREAD) & _MAX_ID) ^ cart_id),
        "quantity": quantity,
        "isSelected": bool(selected),
        "priceWhenAdded": money(shop, price_when_added),
        "unitPrice": None if price is None else money(shop, price),
        "total": None if price is None else money(shop, price * quantity),
        "variant": None if row is None or row[8] != "ACTIVE" else _variant(shop, row),
    }


def _variant(shop: Shop, row: Row) -> dict[str, Any]:
    id_, sku, title, _, units, product, slug, media, _ = row
    return {
        "id": global_id("ProductVariant", id_),
        "sku": sku,
        "title": title,
        "availableQuantity": int(units),
        "product": {"title": product, "slug": slug, "media": pictures(shop, media, "alt")},
    }


def _totals(shop: Shop, lines: list[list[int]], rows: dict[int, Row]) -> dict[str, Any]:
    costs = [
        price * quantity
        for variant_id, quantity, _, selected in lines
        if selected and (price := _price(rows.get(variant_id))) is not None
    ]
    subtotal, tax = sum(costs), sum(_tax(shop, cost) for cost in costs)
    total = subtotal if shop.is_tax_included else subtotal + tax
    told = {"subtotal": subtotal, "discount": 0, "tax": tax, "total": total}
    return {name: money(shop, minor) for name, minor in told.items()}


def _tax(shop: Shop, minor: int) -> int:
    rate = shop.tax_rate_millionths
    whole = _MILLION + rate if shop.is_tax_included else _MILLION
    return (2 * minor * rate + whole) // (2 * whole)


def _price(row: Row | None) -> int | None:
    return None if row is None or row[8] != "ACTIVE" else row[3]

"""The product page: the product with all that is one to it, its variants, its data sheet."""

from collections.abc import Sequence
from typing import Any

import hand_variants
import orjson
from hand_list import IS_AVAILABLE
from hand_shop import Row, Shop
from hand_values import global_id, money, pictures, spec_value
from starlette.requests import Request

_PRODUCT = f"""
SELECT p.id, p.title, p.subtitle, p.description, p.brand, p.min_price_minor, p.max_price_minor,
  p.media, p.specs_id, m.name, c.slug, c.name, above.slug, above.name, {IS_AVAILABLE}
FROM products p
JOIN merchants m ON m.id = p.merchant_id
JOIN categories c ON c.id = p.category_id
LEFT JOIN categories above ON above.id = c.parent_id
WHERE p.slug = %s AND p.status = 'ACTIVE'
"""


async def page(shop: Shop, request: Request) -> dict[str, Any]:
    """Answer one product."""
    slug = request.path_params["slug"]
    found = await shop.sql.rows(_PRODUCT, slug)
    if not found:
        return {"product": None}
    row = found[0]
    variants = (await hand_variants.by_product(shop, [row[0]]))[row[0]]
    sheets = await shop.sheets.by_ids([row[8]]) if row[8] else {}
    return {"product": _product(shop, slug, row, variants, sheets.get(row[8], []))}


def _product(
    shop: Shop, slug: str, row: Row, variants: Sequence[Row], sheet: list[dict[str, Any]]
) -> dict[str, Any]:
    id_, title, subtitle, description, brand, low, high, media, _, merchant = row[:10]
    return {
        "id": global_id("Product", id_),
        "slug": slug,
        "title": title,
        "subtitle": subtitle,
        "description": description,
        "brand": brand,
        "isAvailable": bool(row[14]),
        "priceRange": {"min": money(shop, low), "max": money(shop, high)},
        "media": pictures(shop, media, "alt", "width", "height"),
        "category": _category(*row[10:14]),
        "merchant": {"name": merchant},
        "options": _options(variants),
        "variants": [_variant(shop, *variant) for variant in variants],
        "specs": [_spec(line) for line in sheet],
    }


def _category(slug: str, name: str, above: str | None, name_above: str) -> dict[str, Any]:
    parent = None if above is None else {"slug": above, "name": name_above}
    return {"slug": slug, "name": name, "parent": parent}


def _options(variants: Sequence[Row]) -> list[dict[str, Any]]:
    values: dict[str, dict[str, None]] = {}
    for variant in variants:
        for name, value in orjson.loads(variant[3]):
            values.setdefault(name, {})[value] = None
    return [{"name": name, "values": list(told)} for name, told in values.items()]


def _variant(shop: Shop, id_: int, sku: str, title: str, *more: Any) -> dict[str, Any]:
    options, price, before, units = more
    return {
        "id": global_id("ProductVariant", id_),
        "sku": sku,
        "title": title,
        "availableQuantity": int(units),
        "options": [{"name": name, "value": value} for name, value in orjson.loads(options)],
        "price": money(shop, price),
        "compareAtPrice": None if before is None else money(shop, before),
    }


def _spec(line: dict[str, Any]) -> dict[str, Any]:
    named = {name: line.get(name) for name in ("key", "label", "group", "unit")}
    return named | {"value": spec_value(line)}

"""The nested page: a category with its newest products, and their variants."""

from typing import Any

import hand_variants
from hand_shop import Row, Shop
from hand_values import global_id, money
from starlette.requests import Request

_NEWEST = """
SELECT c.name, p.id, p.title, p.slug
FROM categories c
LEFT JOIN listings s ON s.category_id = c.id AND s.status = 'ACTIVE'
LEFT JOIN products p ON p.id = s.product_id
WHERE c.slug = %s
ORDER BY s.product_id DESC LIMIT 10
"""


async def page(shop: Shop, request: Request) -> dict[str, Any]:
    """Answer one category."""
    found = await shop.sql.rows(_NEWEST, request.path_params["slug"])
    if not found:
        return {"category": None}
    rows = [row[1:] for row in found if row[1] is not None]
    variants = await hand_variants.by_product(shop, [row[0] for row in rows])
    nodes = [
        {
            "id": global_id("Product", id_),
            "title": title,
            "slug": slug,
            "variants": [_variant(shop, variant) for variant in variants[id_]],
        }
        for id_, title, slug in rows
    ]
    return {"category": {"name": found[0][0], "products": {"nodes": nodes}}}


def _variant(shop: Shop, row: Row) -> dict[str, Any]:
    id_, sku, title, _, price, _, units = row
    return {
        "id": global_id("ProductVariant", id_),
        "sku": sku,
        "title": title,
        "isAvailable": units > 0,
        "availableQuantity": int(units),
        "price": money(shop, price),
    }

"""The list page: one statement, and one call for all data sheets."""

from typing import Any

from hand_shop import Row, Shop
from hand_values import global_id, money, pictures, spec_value
from starlette.requests import Request

#: Whether a unit of the product `p` can be bought.
IS_AVAILABLE = """EXISTS (
  SELECT 1 FROM variants v
  JOIN inventory_levels l ON l.variant_id = v.id
  JOIN warehouses w ON w.id = l.warehouse_id AND w.is_selling
  WHERE v.product_id = p.id AND l.on_hand > l.reserved
)"""
# The page is cut first: joined to the categories, the optimizer would begin with these.
_NEWEST = f"""
SELECT p.id, p.title, p.slug, p.min_price_minor, p.max_price_minor, p.media, p.specs_id, c.name,
  {IS_AVAILABLE}
FROM (
  SELECT product_id FROM listings WHERE category_id = 0 AND status = 'ACTIVE'
  ORDER BY product_id DESC LIMIT %s
) s
JOIN products p ON p.id = s.product_id
JOIN categories c ON c.id = p.category_id
ORDER BY s.product_id DESC
"""


async def page(shop: Shop, request: Request) -> dict[str, Any]:
    """Answer the newest products."""
    size = int(request.query_params["first"])
    found = await shop.sql.rows(_NEWEST, size + 1)
    rows = found[:size]
    sheets = await shop.sheets.by_ids([row[6] for row in rows if row[6] is not None])
    nodes = [_product(shop, row, sheets.get(row[6], [])) for row in rows]
    return {"products": {"nodes": nodes, "pageInfo": {"hasNextPage": len(found) > size}}}


def _product(shop: Shop, row: Row, sheet: list[dict[str, Any]]) -> dict[str, Any]:
    id_, title, slug, low, high, media, _, category, is_available = row
    return {
        "id": global_id("Product", id_),
        "title": title,
        "slug": slug,
        "isAvailable": bool(is_available),
        "priceRange": {"min": money(shop, low), "max": money(shop, high)},
        "category": {"name": category},
        "media": pictures(shop, media, "alt"),
        "specs": [{"key": line["key"], "value": spec_value(line)} for line in sheet],
    }

"""Variants with their stock, in one statement."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from hand_shop import Row, Shop, places

#: Units of the variant `v` that can be bought.
UNITS = """COALESCE((
  SELECT SUM(l.on_hand - l.reserved) FROM inventory_levels l
  JOIN warehouses w ON w.id = l.warehouse_id AND w.is_selling
  WHERE l.variant_id = v.id
), 0)"""


async def by_product(shop: Shop, ids: Sequence[int]) -> dict[int, list[Row]]:
    """Return id, SKU, title, options, price, price before and units of the variants."""
    statement = f"""
    SELECT v.product_id, v.id, v.sku, v.title, v.options, v.price_minor, v.compare_at_minor, {UNITS}
    FROM variants v WHERE v.product_id IN {places(ids)} ORDER BY v.product_id, v.position
    """
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for row in await shop.sql.rows(statement, *ids):
        found[row[0]].append(row[1:])
    return found

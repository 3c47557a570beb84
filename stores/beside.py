"""What can be read beside rows by the same statement: the registry of these parts.

Whoever adds one says here how it is joined, in `loaders.beside` who would else be asked for it,
and names it at the field that shows it.
"""

from typing import Any

from sqlalchemy import FromClause

from stores.categories import CATEGORIES
from stores.inventory import available_units, is_available
from stores.merchants import MERCHANTS
from stores.products import PRODUCT_OF_VARIANT, PRODUCTS, VARIANTS
from stores.shop import SHOP_ID, SHOPS

CATEGORY_OF_PRODUCT = "Product.category"
MERCHANT_OF_PRODUCT = "Product.merchant"
IS_AVAILABLE = "Product.is_available"
UNITS_OF_VARIANT = "Variant.units"
#: The shop itself, whose tax the price of a variant has.
SHOP_OF_VARIANT = "Variant.shop"
PARENT_OF_CATEGORY = "Category.parent"

__all__ = [
    "CATEGORY_OF_PRODUCT",
    "IS_AVAILABLE",
    "MERCHANT_OF_PRODUCT",
    "PARENT_OF_CATEGORY",
    "PRODUCT_OF_VARIANT",
    "SHOP_OF_VARIANT",
    "UNITS_OF_VARIANT",
]


def _units(told: Any) -> int:
    # MySQL gives a sum as a Decimal, and that of nothing is null.
    return int(told or 0)


def _by(column: str) -> Any:
    """Return what joins a table by the id that `column` of another names."""

    def on(table: FromClause, other: FromClause) -> Any:
        return other.c.id == table.c[column]

    return on


PRODUCTS.join(CATEGORY_OF_PRODUCT, CATEGORIES, _by("category_id"))
PRODUCTS.join(MERCHANT_OF_PRODUCT, MERCHANTS, _by("merchant_id"))
PRODUCTS.tell(IS_AVAILABLE, is_available, bool)
VARIANTS.join(PRODUCT_OF_VARIANT, PRODUCTS, _by("product_id"))
VARIANTS.join(SHOP_OF_VARIANT, SHOPS, lambda _, shops: shops.c.id == SHOP_ID)
VARIANTS.tell(UNITS_OF_VARIANT, available_units, _units)
CATEGORIES.join(PARENT_OF_CATEGORY, CATEGORIES, _by("parent_id"))

"""What products of a list must meet, as conditions whose values are parameters.

Two filters that name the same things share one statement, whatever the values are.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, false, not_, or_, select

from stores import inventory
from stores.kept import among
from stores.listing_tables import WORD_LENGTH, listings, product_words
from stores.products import ProductStatus, products, variants
from stores.text import words

MAX_WORDS = 8


@dataclass(frozen=True, slots=True)
class ProductFilter:
    """Conditions that products must all meet; None leaves one out. Prices in minor units."""

    #: Words of the title, or the start of a SKU.
    query: str | None = None
    category_id: int | None = None
    brands: tuple[str, ...] | None = None
    merchant_id: int | None = None
    min_minor: int | None = None
    max_minor: int | None = None
    is_available: bool | None = None
    statuses: tuple[ProductStatus, ...] = (ProductStatus.ACTIVE,)
    #: Products that are not on sale are found only if they are this merchant's; None: any's.
    staff_of: int | None = None
    updated_from: datetime | None = None
    updated_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class FilterShape:
    """What a filter names, and not with which values."""

    names: frozenset[str]
    statuses: tuple[ProductStatus, ...]
    is_available: bool | None
    #: How many words it looks for, None if for nothing.
    words: int | None

    @classmethod
    def of(cls, wanted: ProductFilter) -> "FilterShape":
        """Return the shape of a filter."""
        names = frozenset(name for name in _TESTS if getattr(wanted, name) is not None)
        count = None if wanted.query is None else len(_words(wanted.query))
        return cls(names, wanted.statuses, wanted.is_available, count)

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return what the rows of all filters of this shape must meet."""
        return [
            self._status(),
            *(test for name, test in _TESTS.items() if name in self.names),
            *([] if self.is_available is None else [_in_stock(self.is_available)]),
            *([] if self.words is None else [_matching(self.words)]),
        ]

    def _status(self) -> ColumnElement[bool]:
        names = [status.value for status in self.statuses]
        # One status is a place in the index, several are not.
        return listings.c.status == names[0] if len(names) == 1 else listings.c.status.in_(names)


def filter_values(wanted: ProductFilter) -> dict[str, Any]:
    """Return the parameters of a statement that has the filter's shape."""
    given = {name: getattr(wanted, name) for name in _TESTS}
    told = {name: value for name, value in given.items() if value is not None}
    if wanted.query is None:
        return told
    found = {f"word_{place}": word for place, word in enumerate(_words(wanted.query))}
    return told | found | {"sku": _LIKE.sub(r"/\g<0>", wanted.query.strip()) + "%"}


def _words(query: str) -> list[str]:
    return [word[:WORD_LENGTH] for word in words(query)[:MAX_WORDS]]


def _in_stock(wanted: bool) -> ColumnElement[bool]:  # noqa: FBT001  A condition, not a switch.
    return inventory.is_available() if wanted else not_(inventory.is_available())


def _stands_in_category() -> ColumnElement[bool]:
    other = listings.alias()
    within = other.c.category_id == bindparam("category_id")
    return listings.c.product_id.in_(select(other.c.product_id).where(within))


def _matching(count: int) -> ColumnElement[bool]:
    begins = variants.c.sku.like(bindparam("sku"), escape="/")
    told = [_has_word(f"word_{place}") for place in range(count)]
    by_words = and_(*told) if told else false()
    return or_(by_words, listings.c.product_id.in_(select(variants.c.product_id).where(begins)))


def _has_word(name: str) -> ColumnElement[bool]:
    having = select(product_words.c.product_id).where(product_words.c.word == bindparam(name))
    return listings.c.product_id.in_(having)


#: What has a meaning of its own in a pattern of LIKE.
_LIKE = re.compile("[/%_]")
_ON_SALE = listings.c.status == ProductStatus.ACTIVE.value
#: Attribute of a filter, and parameter -> the condition of those that name it.
_TESTS: dict[str, ColumnElement[bool]] = {
    "category_id": _stands_in_category(),
    "brands": among(products.c.brand, "brands"),
    "merchant_id": products.c.merchant_id == bindparam("merchant_id"),
    "min_minor": listings.c.min_price_minor >= bindparam("min_minor"),
    "max_minor": listings.c.min_price_minor <= bindparam("max_minor"),
    "staff_of": _ON_SALE | (products.c.merchant_id == bindparam("staff_of")),
    "updated_from": products.c.updated_at >= bindparam("updated_from"),
    "updated_before": products.c.updated_at < bindparam("updated_before"),
}

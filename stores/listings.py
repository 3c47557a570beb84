"""Lists of products, in the whole shop and in each category.

Every product stands once for the whole shop and once for each category that it lies in or below,
with what lists are sorted by. So a page of any list is one walk along one index, however large
the shop is.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Index,
    Select,
    Table,
    and_,
    delete,
    false,
    func,
    not_,
    or_,
    select,
    union_all,
)

from stores import inventory
from stores.columns import id_column, key, metadata
from stores.keyset import Keyset, Position, Window
from stores.products import COLUMNS, TITLE_LENGTH, Product, ProductStatus, products, variants
from stores.sql import ReadSession, WriteSession
from stores.text import words

#: The list of all products, among the ids of categories.
WHOLE_SHOP = 0
WORD_LENGTH = 64
MAX_WORDS = 8

listings = Table(
    "listings",
    metadata,
    id_column("category_id"),
    id_column("product_id"),
    Column("status", key(10), nullable=False),
    Column("min_price_minor", BigInteger, nullable=False),
    Column("title_key", key(TITLE_LENGTH), nullable=False),
    Index("ix_listings_newest", "category_id", "status", "product_id"),
    Index("ix_listings_price", "category_id", "status", "min_price_minor", "product_id"),
    Index("ix_listings_title", "category_id", "status", "title_key", "product_id"),
    Index("ix_listings_product_id", "product_id"),
)

product_words = Table(
    "product_words",
    metadata,
    Column("word", key(WORD_LENGTH), primary_key=True),
    id_column("product_id"),
    Index("ix_product_words_product_id", "product_id"),
)


class ProductSort(Enum):
    """Sequence of a list of products."""

    RELEVANCE = "RELEVANCE"
    NEWEST = "NEWEST"
    PRICE_ASC = "PRICE_ASC"
    PRICE_DESC = "PRICE_DESC"
    TITLE = "TITLE"


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


_NEWEST = Keyset(listings.c.product_id, descending=True)
_SORTS = {
    ProductSort.RELEVANCE: _NEWEST,
    ProductSort.NEWEST: _NEWEST,
    ProductSort.PRICE_ASC: Keyset(listings.c.min_price_minor, listings.c.product_id),
    ProductSort.PRICE_DESC: Keyset(
        listings.c.min_price_minor, listings.c.product_id, descending=True
    ),
    ProductSort.TITLE: Keyset(listings.c.title_key, listings.c.product_id),
}

#: The kinds of the values of a position.
KINDS: Mapping[ProductSort, tuple[type, ...]] = {
    ProductSort.RELEVANCE: (int,),
    ProductSort.NEWEST: (int,),
    ProductSort.PRICE_ASC: (int, int),
    ProductSort.PRICE_DESC: (int, int),
    ProductSort.TITLE: (str, int),
}


def position(product: Product, sort: ProductSort) -> Position:
    """Return what tells the place of a product in a list: the sort's values, then the id."""
    if sort is ProductSort.TITLE:
        return (product.title_key, product.id)
    if sort in (ProductSort.PRICE_ASC, ProductSort.PRICE_DESC):
        return (product.min_price_minor, product.id)
    return (product.id,)


async def pages(
    session: ReadSession,
    lists: Sequence[int],
    wanted: ProductFilter,
    sort: ProductSort,
    window: Window,
) -> dict[int, list[Product]]:
    """Return a page of each list, by category id or WHOLE_SHOP, in one statement.

    A backward window gives the last rows, in the order of the list all the same.
    """
    each = [_page(list_, wanted, sort, window) for list_ in lists]
    # Wrapped, as SQLite takes no ORDER BY inside a UNION.
    whole = each[0] if len(each) == 1 else union_all(*(select(one.subquery()) for one in each))
    found: dict[int, list[Product]] = defaultdict(list)
    for list_, product in await session.rows(_placed, whole):
        found[list_].append(product)
    return {list_: rows[::-1] if window.backwards else rows for list_, rows in found.items()}


async def counts(
    session: ReadSession, lists: Collection[int], wanted: ProductFilter
) -> dict[int, int]:
    """Return how many products of each list meet the conditions; an empty list has no entry."""
    statement = (
        _filtered(select(listings.c.category_id, func.count()), wanted)
        .where(listings.c.category_id.in_(lists))
        .group_by(listings.c.category_id)
    )
    return dict(await session.rows(lambda list_, count: (list_, count), statement))


async def put(
    session: WriteSession, placed: Sequence[tuple[Product, Collection[int]]], *, is_new: bool
) -> None:
    """Write where products stand: each with the ids of its category and of all above it."""
    if not is_new:
        ids = [product.id for product, _ in placed]
        await session.update(delete(listings).where(listings.c.product_id.in_(ids)))
        await session.update(delete(product_words).where(product_words.c.product_id.in_(ids)))
    if rows := [listing(one, list_) for one, path in placed for list_ in (WHOLE_SHOP, *path)]:
        await session.insert(listings, *rows)
    if told := [row for product, _ in placed for row in word_rows(product)]:
        await session.insert(product_words, *told)


def _page(list_: int, wanted: ProductFilter, sort: ProductSort, window: Window) -> Select[Any]:
    keyset = _SORTS[sort]
    statement = _filtered(select(listings.c.category_id, *COLUMNS), wanted)
    return (
        statement.where(listings.c.category_id == list_, keyset.inside(window))
        .order_by(*keyset.order(window))
        .limit(window.limit)
    )


def _filtered(statement: Select[Any], wanted: ProductFilter) -> Select[Any]:
    joined = listings.join(products, products.c.id == listings.c.product_id)
    return statement.select_from(joined).where(*_conditions(wanted))


def _conditions(wanted: ProductFilter) -> list[ColumnElement[bool]]:
    given = ((test, getattr(wanted, name)) for name, test in _TESTS.items())
    return [*_allowed(wanted), *(test(value) for test, value in given if value is not None)]


def _of_brands(brands: tuple[str, ...]) -> ColumnElement[bool]:
    return products.c.brand.in_(brands)


def _in_stock(wanted: bool) -> ColumnElement[bool]:  # noqa: FBT001  A condition, not a switch.
    return inventory.is_available() if wanted else not_(inventory.is_available())


def _stands_in(category_id: int) -> ColumnElement[bool]:
    other = listings.alias()
    return listings.c.product_id.in_(
        select(other.c.product_id).where(other.c.category_id == category_id)
    )


def _allowed(wanted: ProductFilter) -> list[ColumnElement[bool]]:
    names = [status.value for status in wanted.statuses]
    # One status is a place in the index, several are not.
    statuses = listings.c.status == names[0] if len(names) == 1 else listings.c.status.in_(names)
    if wanted.staff_of is None:
        return [statuses]
    on_sale = listings.c.status == ProductStatus.ACTIVE.value
    return [statuses, on_sale | (products.c.merchant_id == wanted.staff_of)]


def _matching(query: str) -> ColumnElement[bool]:
    by_sku = select(variants.c.product_id).where(
        variants.c.sku.startswith(query.strip(), autoescape=True)
    )
    told = [_has_word(word) for word in words(query)[:MAX_WORDS]]
    by_words = and_(*told) if told else false()
    return or_(by_words, listings.c.product_id.in_(by_sku))


def _has_word(word: str) -> ColumnElement[bool]:
    having = select(product_words.c.product_id).where(product_words.c.word == word[:WORD_LENGTH])
    return listings.c.product_id.in_(having)


#: Attribute of a filter -> the condition of a value that is given.
_TESTS: dict[str, Callable[[Any], ColumnElement[bool]]] = {
    "category_id": _stands_in,
    "brands": _of_brands,
    "merchant_id": lambda id_: products.c.merchant_id == id_,
    "min_minor": lambda minor: listings.c.min_price_minor >= minor,
    "max_minor": lambda minor: listings.c.min_price_minor <= minor,
    "updated_from": lambda instant: products.c.updated_at >= instant,
    "updated_before": lambda instant: products.c.updated_at < instant,
    "is_available": _in_stock,
    "query": _matching,
}


def _placed(list_: int, *values: Any) -> tuple[int, Product]:
    return list_, Product(*values)


def listing(product: Product, list_: int) -> dict[str, object]:
    """Return the row of a product in one list."""
    return {
        "category_id": list_,
        "product_id": product.id,
        "status": product.status,
        "min_price_minor": product.min_price_minor,
        "title_key": product.title_key,
    }


def word_rows(product: Product) -> list[dict[str, object]]:
    """Return the rows of the words that a product is found by."""
    told = {word[:WORD_LENGTH] for word in words(product.title)}
    return [{"word": word, "product_id": product.id} for word in sorted(told)]

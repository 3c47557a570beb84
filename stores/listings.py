"""Lists of products, in the whole shop and in each category.

Every product stands once for the whole shop and once for each category that it lies in or below,
with what lists are sorted by. So a page of any list is one walk along one index, however large
the shop is.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from enum import Enum
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, bindparam, delete, func, select, union_all

from stores.kept import Reading, among
from stores.keyset import Keyset, Position, Window, WindowShape, window_values
from stores.listing_filters import FilterShape, ProductFilter, filter_values
from stores.listing_tables import WHOLE_SHOP, WORD_LENGTH, listings, product_words
from stores.parts import EVERYTHING, Shape, Wanted
from stores.products import PRODUCTS, Product, products
from stores.sql import ReadSession, WriteSession
from stores.text import words


class ProductSort(Enum):
    """Sequence of a list of products."""

    RELEVANCE = "RELEVANCE"
    NEWEST = "NEWEST"
    PRICE_ASC = "PRICE_ASC"
    PRICE_DESC = "PRICE_DESC"
    TITLE = "TITLE"


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


_JOINED = listings.join(products, products.c.id == listings.c.product_id)
_TITLE_KEY = PRODUCTS.part("title_key")


def position(product: Product, sort: ProductSort) -> Position:
    """Return what tells the place of a product in a list: the sort's values, then the id."""
    if sort is ProductSort.TITLE:
        return (product.title_key, product.id)
    if sort in (ProductSort.PRICE_ASC, ProductSort.PRICE_DESC):
        return (product.min_price_minor, product.id)
    return (product.id,)


async def pages(  # noqa: PLR0913, PLR0917  Each says another thing of the page.
    session: ReadSession,
    lists: Sequence[int],
    wanted: ProductFilter,
    sort: ProductSort,
    window: Window,
    parts: Wanted = EVERYTHING,
) -> dict[int, list[Product]]:
    """Return a page of each list, by category id or WHOLE_SHOP, in one statement.

    A backward window gives the last rows, in the order of the list all the same.
    """
    # A place in a list by title is told by its key.
    parts = parts.with_more(_TITLE_KEY) if sort is ProductSort.TITLE else parts
    shape = PRODUCTS.shape(parts)
    statement = _pages(shape, len(lists), FilterShape.of(wanted), sort, WindowShape.of(window))
    places = {f"list_{place}": list_ for place, list_ in enumerate(lists)}
    values = filter_values(wanted) | window_values(window) | places
    found: dict[int, list[Product]] = defaultdict(list)
    for product, list_ in await shape.placed(session, statement, values, parts):
        found[list_].append(product)
    return {list_: rows[::-1] if window.backwards else rows for list_, rows in found.items()}


async def counts(
    session: ReadSession, lists: Collection[int], wanted: ProductFilter
) -> dict[int, int]:
    """Return how many products of each list meet the conditions; an empty list has no entry."""
    statement = _counts(FilterShape.of(wanted))
    values = {"lists": list(lists), **filter_values(wanted)}
    return dict(await session.rows(lambda list_, count: (list_, count), statement, values))


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


@lru_cache(maxsize=256)
def _pages(
    rows: Shape[Product], count: int, wanted: FilterShape, sort: ProductSort, shape: WindowShape
) -> Reading:
    each = [_page(rows, place, wanted, sort, shape) for place in range(count)]
    # Wrapped, as SQLite takes no ORDER BY inside a UNION.
    return each[0] if count == 1 else union_all(*(select(one.subquery()) for one in each))


def _page(
    rows: Shape[Product], place: int, wanted: FilterShape, sort: ProductSort, shape: WindowShape
) -> Select[Any]:
    keyset = _SORTS[sort]
    statement = rows.select(listings.c.category_id, source=_JOINED).where(*wanted.conditions())
    its = listings.c.category_id == bindparam(f"list_{place}")
    return (
        statement.where(its, keyset.inside_any(shape))
        .order_by(*keyset.order(shape))
        .limit(bindparam("limit"))
    )


@lru_cache(maxsize=64)
def _counts(wanted: FilterShape) -> Reading:
    return (
        select(listings.c.category_id, func.count())
        .select_from(_JOINED)
        .where(*wanted.conditions())
        .where(among(listings.c.category_id, "lists"))
        .group_by(listings.c.category_id)
    )


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

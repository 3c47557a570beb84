"""The rows that let a product be found in lists and by words: as they are, and as they must be."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any, TypeAlias

from sqlalchemy import Table, delete, select

from stores.listing_tables import WHOLE_SHOP, listings, product_words
from stores.listings import listing, word_rows
from stores.products import Product
from stores.sql import ReadSession, WriteSession

#: Rows of one product, in an order that makes them comparable.
Rows: TypeAlias = list[tuple[Any, ...]]


async def kept(session: ReadSession, ids: Collection[int]) -> tuple[dict[int, Rows], ...]:
    """Return the rows of the lists, and those of the words, of each product."""
    return await _kept(session, listings, ids), await _kept(session, product_words, ids)


def wanted(product: Product, path: Collection[int]) -> tuple[Rows, Rows]:
    """Return the same, as `listings.put` writes it: lists and words."""
    lists = [listing(product, list_) for list_ in (WHOLE_SHOP, *path)]
    return _rows(listings, lists), _rows(product_words, word_rows(product))


async def remove(session: WriteSession, product_id: int) -> None:
    """Delete all rows of what is no product."""
    await session.update(delete(listings).where(listings.c.product_id == product_id))
    await session.update(delete(product_words).where(product_words.c.product_id == product_id))


async def _kept(session: ReadSession, table: Table, ids: Collection[int]) -> dict[int, Rows]:
    found: dict[int, Rows] = defaultdict(list)
    statement = select(table.c.product_id, *table.c).where(table.c.product_id.in_(ids))
    for id_, *row in await session.rows(lambda *told: told, statement):
        found[id_].append(tuple(row))
    return {id_: sorted(rows) for id_, rows in found.items()}


def _rows(table: Table, told: list[dict[str, object]]) -> Rows:
    return sorted(tuple(row[column.name] for column in table.c) for row in told)

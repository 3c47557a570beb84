"""Makes a small catalogue large: it is copied inside the database until it has so many products.

Each copy has ids, slugs and SKUs of its own, and is sold in the same categories by the same
merchants, with the same words, prices and stock.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Connection,
    FromClause,
    Select,
    String,
    Table,
    cast,
    func,
    insert,
    literal,
    select,
)

from stores.inventory_levels import inventory_levels
from stores.listing_tables import listings, product_words
from stores.products import products, variants


@dataclass(frozen=True, slots=True)
class _Part:
    """A table of which each product has rows."""

    table: Table
    #: Columns that hold ids of what is copied, and those that are unique texts made of an id.
    ids: tuple[str, ...]
    texts: tuple[str, ...] = ()

    def copy(self, shift: int, last: int) -> Select[Any]:
        """Select the rows of all products up to `last`, as their copies have them."""
        values = [self._value(name, shift) for name in self.table.c.keys()]  # noqa: SIM118  Columns are no mapping.
        return select(*values).select_from(self._source()).where(self._product_id() <= last)

    def _value(self, name: str, shift: int) -> Any:
        column = self.table.c[name]
        if name in self.ids:
            return (column + shift).label(name)
        if name in self.texts:
            return (literal("copy-") + cast(self.table.c.id + shift, String(20))).label(name)
        return column

    def _source(self) -> FromClause:
        if self.table is inventory_levels:
            return inventory_levels.join(variants, variants.c.id == inventory_levels.c.variant_id)
        return self.table

    def _product_id(self) -> Any:
        if self.table is products:
            return products.c.id
        return (variants if self.table is inventory_levels else self.table).c.product_id


_PARTS = (
    _Part(products, ("id", "specs_id"), ("slug",)),
    _Part(variants, ("id", "product_id"), ("sku",)),
    _Part(inventory_levels, ("id", "variant_id")),
    _Part(listings, ("product_id",)),
    _Part(product_words, ("product_id",)),
)


#: Products that are copied at once.
_MOST = 25_000


def count(connection: Connection) -> int:
    """Return how many products there are."""
    return connection.scalar(select(func.count()).select_from(products)) or 0


def multiply(connection: Connection, wanted: int) -> Iterator[tuple[int, int, int]]:
    """Copy products until there are so many; each time yield their count, and what was copied.

    That is the greatest id of a data sheet among them, and how much greater the ids of the copies
    are. Commit each time: one transaction for very many rows holds all that undoes it.
    """
    while (known := count(connection)) < wanted:
        low, high = _ends(connection)
        shift, last = high - low + 1, _last(connection, min(known, wanted - known, _MOST))
        sheet = connection.scalar(
            select(func.max(products.c.specs_id)).where(products.c.id <= last)
        )
        for part in _PARTS:
            names = list(part.table.c.keys())
            connection.execute(insert(part.table).from_select(names, part.copy(shift, last)))
        yield count(connection), sheet or 0, shift


def _ends(connection: Connection) -> tuple[int, int]:
    # What others refer to; references are found nowhere else, and not all of them by an index.
    names = ("id", "specs_id")
    ids = [part.table.c[name] for part in _PARTS for name in part.ids if name in names]
    rows = [connection.execute(select(func.min(one), func.max(one))).one() for one in ids]
    told = [value for row in rows for value in row if value is not None]
    return min(told), max(told)


def _last(connection: Connection, size: int) -> int:
    """Return the id of the product up to which there are `size`."""
    statement = select(products.c.id).order_by(products.c.id).offset(size - 1).limit(1)
    found: int = connection.execute(statement).scalar_one()
    return found

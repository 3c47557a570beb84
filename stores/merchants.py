"""Merchants: who sells and ships."""

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, Column, ColumnElement, Index, Table, func, select, true, update

from stores.columns import Instant, as_row, flag, id_column, key, metadata, words
from stores.kept import Reading, among
from stores.keyset import Keyset, Position, Window, starts
from stores.parts import EVERYTHING, RowKind, Shape, Wanted
from stores.rows import row
from stores.sql import ReadSession, WriteSession
from stores.text import title_key

NAME_LENGTH = 100
#: Of a name as lists sort by it: folded, it may be longer.
NAME_KEY_LENGTH = 200

merchants = Table(
    "merchants",
    metadata,
    id_column(),
    Column("version", BigInteger, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("name", words(NAME_LENGTH), nullable=False, index=True),
    Column("is_active", flag(), nullable=False),
    # The name folded.
    Column("name_key", key(NAME_KEY_LENGTH), nullable=False),
    Index("ix_merchants_name_key_id", "name_key", "id"),
)


@row
class Merchant:
    """Who sells; the products of one that is not active are not on sale."""

    id: int
    version: int
    updated_at: datetime
    name: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class MerchantFilter:
    """Conditions that merchants must all meet."""

    #: How the folded name begins.
    begins: str = ""
    is_active_only: bool = True

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return what rows must meet."""
        its = starts(merchants.c.name_key, self.begins)
        return [its, merchants.c.is_active if self.is_active_only else true()]


_COLUMNS = [merchants.c[field.name] for field in fields(Merchant)]
_ORDER = Keyset(merchants.c.name_key, merchants.c.id)
MERCHANTS = RowKind(Merchant, merchants, ("id", "name", "is_active"))


async def by_ids(
    session: ReadSession, ids: Collection[int], wanted: Wanted = EVERYTHING
) -> dict[int, Merchant]:
    """Return the merchants that exist, by id."""
    shape = MERCHANTS.shape(wanted)
    found = await shape.rows(session, _by_ids(shape), {"ids": list(ids)}, wanted)
    return {merchant.id: merchant for merchant in found}


@lru_cache
def _by_ids(shape: Shape[Merchant]) -> Reading:
    return shape.select().where(among(merchants.c.id, "ids"))


async def in_order_of_age(session: ReadSession) -> list[Merchant]:
    """Return all merchants, the first one first."""
    return await session.rows(Merchant, select(*_COLUMNS).order_by(merchants.c.id))


async def page(session: ReadSession, wanted: MerchantFilter, window: Window) -> list[Merchant]:
    """Return a page of merchants, by name."""
    statement = select(*_COLUMNS).where(*wanted.conditions(), _ORDER.inside(window))
    ordered = statement.order_by(*_ORDER.order(window)).limit(window.limit)
    return await session.rows(Merchant, ordered)


async def count(session: ReadSession, wanted: MerchantFilter) -> int:
    """Return how many merchants meet the conditions."""
    statement = select(func.count()).select_from(merchants).where(*wanted.conditions())
    return await session.row(int, statement) or 0


def position(merchant: Merchant) -> Position:
    """Return the place of a merchant in a list by name."""
    return title_key(merchant.name), merchant.id


async def add(session: WriteSession, merchant: Merchant) -> None:
    """Write a merchant."""
    await session.insert(merchants, _values(merchant))


async def change(session: WriteSession, merchant: Merchant) -> bool:
    """Write a merchant over its version before; False if it is at another."""
    columns, before = merchants.c, merchant.version - 1
    same = update(merchants).where(columns.id == merchant.id, columns.version == before)
    return await session.update(same.values(_values(merchant))) == 1


async def hold(session: WriteSession, id_: int) -> bool:
    """Let nobody else pass here for this merchant until the transaction ends; False if missing."""
    same = update(merchants).where(merchants.c.id == id_).values(version=merchants.c.version)
    return await session.update(same) == 1


def _values(merchant: Merchant) -> dict[str, Any]:
    return as_row(merchant) | {"name_key": title_key(merchant.name)}

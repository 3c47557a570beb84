"""Merchants: who sells and ships."""

from collections.abc import Collection
from dataclasses import fields
from datetime import datetime
from functools import lru_cache

from sqlalchemy import BigInteger, Column, Table, select, update

from stores.columns import Instant, as_row, flag, id_column, metadata, words
from stores.kept import Reading, among
from stores.parts import EVERYTHING, RowKind, Shape, Wanted
from stores.rows import row
from stores.sql import ReadSession, WriteSession

NAME_LENGTH = 100

merchants = Table(
    "merchants",
    metadata,
    id_column(),
    Column("version", BigInteger, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("name", words(NAME_LENGTH), nullable=False, index=True),
    Column("is_active", flag(), nullable=False),
)


@row
class Merchant:
    """Who sells; the products of one that is not active are not on sale."""

    id: int
    version: int
    updated_at: datetime
    name: str
    is_active: bool


_COLUMNS = [merchants.c[field.name] for field in fields(Merchant)]
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


async def add(session: WriteSession, merchant: Merchant) -> None:
    """Write a merchant."""
    await session.insert(merchants, as_row(merchant))


async def hold(session: WriteSession, id_: int) -> bool:
    """Let nobody else pass here for this merchant until the transaction ends; False if missing."""
    same = update(merchants).where(merchants.c.id == id_).values(version=merchants.c.version)
    return await session.update(same) == 1

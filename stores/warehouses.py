"""Warehouses: where goods lie; orders take from one of each merchant, the others feed it."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import fields
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Column,
    Table,
    UniqueConstraint,
    func,
    select,
    update,
)

from stores.columns import Instant, Plain, as_row, flag, id_column, key, metadata, words
from stores.kept import among
from stores.rows import row
from stores.sql import ReadSession, WriteSession

CODE_LENGTH = 32
NAME_LENGTH = 100
#: Of one merchant.
MAX_WAREHOUSES = 100
#: Topics of events; the second one tells that other stock of its merchant can be bought now.
CHANGED = "warehouse.changed"
SELLS_NOW = "warehouse.sells_now"

warehouses = Table(
    "warehouses",
    metadata,
    id_column(),
    Column("version", BigInteger, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("merchant_id", BigInteger, nullable=False),
    Column("code", key(CODE_LENGTH), nullable=False),
    Column("name", words(NAME_LENGTH), nullable=False),
    # Orders take from one warehouse of each merchant; the others feed it.
    Column("is_selling", flag(), nullable=False),
    Column("address", Plain, nullable=True),
    UniqueConstraint("merchant_id", "code"),
)


@row
class Warehouse:
    """A place where goods lie."""

    id: int
    version: int
    updated_at: datetime
    merchant_id: int
    code: str
    name: str
    is_selling: bool
    address: dict[str, str] | None = None


_COLUMNS = [warehouses.c[field.name] for field in fields(Warehouse)]
_BY_IDS = select(*_COLUMNS).where(among(warehouses.c.id, "ids"))
_BY_MERCHANTS = (
    select(*_COLUMNS).where(among(warehouses.c.merchant_id, "ids")).order_by(warehouses.c.id)
)


async def by_ids(session: ReadSession, ids: Collection[int]) -> dict[int, Warehouse]:
    """Return the warehouses that exist, by id."""
    found = await session.rows(Warehouse, _BY_IDS, {"ids": list(ids)})
    return {warehouse.id: warehouse for warehouse in found}


async def by_merchants(
    session: ReadSession, merchant_ids: Collection[int]
) -> dict[int, list[Warehouse]]:
    """Return the warehouses of each merchant, the first one first."""
    found: dict[int, list[Warehouse]] = defaultdict(list)
    for warehouse in await session.rows(Warehouse, _BY_MERCHANTS, {"ids": list(merchant_ids)}):
        found[warehouse.merchant_id].append(warehouse)
    return found


async def oldest(session: ReadSession) -> list[Warehouse]:
    """Return warehouses of all merchants, the first one first, as many as one may have."""
    statement = select(*_COLUMNS).order_by(warehouses.c.id).limit(MAX_WAREHOUSES)
    return await session.rows(Warehouse, statement)


async def count(session: ReadSession, merchant_id: int) -> int:
    """Return how many warehouses a merchant has."""
    statement = select(func.count()).where(warehouses.c.merchant_id == merchant_id)
    return await session.row(int, statement) or 0


async def selling(session: ReadSession) -> dict[int, int]:
    """Return the warehouse that each merchant sells from, by merchant."""
    columns = warehouses.c.merchant_id, warehouses.c.id
    statement = select(*columns).where(warehouses.c.is_selling).order_by(warehouses.c.id.desc())
    return dict(await session.rows(lambda merchant, id_: (merchant, id_), statement))


async def add(session: WriteSession, warehouse: Warehouse) -> None:
    """Write a warehouse. Raises UniqueViolation for a code its merchant has already."""
    await session.insert(warehouses, as_row(warehouse))


async def change(session: WriteSession, warehouse: Warehouse) -> bool:
    """Write a warehouse over its version before; False if it is at another.

    Raises UniqueViolation for a code its merchant has already.
    """
    before = warehouse.version - 1
    same = update(warehouses).where(warehouses.c.id == warehouse.id, warehouses.c.version == before)
    return await session.update(same.values(as_row(warehouse))) == 1


async def sell_nowhere_else(session: WriteSession, warehouse: Warehouse) -> None:
    """Let orders of its merchant take from no other warehouse; hold the merchant before."""
    others = update(warehouses).where(
        warehouses.c.merchant_id == warehouse.merchant_id,
        warehouses.c.id != warehouse.id,
        warehouses.c.is_selling,
    )
    changed = {"version": warehouses.c.version + 1, "updated_at": warehouse.updated_at}
    await session.update(others.values(is_selling=False, **changed))

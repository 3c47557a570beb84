"""Carts in SQL: a table of the relational store, or a file of their own."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    MetaData,
    Select,
    Table,
    bindparam,
    delete,
    select,
    update,
)

from stores.cart_records import Record, from_plain, to_plain
from stores.columns import Instant, Plain, id_column, metadata
from stores.drivers import UniqueViolation
from stores.sql import Database, WriteSession


def _table(tables: MetaData) -> Table:
    return Table(
        "carts",
        tables,
        id_column("owner_id"),
        Column("cart_id", BigInteger, nullable=False),
        # Grows with every write; with the cart's id it is what a write compares.
        Column("revision", BigInteger, nullable=False),
        Column("updated_at", Instant, nullable=False),
        Column("body", Plain, nullable=False),
    )


#: In the relational store.
carts = _table(metadata)
_own_tables = MetaData()
_own_carts = _table(_own_tables)


@dataclass(frozen=True, slots=True)
class SqlCarts:
    """One row for each owner."""

    database: Database
    table: Table = carts
    #: Whether table and connections are this store's alone, or those of the relational store.
    is_own: bool = False

    async def read(self, owner_id: int) -> Record | None:
        """Read the row, never from a replica."""
        async with self.database.read(fresh=True) as session:
            return await session.row(from_plain, _of_owner(self.table), {"owner": owner_id})

    async def replace(self, before: Record | None, after: Record) -> bool:
        """Compare and write in one statement."""

        async def work(session: WriteSession) -> bool:
            if before is None:
                return await self._insert(session, after)
            return await self._update(session, before, after)

        return await self.database.transact(work)

    async def remove(self, owner_id: int) -> None:
        """Delete the row."""
        its = delete(self.table).where(self.table.c.owner_id == owner_id)
        await self.database.transact(lambda session: session.update(its))

    async def prepare(self) -> None:
        """Create the table of a file; that of the relational store is made by migrations."""
        if self.is_own:
            await self.database.create_tables()

    async def ping(self) -> None:
        """Ask for nothing."""
        await self.database.ping()

    async def close(self) -> None:
        """Close a file of its own."""
        if self.is_own:
            await self.database.close()

    async def _insert(self, session: WriteSession, new: Record) -> bool:
        try:
            await session.insert(self.table, {"owner_id": new.cart.owner_id, **_row(new)})
        except UniqueViolation:
            return False
        return True

    async def _update(self, session: WriteSession, before: Record, after: Record) -> bool:
        columns = self.table.c
        statement = update(self.table).where(
            columns.owner_id == after.cart.owner_id,
            columns.cart_id == before.cart.id,
            columns.revision == before.revision,
        )
        return await session.update(statement.values(_row(after))) == 1


def in_file(url: str, timeout_seconds: float) -> SqlCarts:
    """Return carts in the SQLite file of `url`, opened when first asked."""
    database = Database(url, timeout_seconds=timeout_seconds, name="carts", tables=_own_tables)
    return SqlCarts(database, _own_carts, is_own=True)


def _row(record: Record) -> dict[str, object]:
    return {
        "cart_id": record.cart.id,
        "revision": record.revision,
        "updated_at": record.cart.updated_at,
        "body": to_plain(record),
    }


@cache
def _of_owner(table: Table) -> Select[Any]:
    columns = table.c
    return select(columns.owner_id, columns.body).where(columns.owner_id == bindparam("owner"))

"""Addresses that users keep; orders have copies of their own."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import fields
from datetime import datetime

from sqlalchemy import BigInteger, Column, Index, Table, delete, func, select, update

from stores.columns import Instant, Plain, as_row, flag, id_column, metadata
from stores.kept import among
from stores.rows import row
from stores.sql import ReadSession, WriteSession

#: Of one user.
MAX_ADDRESSES = 50

saved_addresses = Table(
    "saved_addresses",
    metadata,
    id_column(),
    Column("version", BigInteger, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("address", Plain, nullable=False),
    # At most one of each user is.
    Column("is_default", flag(), nullable=False),
    Index("ix_saved_addresses_user_id_id", "user_id", "id"),
)


@row
class SavedAddress:
    """An address that a user keeps."""

    id: int
    version: int
    updated_at: datetime
    user_id: int
    address: dict[str, str]
    is_default: bool


_COLUMNS = [saved_addresses.c[field.name] for field in fields(SavedAddress)]
_BY_IDS = select(*_COLUMNS).where(among(saved_addresses.c.id, "ids"))
_BY_USERS = (
    select(*_COLUMNS)
    .where(among(saved_addresses.c.user_id, "ids"))
    .order_by(saved_addresses.c.user_id, saved_addresses.c.id)
)


async def by_ids(session: ReadSession, ids: Collection[int]) -> dict[int, SavedAddress]:
    """Return the addresses that exist, by id."""
    found = await session.rows(SavedAddress, _BY_IDS, {"ids": list(ids)})
    return {address.id: address for address in found}


async def by_users(
    session: ReadSession, user_ids: Collection[int]
) -> dict[int, list[SavedAddress]]:
    """Return the addresses of each user, the default first, then as they were made."""
    found: dict[int, list[SavedAddress]] = defaultdict(list)
    for address in await session.rows(SavedAddress, _BY_USERS, {"ids": list(user_ids)}):
        found[address.user_id].append(address)
    return {id_: sorted(some, key=lambda one: not one.is_default) for id_, some in found.items()}


async def count(session: ReadSession, user_id: int) -> int:
    """Return how many addresses a user keeps."""
    statement = select(func.count()).where(saved_addresses.c.user_id == user_id)
    return await session.row(int, statement) or 0


async def add(session: WriteSession, address: SavedAddress) -> None:
    """Write an address."""
    await session.insert(saved_addresses, as_row(address))


async def change(session: WriteSession, address: SavedAddress) -> bool:
    """Write an address over its version before; False if it is at another."""
    columns, before = saved_addresses.c, address.version - 1
    same = update(saved_addresses).where(columns.id == address.id, columns.version == before)
    return await session.update(same.values(as_row(address))) == 1


async def remove(session: WriteSession, address: SavedAddress) -> bool:
    """Delete an address as it was read; False if it has changed since."""
    columns = saved_addresses.c
    same = delete(saved_addresses).where(
        columns.id == address.id, columns.version == address.version
    )
    return await session.update(same) == 1


async def no_other_default(session: WriteSession, address: SavedAddress) -> None:
    """Let no other address of its user be the default; hold the user before."""
    columns = saved_addresses.c
    others = update(saved_addresses).where(
        columns.user_id == address.user_id, columns.id != address.id, columns.is_default
    )
    changed = {"version": columns.version + 1, "updated_at": address.updated_at}
    await session.update(others.values(is_default=False, **changed))


async def forget(session: WriteSession, user_id: int) -> None:
    """Delete all addresses of a user."""
    await session.update(delete(saved_addresses).where(saved_addresses.c.user_id == user_id))

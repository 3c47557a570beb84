"""Leases: who may do what only one process does at a time, until when."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, Column, Table, bindparam, select, update

from stores.columns import Instant, key, metadata
from stores.drivers import UniqueViolation
from stores.sql import ReadSession, WriteSession

leases = Table(
    "leases",
    metadata,
    Column("name", key(64), primary_key=True),
    Column("holder", key(64), nullable=False),
    Column("until", Instant, nullable=False),
    # What the holder counts; only the holder moves it on.
    Column("value", BigInteger, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Lease:
    """One lease as it was read."""

    name: str
    holder: str
    until: datetime
    value: int


_COLUMNS = (leases.c.name, leases.c.holder, leases.c.until, leases.c.value)
_BY_NAME = select(*_COLUMNS).where(leases.c.name == bindparam("name"))


async def take(
    session: WriteSession, name: str, holder: str, now: datetime, length: timedelta
) -> bool:
    """Take or prolong a lease; False while another holds it."""
    statement = (
        update(leases)
        .where(leases.c.name == name, (leases.c.holder == holder) | (leases.c.until < now))
        .values(holder=holder, until=now + length)
    )
    if await session.update(statement) == 1:
        return True
    return await _add(session, Lease(name, holder, now + length, 0))


async def release(session: WriteSession, name: str, holder: str, now: datetime) -> None:
    """End a lease at once, so that nobody waits for its end."""
    mine = (leases.c.name == name, leases.c.holder == holder)
    await session.update(update(leases).where(*mine).values(until=now))


async def advance(session: WriteSession, name: str, holder: str, seen: int, value: int) -> bool:
    """Move the value from `seen` to `value`; False if the lease or the value is another's now."""
    mine = (leases.c.name == name, leases.c.holder == holder, leases.c.value == seen)
    return await session.update(update(leases).where(*mine).values(value=value)) == 1


async def by_name(session: ReadSession, name: str) -> Lease | None:
    """Return a lease, or None if nobody ever took it."""
    return await session.row(Lease, _BY_NAME, {"name": name})


async def by_prefix(session: ReadSession, prefix: str) -> list[Lease]:
    """Return the leases whose names begin so, the one that ended first at first."""
    named = leases.c.name.startswith(prefix, autoescape=True)
    return await session.rows(Lease, select(*_COLUMNS).where(named).order_by(leases.c.until))


async def _add(session: WriteSession, lease: Lease) -> bool:
    row = {"name": lease.name, "holder": lease.holder, "until": lease.until, "value": lease.value}
    try:
        await session.insert(leases, row)
    except UniqueViolation:
        return False
    return True

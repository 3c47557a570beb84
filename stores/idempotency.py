"""Idempotency keys: a mutation's first write, in the transaction of its effect."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Table, bindparam, delete, false, or_, select

from stores.columns import Instant, Plain, as_row, key, metadata
from stores.drivers import Retryable, UniqueViolation
from stores.rows import row
from stores.sql import ReadSession, WriteSession

KEPT_FOR = timedelta(hours=48)
KEY_LENGTH = 255

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("principal", key(64), primary_key=True),
    Column("mutation", key(64), primary_key=True),
    Column("key", key(KEY_LENGTH), primary_key=True),
    Column("fingerprint", key(64), nullable=False),
    Column("targets", Plain, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
)


@row
class Claim:
    """One use of a key.

    `targets` names what the payload shows, by field: an id made before anything was written, or
    the business key of what may exist already. So the row is complete when it is inserted.
    """

    principal: str
    mutation: str
    key: str
    fingerprint: str
    targets: dict[str, Any]
    started_at: datetime
    expires_at: datetime


async def claim(session: WriteSession, wanted: Claim) -> Claim:
    """Return `wanted` itself if the key was free, else the claim that has it.

    The insert waits for an equal key in another transaction and then knows its end; to look
    first and insert afterwards would let both through.
    """
    try:
        await session.insert(idempotency_keys, as_row(wanted))
    except UniqueViolation:
        return await _winner(session, wanted)
    return wanted


_FIND = select(*(idempotency_keys.c[field.name] for field in fields(Claim))).where(
    idempotency_keys.c.principal == bindparam("principal"),
    idempotency_keys.c.mutation == bindparam("mutation"),
    idempotency_keys.c.key == bindparam("its_key"),
)


async def find(session: ReadSession, principal: str, mutation: str, key: str) -> Claim | None:
    """Return the claim of a key, None if nothing was committed under it."""
    asked = {"principal": principal, "mutation": mutation, "its_key": key}
    return await session.row(Claim, _FIND, asked)


async def by_keys(session: ReadSession, keys: Collection[tuple[str, str, str]]) -> list[Claim]:
    """Return the claims that exist of principals, mutations and keys; for jobs."""
    named: dict[tuple[str, str], list[str]] = defaultdict(list)
    for principal, mutation, key_ in keys:
        named[principal, mutation].append(key_)
    # Not as triples: MariaDB finds no index for those.
    columns = idempotency_keys.c
    told = [
        (columns.principal == principal) & (columns.mutation == mutation) & columns.key.in_(some)
        for (principal, mutation), some in named.items()
    ]
    statement = select(*(columns[field.name] for field in fields(Claim)))
    return await session.rows(Claim, statement.where(or_(false(), *told)))


async def forget_expired(session: WriteSession, now: datetime, limit: int) -> int:
    """Delete about `limit` of the keys that are no longer kept, the oldest; return how many."""
    expires_at = idempotency_keys.c.expires_at
    oldest = select(expires_at).where(expires_at < now).order_by(expires_at).limit(limit)
    found = await session.rows(lambda at: at, oldest)
    if not found:
        return 0
    return await session.update(delete(idempotency_keys).where(expires_at <= found[-1]))


async def forget(session: WriteSession, principal: str) -> None:
    """Delete all keys of somebody."""
    await session.update(delete(idempotency_keys).where(idempotency_keys.c.principal == principal))


async def _winner(session: WriteSession, wanted: Claim) -> Claim:
    winner = await find(session, wanted.principal, wanted.mutation, wanted.key)
    if winner is None:
        raise Retryable
    return winner

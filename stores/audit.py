"""The audit log: who ran which mutation, on what. A row is never changed.

Only what a person wrote into one is cleared when that person is erased.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, Column, Index, Table, update

from stores.columns import Instant, as_row, id_column, key, metadata, prose
from stores.idempotency import KEY_LENGTH
from stores.sql import WriteSession

audit_entries = Table(
    "audit_entries",
    metadata,
    id_column(),
    Column("occurred_at", Instant, nullable=False),
    Column("actor_id", BigInteger, nullable=True),
    Column("role", key(16), nullable=True),
    Column("mutation", key(64), nullable=False),
    Column("idempotency_key", key(KEY_LENGTH), nullable=True),
    # Such as `Product:17`.
    Column("target", key(64), nullable=True),
    Column("version_before", BigInteger, nullable=True),
    Column("version_after", BigInteger, nullable=True),
    # Of what needs one, in the words of who did it.
    Column("reason", prose(), nullable=True),
    Index("ix_audit_entries_target_id", "target", "id"),
    Index("ix_audit_entries_actor_id_id", "actor_id", "id"),
)


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """A mutation that somebody ran; the system itself is nobody."""

    id: int
    occurred_at: datetime
    actor_id: int | None
    role: str | None
    mutation: str
    idempotency_key: str | None
    target: str | None
    version_before: int | None
    version_after: int | None
    reason: str | None = None


async def forget(session: WriteSession, actor_id: int) -> None:
    """Clear the texts that somebody sent; that, when and on what something was done stays."""
    of_actor = update(audit_entries).where(audit_entries.c.actor_id == actor_id)
    await session.update(of_actor.values(idempotency_key=None, reason=None))


async def forget_reasons(session: WriteSession, targets: Collection[str]) -> None:
    """Clear what anybody wrote of such as `Order:17`; who did what, and when, stays."""
    of_them = update(audit_entries).where(audit_entries.c.target.in_(targets))
    await session.update(of_them.values(reason=None))


async def append(session: WriteSession, entry: AuditEntry) -> None:
    """Write an entry."""
    await session.insert(audit_entries, as_row(entry))

"""Refunds: money that goes back, and how much of it is tax and delivery."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import fields
from datetime import datetime
from enum import Enum

from sqlalchemy import BigInteger, Column, Index, Table, UniqueConstraint, select, update

from stores.columns import Instant, Plain, as_row, id_column, key, metadata, prose
from stores.kept import among
from stores.order_numbers import LENGTH
from stores.payments import REFERENCE_LENGTH
from stores.rows import row
from stores.sql import ReadSession, WriteSession

refunds = Table(
    "refunds",
    metadata,
    id_column(),
    Column("payment_id", BigInteger, nullable=False),
    # Counts the refunds of a payment from 1.
    Column("sequence", BigInteger, nullable=False),
    Column("number", key(LENGTH), nullable=True),
    Column("status", key(10), nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("tax_minor", BigInteger, nullable=False),
    Column("shipping_minor", BigInteger, nullable=False),
    Column("reason", prose(), nullable=False),
    Column("lines", Plain, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("actor_id", BigInteger, nullable=True),
    Column("request_id", key(REFERENCE_LENGTH), nullable=False, unique=True),
    Column("provider_reference", key(REFERENCE_LENGTH), nullable=True),
    UniqueConstraint("payment_id", "sequence"),
    Index("ix_refunds_number", "number"),
)


class RefundStatus(Enum):
    """Life cycle of a refund."""

    PENDING = "PENDING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"


@row
class Refund:
    """Money given back; tax and delivery are contained in the amount, all in minor units."""

    id: int
    payment_id: int
    sequence: int
    number: str | None
    status: str
    amount_minor: int
    tax_minor: int
    shipping_minor: int
    reason: str
    #: `[[id of a line, units], …]`.
    lines: list[list[int]]
    created_at: datetime
    actor_id: int | None
    request_id: str
    provider_reference: str | None = None


_COLUMNS = [refunds.c[field.name] for field in fields(Refund)]
_BY_IDS = select(*_COLUMNS).where(among(refunds.c.id, "ids"))
_BY_PAYMENTS = (
    select(*_COLUMNS)
    .where(among(refunds.c.payment_id, "ids"))
    .order_by(refunds.c.payment_id, refunds.c.sequence)
)
_BY_NUMBERS = select(*_COLUMNS).where(among(refunds.c.number, "numbers")).order_by(refunds.c.id)


async def by_ids(session: ReadSession, ids: Collection[int]) -> dict[int, Refund]:
    """Return the refunds that exist, by id."""
    return {one.id: one for one in await session.rows(Refund, _BY_IDS, {"ids": list(ids)})}


async def by_payments(session: ReadSession, ids: Collection[int]) -> dict[int, list[Refund]]:
    """Return the refunds of each payment, the oldest first."""
    found: dict[int, list[Refund]] = defaultdict(list)
    for one in await session.rows(Refund, _BY_PAYMENTS, {"ids": list(ids)}):
        found[one.payment_id].append(one)
    return found


async def by_numbers(session: ReadSession, numbers: Collection[str]) -> dict[str, list[Refund]]:
    """Return the refunds of each order, the oldest first."""
    found: dict[str, list[Refund]] = defaultdict(list)
    for one in await session.rows(Refund, _BY_NUMBERS, {"numbers": list(numbers)}):
        found[one.number or ""].append(one)
    return found


async def add(session: WriteSession, refund: Refund) -> None:
    """Write a refund. Raises UniqueViolation for a sequence that was used."""
    await session.insert(refunds, as_row(refund))


async def end(session: WriteSession, seen: Refund, to: RefundStatus, reference: str | None) -> bool:
    """End a refund that is awaited; False if somebody else did."""
    columns = refunds.c
    pending = update(refunds).where(
        columns.id == seen.id, columns.status == RefundStatus.PENDING.value
    )
    return await session.update(pending.values(status=to.value, provider_reference=reference)) == 1

"""Payments: money that shoppers owe or paid, for an order or into their balance.

What the provider is asked is written before it is asked (`awaits`), under a number that both sides
know for ever (`request_id`). Every change compares the version.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import fields, replace
from datetime import datetime
from enum import Enum
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    Table,
    UniqueConstraint,
    bindparam,
    select,
    update,
)

from stores.columns import Instant, as_row, flag, id_column, key, metadata, prose
from stores.drivers import Retryable
from stores.kept import among
from stores.order_numbers import LENGTH
from stores.orders import PaymentStatus
from stores.rows import row
from stores.sql import ReadSession, WriteSession

METHOD_LENGTH = 32
REFERENCE_LENGTH = 64
URL_LENGTH = 2_000

payments = Table(
    "payments",
    metadata,
    id_column(),
    Column("version", BigInteger, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("user_id", BigInteger, nullable=False),
    # Null if it is paid into the balance.
    Column("number", key(LENGTH), nullable=True),
    Column("method", key(METHOD_LENGTH), nullable=False),
    Column("status", key(20), nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("authorized_minor", BigInteger, nullable=False),
    Column("captured_minor", BigInteger, nullable=False),
    Column("refunded_minor", BigInteger, nullable=False),
    # Of refunds whose end is awaited.
    Column("refunding_minor", BigInteger, nullable=False),
    Column("request_id", key(REFERENCE_LENGTH), nullable=False, unique=True),
    Column("provider_reference", key(REFERENCE_LENGTH), nullable=True),
    Column("return_url", prose(), nullable=True),
    # The order while it may be paid by this; so each has one open payment.
    Column("open_for", key(LENGTH), nullable=True, unique=True),
    Column("awaits", key(10), nullable=True),
    Column("awaited_minor", BigInteger, nullable=False),
    # When the provider is asked how it stands, and when what is left goes back by itself.
    Column("ask_at", Instant, nullable=True, index=True),
    Column("give_back_at", Instant, nullable=True, index=True),
    # Money that came when the order wanted none: it is no part of what the order has.
    Column("is_late", flag(), nullable=False),
    UniqueConstraint("method", "provider_reference"),
    CheckConstraint("refunded_minor + refunding_minor <= captured_minor", name="refunded_once"),
    Index("ix_payments_number_id", "number", "id"),
    Index("ix_payments_user_id_id", "user_id", "id"),
)


class Awaited(Enum):
    """What the provider was asked, and has not answered."""

    START = "START"
    CAPTURE = "CAPTURE"
    VOID = "VOID"


#: Of these nothing more comes.
ENDED = frozenset({PaymentStatus.FAILED.value, PaymentStatus.VOIDED.value})


@row
class Payment:
    """A payment; sums in minor units. See the columns."""

    id: int
    version: int
    created_at: datetime
    updated_at: datetime
    user_id: int
    number: str | None
    method: str
    status: str
    amount_minor: int
    request_id: str
    authorized_minor: int = 0
    captured_minor: int = 0
    refunded_minor: int = 0
    refunding_minor: int = 0
    provider_reference: str | None = None
    return_url: str | None = None
    open_for: str | None = None
    awaits: str | None = None
    awaited_minor: int = 0
    ask_at: datetime | None = None
    give_back_at: datetime | None = None
    is_late: bool = False

    @property
    def refundable_minor(self) -> int:
        """Return what can go back yet."""
        return self.captured_minor - self.refunded_minor - self.refunding_minor


_COLUMNS = [payments.c[field.name] for field in fields(Payment)]
_BY_IDS = select(*_COLUMNS).where(among(payments.c.id, "ids"))
_BY_NUMBERS = select(*_COLUMNS).where(among(payments.c.number, "numbers")).order_by(payments.c.id)
_BY_REQUEST = select(*_COLUMNS).where(payments.c.request_id == bindparam("its_request"))
_OPEN = select(*_COLUMNS).where(payments.c.open_for == bindparam("its_number"))


async def by_ids(session: ReadSession, ids: Collection[int]) -> dict[int, Payment]:
    """Return the payments that exist, by id."""
    return {one.id: one for one in await session.rows(Payment, _BY_IDS, {"ids": list(ids)})}


async def by_numbers(session: ReadSession, numbers: Collection[str]) -> dict[str, list[Payment]]:
    """Return the payments of each order, the oldest first."""
    found: dict[str, list[Payment]] = defaultdict(list)
    for one in await session.rows(Payment, _BY_NUMBERS, {"numbers": list(numbers)}):
        found[one.number or ""].append(one)
    return found


async def by_request(session: ReadSession, request_id: str) -> Payment | None:
    """Return the payment that the provider knows by this number of ours, None if there is none."""
    return await session.row(Payment, _BY_REQUEST, {"its_request": request_id})


async def open_of(session: ReadSession, number: str) -> Payment | None:
    """Return the payment by which an order may be paid now, None if there is none."""
    return await session.row(Payment, _OPEN, {"its_number": number})


async def add(session: WriteSession, payment: Payment) -> None:
    """Write a payment. Raises UniqueViolation if the order has an open one."""
    await session.insert(payments, as_row(payment))


async def change(session: WriteSession, seen: Payment, **values: Any) -> Payment:
    """Change a payment as it was read, and return it as it is now.

    If somebody changed it meanwhile, all of the work begins again.
    """
    told = {"version": seen.version + 1, **values}
    columns = payments.c
    same = update(payments).where(columns.id == seen.id, columns.version == seen.version)
    if await session.update(same.values(**told)) != 1:
        raise Retryable
    return replace(seen, **told)


async def hold_refund(
    session: WriteSession, seen: Payment, amount_minor: int, at: datetime
) -> bool:
    """Set money aside that is to go back; False if it changed, or less than that is left."""
    columns = payments.c
    left = columns.captured_minor - columns.refunded_minor - columns.refunding_minor
    statement = update(payments).where(
        columns.id == seen.id, columns.version == seen.version, left >= amount_minor
    )
    values = {
        "refunding_minor": columns.refunding_minor + amount_minor,
        "version": seen.version + 1,
        "updated_at": at,
    }
    return await session.update(statement.values(**values)) == 1


async def give_back(session: WriteSession, number: str, at: datetime) -> None:
    """Let whatever was paid for an order, or may yet be, go back by itself."""
    columns = payments.c
    moved = update(payments).where(columns.number == number, columns.status.not_in(ENDED))
    await session.update(
        moved.values(give_back_at=at, open_for=None, version=columns.version + 1, updated_at=at)
    )


async def to_ask(session: ReadSession, now: datetime, limit: int) -> list[Payment]:
    """Return payments about which the provider is to be asked, the longest overdue first."""
    column = payments.c.ask_at
    statement = select(*_COLUMNS).where(column <= now).order_by(column, payments.c.id)
    return await session.rows(Payment, statement.limit(limit))


async def to_give_back(session: ReadSession, now: datetime, limit: int) -> list[Payment]:
    """Return payments of which something is to go back, the longest overdue first.

    Those of which an answer is awaited are left out, lest they keep others waiting.
    """
    column, awaits = payments.c.give_back_at, payments.c.awaits
    ready = select(*_COLUMNS).where(column <= now, awaits.is_(None))
    statement = ready.order_by(column, payments.c.id)
    return await session.rows(Payment, statement.limit(limit))

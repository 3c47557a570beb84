"""Steps of payments, and the news of providers: each counts once."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import fields
from datetime import datetime
from enum import Enum

from sqlalchemy import BigInteger, Column, Index, Table, delete, select

from stores.columns import Instant, as_row, id_column, key, metadata
from stores.drivers import UniqueViolation
from stores.kept import among
from stores.payments import METHOD_LENGTH, REFERENCE_LENGTH
from stores.rows import row
from stores.sql import ReadSession, WriteSession

payment_events = Table(
    "payment_events",
    metadata,
    id_column(),
    Column("payment_id", BigInteger, nullable=False),
    Column("kind", key(20), nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("provider_reference", key(REFERENCE_LENGTH), nullable=True),
    Column("occurred_at", Instant, nullable=False),
    # In the ledger; each success of money that moved has one.
    Column("transaction_id", BigInteger, nullable=True),
    # What may happen one time only, such as that the money came.
    Column("once", key(64), nullable=True, unique=True),
    Index("ix_payment_events_payment_id_id", "payment_id", "id"),
)

provider_events = Table(
    "provider_events",
    metadata,
    Column("provider", key(METHOD_LENGTH), primary_key=True),
    Column("event_id", key(REFERENCE_LENGTH), primary_key=True),
    Column("received_at", Instant, nullable=False, index=True),
)


class PaymentEventKind(Enum):
    """Kind of payment event."""

    AUTHORIZE_REQUEST = "AUTHORIZE_REQUEST"
    AUTHORIZE_SUCCESS = "AUTHORIZE_SUCCESS"
    AUTHORIZE_FAILURE = "AUTHORIZE_FAILURE"
    CHARGE_REQUEST = "CHARGE_REQUEST"
    CHARGE_SUCCESS = "CHARGE_SUCCESS"
    CHARGE_FAILURE = "CHARGE_FAILURE"
    VOID = "VOID"
    REFUND_REQUEST = "REFUND_REQUEST"
    REFUND_SUCCESS = "REFUND_SUCCESS"
    REFUND_FAILURE = "REFUND_FAILURE"


@row
class PaymentEvent:
    """One step of a payment; never changes."""

    id: int
    payment_id: int
    kind: str
    amount_minor: int
    occurred_at: datetime
    provider_reference: str | None = None
    transaction_id: int | None = None
    once: str | None = None


_COLUMNS = [payment_events.c[field.name] for field in fields(PaymentEvent)]
_BY_IDS = select(*_COLUMNS).where(among(payment_events.c.id, "ids"))
_BY_PAYMENTS = (
    select(*_COLUMNS)
    .where(among(payment_events.c.payment_id, "ids"))
    .order_by(payment_events.c.payment_id, payment_events.c.id)
)


async def by_ids(session: ReadSession, ids: Collection[int]) -> dict[int, PaymentEvent]:
    """Return the events that exist, by id."""
    return {one.id: one for one in await session.rows(PaymentEvent, _BY_IDS, {"ids": list(ids)})}


async def by_payments(session: ReadSession, ids: Collection[int]) -> dict[int, list[PaymentEvent]]:
    """Return the events of each payment, the oldest first."""
    found: dict[int, list[PaymentEvent]] = defaultdict(list)
    for one in await session.rows(PaymentEvent, _BY_PAYMENTS, {"ids": list(ids)}):
        found[one.payment_id].append(one)
    return found


async def append(session: WriteSession, *events: PaymentEvent) -> None:
    """Write events. Raises UniqueViolation for what happened before and may happen once."""
    if events:
        await session.insert(payment_events, *map(as_row, events))


async def is_known(session: ReadSession, provider: str, event_id: str) -> bool:
    """Return whether an event of a provider was taken in before."""
    columns = provider_events.c
    mine = select(columns.event_id).where(
        columns.provider == provider, columns.event_id == event_id
    )
    return await session.row(str, mine) is not None


async def is_news(session: WriteSession, provider: str, event_id: str, now: datetime) -> bool:
    """Remember an event of a provider; False if it was told before."""
    told = {"provider": provider, "event_id": event_id, "received_at": now}
    try:
        await session.insert(provider_events, told)
    except UniqueViolation:
        return False
    return True


async def forget_news(session: WriteSession, before: datetime, limit: int) -> int:
    """Delete about `limit` of the events of providers that came before; return how many."""
    received_at = provider_events.c.received_at
    oldest = select(received_at).where(received_at < before).order_by(received_at).limit(limit)
    found = await session.rows(lambda at: at, oldest)
    if not found:
        return 0
    return await session.update(delete(provider_events).where(received_at <= found[-1]))

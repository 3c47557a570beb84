"""What happened to orders; written with it, never changed."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import fields
from datetime import datetime
from enum import Enum

from sqlalchemy import BigInteger, Column, Table, UniqueConstraint, select

from stores.columns import Instant, as_row, id_column, key, metadata, prose
from stores.kept import among
from stores.order_numbers import LENGTH
from stores.rows import row
from stores.sql import ReadSession, WriteSession

order_events = Table(
    "order_events",
    metadata,
    id_column(),
    Column("number", key(LENGTH), nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("kind", key(20), nullable=False),
    Column("occurred_at", Instant, nullable=False),
    Column("actor_id", BigInteger, nullable=True),
    Column("from_status", key(20), nullable=True),
    Column("to_status", key(20), nullable=True),
    Column("note", prose(), nullable=True),
    Column("payment_id", BigInteger, nullable=True),
    # Of whose goods it tells; null if it is about the whole order.
    Column("merchant_id", BigInteger, nullable=True),
    Column("fulfillment_id", BigInteger, nullable=True),
    Column("return_id", BigInteger, nullable=True),
    UniqueConstraint("number", "sequence"),
)


class OrderEventKind(Enum):
    """Kind of event."""

    STATUS_CHANGED = "STATUS_CHANGED"
    EDITED = "EDITED"
    NOTE_ADDED = "NOTE_ADDED"
    FULFILLMENT_CHANGED = "FULFILLMENT_CHANGED"
    RETURN_CHANGED = "RETURN_CHANGED"
    PAYMENT_FAILED = "PAYMENT_FAILED"
    REFUNDED = "REFUNDED"


@row
class OrderEvent:
    """One step of an order; `sequence` counts from 1, nobody acted if there is no actor."""

    id: int
    number: str
    sequence: int
    kind: str
    occurred_at: datetime
    actor_id: int | None
    from_status: str | None
    to_status: str | None
    note: str | None = None
    payment_id: int | None = None
    merchant_id: int | None = None
    fulfillment_id: int | None = None
    return_id: int | None = None


_COLUMNS = [order_events.c[field.name] for field in fields(OrderEvent)]
_BY_IDS = select(*_COLUMNS).where(among(order_events.c.id, "ids"))
_BY_NUMBERS = (
    select(*_COLUMNS)
    .where(among(order_events.c.number, "numbers"))
    .order_by(order_events.c.number, order_events.c.sequence)
)


async def by_numbers(session: ReadSession, numbers: Collection[str]) -> dict[str, list[OrderEvent]]:
    """Return the events of each order, the oldest first."""
    found: dict[str, list[OrderEvent]] = defaultdict(list)
    for event in await session.rows(OrderEvent, _BY_NUMBERS, {"numbers": list(numbers)}):
        found[event.number].append(event)
    return found


async def by_ids(session: ReadSession, ids: Collection[int]) -> dict[int, OrderEvent]:
    """Return the events that exist, by id."""
    found = await session.rows(OrderEvent, _BY_IDS, {"ids": list(ids)})
    return {event.id: event for event in found}


async def append(session: WriteSession, *events: OrderEvent) -> None:
    """Write events. Raises UniqueViolation for a sequence that was used."""
    await session.insert(order_events, *map(as_row, events))

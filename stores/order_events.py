"""What happened to orders; written with it, never changed."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import datetime
from enum import Enum

from sqlalchemy import BigInteger, Column, Table, UniqueConstraint, select

from stores.columns import Instant, as_row, id_column, key, metadata, prose
from stores.order_numbers import LENGTH
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
    UniqueConstraint("number", "sequence"),
)


class OrderEventKind(Enum):
    """Kind of event."""

    STATUS_CHANGED = "STATUS_CHANGED"


@dataclass(frozen=True, slots=True)
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


_COLUMNS = [order_events.c[field.name] for field in fields(OrderEvent)]


async def by_numbers(session: ReadSession, numbers: Collection[str]) -> dict[str, list[OrderEvent]]:
    """Return the events of each order, the oldest first."""
    columns = order_events.c
    statement = select(*_COLUMNS).where(columns.number.in_(numbers))
    found: dict[str, list[OrderEvent]] = defaultdict(list)
    ordered = statement.order_by(columns.number, columns.sequence)
    for event in await session.rows(OrderEvent, ordered):
        found[event.number].append(event)
    return found


async def by_ids(session: ReadSession, ids: Collection[int]) -> dict[int, OrderEvent]:
    """Return the events that exist, by id."""
    statement = select(*_COLUMNS).where(order_events.c.id.in_(ids))
    return {event.id: event for event in await session.rows(OrderEvent, statement)}


async def append(session: WriteSession, event: OrderEvent) -> None:
    """Write an event. Raises UniqueViolation for a sequence that was used."""
    await session.insert(order_events, as_row(event))

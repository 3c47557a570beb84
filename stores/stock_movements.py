"""The stock log: every change of every level, written once and never changed."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from enum import Enum

from sqlalchemy import BigInteger, Column, Table, UniqueConstraint, select

from stores.columns import Instant, id_column, key, metadata, words
from stores.sql import ReadSession, WriteSession

REASON_LENGTH = 200
REFERENCE_LENGTH = 64
#: Topic of the event that tells of a movement.
CHANGED = "inventory.changed"

stock_movements = Table(
    "stock_movements",
    metadata,
    id_column(),
    Column("level_id", BigInteger, nullable=False),
    # Grows by one, without gaps, over the changes of on_hand of a level; null for others.
    Column("log_id", BigInteger, nullable=True),
    Column("kind", key(10), nullable=False),
    Column("on_hand_delta", BigInteger, nullable=False),
    Column("reserved_delta", BigInteger, nullable=False),
    Column("on_hand_after", BigInteger, nullable=True),
    Column("reserved_after", BigInteger, nullable=True),
    Column("reason", words(REASON_LENGTH), nullable=True),
    Column("reference", key(REFERENCE_LENGTH), nullable=True),
    Column("occurred_at", Instant, nullable=False),
    Column("actor_id", BigInteger, nullable=True),
    UniqueConstraint("level_id", "log_id"),
)


class StockMovementKind(Enum):
    """Kind of stock movement."""

    RECEIVE = "RECEIVE"
    ADJUST = "ADJUST"
    COUNT = "COUNT"
    TRANSFER = "TRANSFER"
    RESERVE = "RESERVE"
    RELEASE = "RELEASE"
    SHIP = "SHIP"
    RETURN = "RETURN"


@dataclass(frozen=True, slots=True)
class StockMovement:
    """A change of a level; `log_id` and the values after are None where on_hand stays."""

    id: int
    level_id: int
    log_id: int | None
    kind: str
    on_hand_delta: int
    reserved_delta: int
    on_hand_after: int | None
    reserved_after: int | None
    reason: str | None
    reference: str | None
    occurred_at: datetime
    actor_id: int | None


COLUMNS = [stock_movements.c[field.name] for field in fields(StockMovement)]


async def by_ids(session: ReadSession, ids: Collection[int]) -> dict[int, StockMovement]:
    """Return the movements that exist, by id."""
    statement = select(*COLUMNS).where(stock_movements.c.id.in_(ids))
    return {movement.id: movement for movement in await session.rows(StockMovement, statement)}


async def append(session: WriteSession, new: Sequence[StockMovement]) -> None:
    """Write movements. Raises UniqueViolation for a log_id that its level has already."""
    if new:
        await session.insert(stock_movements, *map(asdict, new))

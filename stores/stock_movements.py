"""The stock log: every change of every level, written once and never changed."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, fields
from datetime import MAXYEAR, datetime, timedelta
from enum import Enum
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Index,
    Select,
    Table,
    UniqueConstraint,
    and_,
    func,
    select,
)

from stores.columns import Instant, as_row, id_column, key, metadata, words
from stores.ids import MAX_ID, first_id_at
from stores.inventory_levels import InventoryLevel, inventory_levels
from stores.keyset import Keyset, Window
from stores.outbox import Event
from stores.rows import row
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
    # What may happen one time only, such as giving back the units of an order.
    Column("once", key(64), nullable=True, unique=True),
    UniqueConstraint("level_id", "log_id"),
    Index("ix_stock_movements_level_id_id", "level_id", "id"),
    Index("ix_stock_movements_reference_id", "reference", "id"),
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


@row
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


@dataclass(frozen=True, slots=True)
class MovementFilter:
    """Conditions that movements must all meet; None asks for nothing."""

    #: All that may be seen; none is in no warehouse.
    warehouse_ids: tuple[int, ...] | None = None
    variant_id: int | None = None
    reference: str | None = None
    occurred_from: datetime | None = None
    occurred_before: datetime | None = None


_COLUMNS = [stock_movements.c[field.name] for field in fields(StockMovement)]
# A variant may be removed; what became of its stock stays in the log.
_PLACED = stock_movements.join(
    inventory_levels, inventory_levels.c.id == stock_movements.c.level_id
)

#: Newest first: ids grow with time.
_ORDER = Keyset(stock_movements.c.id, descending=True)

#: An id is made a moment before, or after, what it is of is said to have happened.
_SLACK = timedelta(hours=1)


async def by_ids(session: ReadSession, ids: Collection[int]) -> dict[int, StockMovement]:
    """Return the movements that exist, by id."""
    statement = select(*_COLUMNS).where(stock_movements.c.id.in_(ids))
    return {movement.id: movement for movement in await session.rows(StockMovement, statement)}


async def of_order(
    session: ReadSession, number: str, kind: StockMovementKind, variant_ids: Collection[int]
) -> list[int]:
    """Return the ids of the movements of one kind that an order made of these variants."""
    columns = stock_movements.c
    statement = select(columns.id).select_from(_PLACED)
    wanted = statement.where(
        columns.reference == number,
        columns.kind == kind.value,
        inventory_levels.c.variant_id.in_(variant_ids),
    )
    return await session.rows(int, wanted.order_by(columns.id))


async def page(session: ReadSession, wanted: MovementFilter, window: Window) -> list[StockMovement]:
    """Return a page of the log, newest first."""
    statement = _filtered(select(*_COLUMNS), wanted).where(_ORDER.inside(window))
    ordered = statement.order_by(*_ORDER.order(window)).limit(window.limit)
    return await session.rows(StockMovement, ordered)


async def count(session: ReadSession, wanted: MovementFilter) -> int:
    """Return how many movements meet the conditions."""
    return await session.row(int, _filtered(select(func.count()), wanted)) or 0


async def append(session: WriteSession, new: Sequence[StockMovement]) -> None:
    """Write movements. Raises UniqueViolation for a log_id that its level has already."""
    if new:
        await session.insert(stock_movements, *map(as_row, new))


async def append_once(
    session: WriteSession, new: Sequence[StockMovement], onces: Sequence[str]
) -> None:
    """Write movements that may happen one time only, each by its name.

    Raises UniqueViolation for a name that was used.
    """
    rows = [as_row(one) | {"once": once} for one, once in zip(new, onces, strict=True)]
    if rows:
        await session.insert(stock_movements, *rows)


def event(id_: int, movement: StockMovement, level: InventoryLevel, product_id: int) -> Event:
    """Return what tells of a movement, and of the level as it is behind it."""
    body: dict[str, object] = {
        "movementId": movement.id,
        "variantId": level.variant_id,
        "warehouseId": level.warehouse_id,
        "productId": product_id,
    }
    aggregate = f"InventoryLevel:{level.id}"
    return Event(id_, CHANGED, aggregate, level.version, body, movement.occurred_at)


def _filtered(statement: Select[Any], wanted: MovementFilter) -> Select[Any]:
    given = ((test, getattr(wanted, name)) for name, test in _TESTS.items())
    conditions = (test(value) for test, value in given if value is not None)
    return statement.select_from(_PLACED).where(*conditions)


def _from(instant: datetime) -> ColumnElement[bool]:
    # The first condition lets the index of ids begin there.
    columns = stock_movements.c
    return and_(columns.id >= _id_at(instant, -_SLACK), columns.occurred_at >= instant)


def _before(instant: datetime) -> ColumnElement[bool]:
    columns = stock_movements.c
    return and_(columns.id <= _id_at(instant, _SLACK), columns.occurred_at < instant)


def _id_at(instant: datetime, slack: timedelta) -> int:
    # The first and the last hour of the calendar have no neighbour.
    moved = instant + slack if 1 < instant.year < MAXYEAR else instant
    return min(first_id_at(moved), MAX_ID)


#: Attribute of a filter -> the condition of a value that is given.
_TESTS: dict[str, Callable[[Any], ColumnElement[bool]]] = {
    # Reckoned, so that no index is taken for it: the log is read from its newest end, where all
    # levels of some warehouses would have to be sorted first.
    "warehouse_ids": (inventory_levels.c.warehouse_id + 0).in_,
    "variant_id": lambda id_: inventory_levels.c.variant_id == id_,
    "reference": lambda text: stock_movements.c.reference == text,
    "occurred_from": _from,
    "occurred_before": _before,
}

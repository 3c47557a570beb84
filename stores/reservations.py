"""Reservations: stock kept for orders, and given back.

Sum of what is held = `reserved` of the level, always: both change in one transaction, the level
last, as it is the row that everybody wants.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from enum import Enum

from sqlalchemy import BigInteger, Column, Index, Table, bindparam, select, update

from stores.columns import Instant, as_row, id_column, key, metadata
from stores.inventory import inventory_levels, stock_movements, warehouses
from stores.order_numbers import LENGTH
from stores.rows import row
from stores.sql import ReadSession, WriteSession

reservations = Table(
    "reservations",
    metadata,
    Column("number", key(LENGTH), primary_key=True),
    id_column("level_id"),
    Column("id", BigInteger, nullable=False, unique=True),
    Column("variant_id", BigInteger, nullable=False),
    Column("warehouse_id", BigInteger, nullable=False),
    Column("quantity", BigInteger, nullable=False),
    Column("state", key(10), nullable=False),
    Column("expires_at", Instant, nullable=True),
    # Units that left; the others are kept, as long as the state says so.
    Column("shipped_quantity", BigInteger, nullable=False),
    Index("ix_reservations_level_id_state", "level_id", "state"),
)


class ReservationState(Enum):
    """Life cycle of a reservation."""

    ACTIVE = "ACTIVE"
    COMMITTED = "COMMITTED"
    SHIPPED = "SHIPPED"
    RELEASED = "RELEASED"
    EXPIRED = "EXPIRED"


#: States in which the units are kept.
HELD = (ReservationState.ACTIVE, ReservationState.COMMITTED)


@row
class Reservation:
    """Units of one level that are kept for an order."""

    number: str
    level_id: int
    id: int
    variant_id: int
    warehouse_id: int
    quantity: int
    state: str
    expires_at: datetime | None
    shipped_quantity: int = 0


@row
class Shelf:
    """The level that a variant is sold from."""

    level_id: int
    variant_id: int
    warehouse_id: int


@dataclass(frozen=True, slots=True)
class Cause:
    """Why stock moves: the order, who acted (None for the system), when."""

    number: str
    actor_id: int | None
    at: datetime


_COLUMNS = [reservations.c[field.name] for field in fields(Reservation)]
_LEVELS, _UNITS = inventory_levels.c, bindparam("units", type_=BigInteger)
_SHELVES = (
    select(_LEVELS.id, _LEVELS.variant_id, _LEVELS.warehouse_id)
    .select_from(
        inventory_levels.join(
            warehouses, (warehouses.c.id == _LEVELS.warehouse_id) & warehouses.c.is_selling
        )
    )
    .where(_LEVELS.variant_id.in_(bindparam("variants", expanding=True)))
)
_TAKE = (
    update(inventory_levels)
    .where(_LEVELS.id == bindparam("level"), _LEVELS.on_hand - _LEVELS.reserved >= _UNITS)
    .values(reserved=_LEVELS.reserved + _UNITS)
)


async def shelves(session: ReadSession, variant_ids: Collection[int]) -> dict[int, Shelf]:
    """Return the level that each variant is sold from; one without stock has none."""
    found = await session.rows(Shelf, _SHELVES, {"variants": list(variant_ids)})
    return {shelf.variant_id: shelf for shelf in found}


async def by_number(session: ReadSession, number: str) -> list[Reservation]:
    """Return what is, or was, kept for an order."""
    statement = select(*_COLUMNS).where(reservations.c.number == number)
    return await session.rows(Reservation, statement.order_by(reservations.c.level_id))


async def by_numbers(
    session: ReadSession, numbers: Collection[str]
) -> dict[str, list[Reservation]]:
    """Return what is, or was, kept for each order."""
    statement = select(*_COLUMNS).where(reservations.c.number.in_(numbers))
    found: dict[str, list[Reservation]] = defaultdict(list)
    for one in await session.rows(Reservation, statement.order_by(reservations.c.level_id)):
        found[one.number].append(one)
    return found


async def add(session: WriteSession, kept: Sequence[Reservation]) -> None:
    """Write reservations; `take` takes their units."""
    await session.insert(reservations, *map(as_row, kept))


async def move(
    session: WriteSession, one: Reservation, to: ReservationState, expires_at: datetime | None
) -> bool:
    """Change the state of a reservation as it was read; False if somebody else was first."""
    columns = reservations.c
    same = update(reservations).where(
        columns.number == one.number,
        columns.level_id == one.level_id,
        columns.state == one.state,
    )
    return await session.update(same.values(state=to.value, expires_at=expires_at)) == 1


async def commit(session: WriteSession, number: str) -> None:
    """Keep for good what is kept for an order for a time."""
    columns = reservations.c
    active = update(reservations).where(
        columns.number == number, columns.state == ReservationState.ACTIVE.value
    )
    committed = ReservationState.COMMITTED.value
    await session.update(active.values(state=committed, expires_at=None))


async def record(  # noqa: PLR0913  What moved, how, why, and what it is once.
    session: WriteSession,
    moved: Sequence[Reservation],
    kind: str,
    cause: Cause,
    new_id: Callable[[], int],
    *,
    once: str | None = None,
) -> None:
    """Write the movements of reservations. Raises UniqueViolation for one written before.

    Each is once per order, level and kind, or what `once` says of the only one.
    """
    sign = 1 if kind == RESERVE else -1
    rows = [_movement(one, kind, sign, cause) | {"id": new_id()} for one in moved]
    if once is not None:
        rows = [row | {"once": once} for row in rows]
    if rows:
        await session.insert(stock_movements, *rows)


async def take(session: WriteSession, level_id: int, quantity: int) -> bool:
    """Keep units of a level; False if fewer are available. Read and write in one statement."""
    return await session.update(_TAKE, {"level": level_id, "units": quantity}) == 1


async def take_all(session: WriteSession, kept: Sequence[Reservation]) -> bool:
    """Keep the units of all these reservations, level by level in their order, or of none.

    One statement that is sent once, however many lines an order has.
    """
    rows = [{"level": one.level_id, "units": one.quantity} for one in kept]
    return await session.update_all(_TAKE, rows)


async def give_back(session: WriteSession, level_id: int, quantity: int) -> None:
    """Make units of a level available again."""
    columns = inventory_levels.c
    statement = update(inventory_levels).where(columns.id == level_id)
    await session.update(statement.values(reserved=columns.reserved - quantity))


RESERVE, RELEASE = "RESERVE", "RELEASE"


def _movement(one: Reservation, kind: str, sign: int, cause: Cause) -> dict[str, object]:
    return {
        "level_id": one.level_id,
        "log_id": None,
        "kind": kind,
        "on_hand_delta": 0,
        "reserved_delta": sign * one.quantity,
        # Told by nobody: to know them, the level would have to be locked first, and the whole
        # shop would wait for it.
        "on_hand_after": None,
        "reserved_after": None,
        "reason": None,
        "reference": one.number,
        # Once per order, level and kind, whoever tries again.
        "once": f"{kind}:{one.number}:{one.level_id}",
        "occurred_at": cause.at,
        "actor_id": cause.actor_id,
    }

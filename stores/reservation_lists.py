"""Reservations by id, and the list of all, newest first."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from stores.inventory_levels import inventory_levels
from stores.keyset import Keyset, Window
from stores.reservations import Reservation, ReservationState, reservations
from stores.sql import ReadSession


@dataclass(frozen=True, slots=True)
class ReservationFilter:
    """Conditions that reservations must all meet; None asks for nothing."""

    #: All that may be seen; none is in no warehouse.
    warehouse_ids: tuple[int, ...] | None = None
    variant_id: int | None = None
    number: str | None = None
    state: ReservationState | None = None


_COLUMNS = [reservations.c[field.name] for field in fields(Reservation)]
#: Newest first: ids grow with time.
_ORDER = Keyset(reservations.c.id, descending=True)


async def by_ids(session: ReadSession, ids: Collection[int]) -> dict[int, Reservation]:
    """Return the reservations that exist, by id."""
    statement = select(*_COLUMNS).where(reservations.c.id.in_(ids))
    return {one.id: one for one in await session.rows(Reservation, statement)}


async def page(
    session: ReadSession, wanted: ReservationFilter, window: Window
) -> list[Reservation]:
    """Return a page of reservations, newest first."""
    statement = _filtered(select(*_COLUMNS), wanted).where(_ORDER.inside(window))
    ordered = statement.order_by(*_ORDER.order(window)).limit(window.limit)
    return await session.rows(Reservation, ordered)


async def count(session: ReadSession, wanted: ReservationFilter) -> int:
    """Return how many reservations meet the conditions."""
    statement = _filtered(select(func.count()).select_from(reservations), wanted)
    return await session.row(int, statement) or 0


def _filtered(statement: Select[Any], wanted: ReservationFilter) -> Select[Any]:
    given = ((test, getattr(wanted, name)) for name, test in _TESTS.items())
    return statement.where(*(test(value) for test, value in given if value is not None))


def _of_variant(id_: int) -> ColumnElement[bool]:
    # By its few levels: their index is there for orders, and another one would slow these down.
    levels = select(inventory_levels.c.id).where(inventory_levels.c.variant_id == id_)
    return reservations.c.level_id.in_(levels)


#: Attribute of a filter -> the condition of a value that is given.
_TESTS: dict[str, Callable[[Any], ColumnElement[bool]]] = {
    "warehouse_ids": reservations.c.warehouse_id.in_,
    "variant_id": _of_variant,
    "number": lambda number: reservations.c.number == number,
    "state": lambda state: reservations.c.state == state.value,
}

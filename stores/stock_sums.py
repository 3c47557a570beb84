"""Sums over the stock log and the reservations: what levels must be equal to."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select, update

from stores.inventory_levels import inventory_levels
from stores.reservations import HELD, reservations
from stores.sql import ReadSession, WriteSession
from stores.stock_movements import stock_movements


@dataclass(frozen=True, slots=True)
class LevelSums:
    """A level, and what its reservations and its movements say of it."""

    id: int
    on_hand: int
    reserved: int
    log_id: int
    #: Units of reservations that are held.
    held: int = 0
    #: Over all movements.
    on_hand_moved: int = 0
    reserved_moved: int = 0
    #: Movements of on_hand: how many, their newest number, and what that one left behind.
    logged: int = 0
    newest: int = 0
    on_hand_after: int = 0
    #: Movements whose units do not follow from those of the movement before.
    broken: int = 0


_HELD = [state.value for state in HELD]
_MOVES = stock_movements.c
_LEVELS = inventory_levels.c


async def by_levels(session: ReadSession, ids: Collection[int]) -> dict[int, LevelSums]:
    """Return the sums of the levels that exist; all at one moment only in such a session."""
    columns = _LEVELS.id, _LEVELS.on_hand, _LEVELS.reserved, _LEVELS.log_id
    levels = await session.rows(_numbers, select(*columns).where(_LEVELS.id.in_(ids)))
    held = await _by_level(session, _held(ids))
    moved = await _by_level(session, _moved(ids))
    last = await _by_level(session, _last(ids))
    broken = await _by_level(session, _broken(ids))
    return {
        level[0]: LevelSums(
            *level,
            *held.get(level[0], (0,)),
            *moved.get(level[0], (0, 0, 0, 0)),
            *last.get(level[0], (0,)),
            *broken.get(level[0], (0,)),
        )
        for level in levels
    }


async def units_of_orders(
    session: ReadSession, numbers: Collection[str]
) -> dict[tuple[str, int, str], tuple[int, int]]:
    """Return the units by which orders moved on_hand and reserved: by number, level and kind."""
    columns = _MOVES.reference, _MOVES.level_id, _MOVES.kind
    sums = func.sum(_MOVES.on_hand_delta), func.sum(_MOVES.reserved_delta)
    statement = select(*columns, *sums).where(_MOVES.reference.in_(numbers)).group_by(*columns)
    rows = await session.rows(lambda *row: row, statement)
    return {(number, level, kind): (int(a), int(b)) for number, level, kind, a, b in rows}


async def mend_reserved(session: WriteSession, level_id: int) -> tuple[int, int] | None:
    """Set what is reserved of a level to what reservations hold; return it before and after.

    None if it is right, or if more is held than there is: that no counter can mend.
    """
    # The row is held before anything is summed up: whoever reserves changes it last, so what is
    # seen from here on is whole, and stays so until the end.
    same = update(inventory_levels).where(_LEVELS.id == level_id)
    await session.update(same.values(reserved=_LEVELS.reserved))
    columns = _LEVELS.on_hand, _LEVELS.reserved
    level = await session.row(_numbers, select(*columns).where(_LEVELS.id == level_id))
    (held,) = (await _by_level(session, _held([level_id]))).get(level_id, [0])
    if level is None or held == level[1] or held > level[0]:
        return None
    await session.update(same.values(reserved=held))
    return level[1], held


async def _by_level(session: ReadSession, statement: Select[Any]) -> dict[int, list[int]]:
    return {level: told for level, *told in await session.rows(_numbers, statement)}


def _numbers(*values: Any) -> list[int]:
    # MySQL sums up in decimals.
    return [int(value or 0) for value in values]


def _held(ids: Collection[int]) -> Select[Any]:
    columns = reservations.c
    units = func.sum(columns.quantity - columns.shipped_quantity)
    held = select(columns.level_id, units).where(
        columns.level_id.in_(ids), columns.state.in_(_HELD)
    )
    return held.group_by(columns.level_id)


def _moved(ids: Collection[int]) -> Select[Any]:
    sums = (
        func.sum(_MOVES.on_hand_delta),
        func.sum(_MOVES.reserved_delta),
        func.count(_MOVES.log_id),
        func.max(_MOVES.log_id),
    )
    moved = select(_MOVES.level_id, *sums).where(_MOVES.level_id.in_(ids))
    return moved.group_by(_MOVES.level_id)


def _last(ids: Collection[int]) -> Select[Any]:
    joined = inventory_levels.join(
        stock_movements, (_MOVES.level_id == _LEVELS.id) & (_MOVES.log_id == _LEVELS.log_id)
    )
    last = select(_LEVELS.id, _MOVES.on_hand_after).select_from(joined)
    return last.where(_LEVELS.id.in_(ids))


def _broken(ids: Collection[int]) -> Select[Any]:
    before = stock_movements.alias()
    joined = stock_movements.outerjoin(
        before,
        (before.c.level_id == _MOVES.level_id) & (before.c.log_id == _MOVES.log_id - 1),
    )
    after = func.coalesce(before.c.on_hand_after, 0) + _MOVES.on_hand_delta
    broken = (
        select(_MOVES.level_id, func.count())
        .select_from(joined)
        .where(_MOVES.level_id.in_(ids), _MOVES.log_id.is_not(None), _MOVES.on_hand_after != after)
    )
    return broken.group_by(_MOVES.level_id)

"""How many units of order lines are shipped and sent back: the counts that no two may pass.

Each is one statement that reads and writes: units are counted only as long as they are there to
be counted, whoever else counts at the same moment.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Update, bindparam, update

from stores.orders import order_lines
from stores.sql import WriteSession

_LINES, _UNITS = order_lines.c, bindparam("units", type_=BigInteger)
_SHIPPED, _RETURNING = _LINES.shipped_quantity, _LINES.returning_quantity
_RETURNED = _LINES.returned_quantity


def _counted(*conditions: ColumnElement[bool], **values: Any) -> Update:
    mine = update(order_lines).where(_LINES.id == bindparam("line"), *conditions)
    return mine.values(**values)


class Count(Enum):
    """One way in which units of a line are counted."""

    SHIP = "SHIP"
    CALL_BACK = "CALL_BACK"
    ASK_BACK = "ASK_BACK"
    LET_STAY = "LET_STAY"
    TAKE_BACK = "TAKE_BACK"


_STATEMENTS = {
    Count.SHIP: _counted(_LINES.quantity >= _SHIPPED + _UNITS, shipped_quantity=_SHIPPED + _UNITS),
    Count.CALL_BACK: _counted(
        _SHIPPED - _UNITS >= _RETURNING + _RETURNED, shipped_quantity=_SHIPPED - _UNITS
    ),
    Count.ASK_BACK: _counted(
        _RETURNING + _RETURNED + _UNITS <= _SHIPPED, returning_quantity=_RETURNING + _UNITS
    ),
    Count.LET_STAY: _counted(_RETURNING >= _UNITS, returning_quantity=_RETURNING - _UNITS),
    Count.TAKE_BACK: _counted(
        _RETURNING >= _UNITS,
        returned_quantity=_RETURNED + _UNITS,
        returning_quantity=_RETURNING - _UNITS,
    ),
}


async def count(session: WriteSession, how: Count, units: Mapping[int, int]) -> bool:
    """Count units of lines, by id; False, and none is counted, if one line has too few."""
    rows = [{"line": id_, "units": some} for id_, some in sorted(units.items()) if some]
    return not rows or await session.update_all(_STATEMENTS[how], rows)

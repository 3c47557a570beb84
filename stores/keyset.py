"""Pages by key: a page goes on behind a position, never behind a number of rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, true

#: The values that tell the place of a row in its list, the id last.
Position = tuple[str | int | float, ...]


@dataclass(frozen=True, slots=True)
class Window:
    """Up to `limit` rows between two positions, from the first on or, `backwards`, the last."""

    limit: int
    after: Position | None = None
    before: Position | None = None
    backwards: bool = False


class Keyset:
    """The columns that a list is sorted by; the last one is unique."""

    def __init__(self, *columns: ColumnElement[Any], descending: bool = False) -> None:
        """Sort by all `columns` in the same direction, as one index then serves both."""
        self._columns = columns
        self._descending = descending

    def order(self, window: Window) -> list[ColumnElement[Any]]:
        """Return the ORDER BY of a window; that of a backward one is reversed."""
        if self._descending is window.backwards:
            return [column.asc() for column in self._columns]
        return [column.desc() for column in self._columns]

    def inside(self, window: Window) -> ColumnElement[bool]:
        """Return the condition of rows that lie between the positions of a window."""
        return and_(
            self._beyond(window.after, up=not self._descending),
            self._beyond(window.before, up=self._descending),
        )

    def _beyond(self, position: Position | None, *, up: bool) -> ColumnElement[bool]:
        if position is None:
            return true()
        # Written out, as a comparison of tuples uses no index on MySQL; the first condition is
        # implied by the second, and lets the index begin where the page does.
        first, value = self._columns[0], position[0]
        start = first >= value if up else first <= value
        return and_(start, or_(*_steps(self._columns, position, up=up)))


def _steps(
    columns: Sequence[ColumnElement[Any]], position: Position, *, up: bool
) -> list[ColumnElement[bool]]:
    steps = []
    for place, (column, value) in enumerate(zip(columns, position, strict=True)):
        same = [columns[n] == position[n] for n in range(place)]
        steps.append(and_(*same, column > value if up else column < value))
    return steps

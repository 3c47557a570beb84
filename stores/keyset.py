"""Pages by key: a page goes on behind a position, never behind a number of rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, or_, true

#: The values that tell the place of a row in its list, the id last.
Position = tuple[str | int | float, ...]


@dataclass(frozen=True, slots=True)
class Window:
    """Up to `limit` rows between two positions, from the first on or, `backwards`, the last."""

    limit: int
    after: Position | None = None
    before: Position | None = None
    backwards: bool = False


@dataclass(frozen=True, slots=True)
class WindowShape:
    """Which ends a window has, and not where: windows of one shape share a statement."""

    has_after: bool
    has_before: bool
    backwards: bool

    @classmethod
    def of(cls, window: Window) -> "WindowShape":
        """Return the shape of a window."""
        return cls(window.after is not None, window.before is not None, window.backwards)


def window_values(window: Window) -> dict[str, Any]:
    """Return the parameters of a statement that has the window's shape, its limit included."""
    ends = {"after": window.after or (), "before": window.before or ()}
    told = {_name(end, n): value for end, its in ends.items() for n, value in enumerate(its)}
    return {"limit": window.limit, **told}


def _name(end: str, place: int) -> str:
    return f"{end}_{place}"


def starts(column: ColumnElement[Any], text: str) -> ColumnElement[bool]:
    """Return the condition that a column of keys begins with a text; any does with none.

    A range, which an index serves: LIKE tells no case apart on SQLite.
    """
    return column.between(text, text + _LAST) if text else true()


#: Behind every text that begins as another one does.
_LAST = chr(0x10FFFF)


class Keyset:
    """The columns that a list is sorted by; the last one is unique."""

    def __init__(self, *columns: ColumnElement[Any], descending: bool = False) -> None:
        """Sort by all `columns` in the same direction, as one index then serves both."""
        self._columns = columns
        self._descending = descending

    def order(self, window: Window | WindowShape) -> list[ColumnElement[Any]]:
        """Return the ORDER BY of a window; that of a backward one is reversed."""
        if self._descending is window.backwards:
            return [column.asc() for column in self._columns]
        return [column.desc() for column in self._columns]

    def inside(self, window: Window) -> ColumnElement[bool]:
        """Return the condition of rows that lie between the positions of a window."""
        return self._between(window.after, window.before)

    def inside_any(self, shape: WindowShape) -> ColumnElement[bool]:
        """Return the same for all windows of a shape; `window_values` gives its parameters."""
        return self._between(
            self._parameters("after") if shape.has_after else None,
            self._parameters("before") if shape.has_before else None,
        )

    def _parameters(self, end: str) -> list[ColumnElement[Any]]:
        return [bindparam(_name(end, place)) for place in range(len(self._columns))]

    def _between(
        self, after: Sequence[Any] | None, before: Sequence[Any] | None
    ) -> ColumnElement[bool]:
        return and_(
            self._beyond(after, up=not self._descending),
            self._beyond(before, up=self._descending),
        )

    def _beyond(self, position: Sequence[Any] | None, *, up: bool) -> ColumnElement[bool]:
        if position is None:
            return true()
        # Written out, as a comparison of tuples uses no index on MySQL; the first condition is
        # implied by the second, and lets the index begin where the page does.
        first, value = self._columns[0], position[0]
        start = first >= value if up else first <= value
        return and_(start, or_(*_steps(self._columns, position, up=up)))


def _steps(
    columns: Sequence[ColumnElement[Any]], position: Sequence[Any], *, up: bool
) -> list[ColumnElement[bool]]:
    steps = []
    for place, (column, value) in enumerate(zip(columns, position, strict=True)):
        same = [columns[n] == position[n] for n in range(place)]
        steps.append(and_(*same, column > value if up else column < value))
    return steps

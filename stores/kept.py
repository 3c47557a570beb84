"""Statements that are kept: compiled once for a dialect, then run on the driver's own cursor.

SQLAlchemy builds, compiles and caches a statement anew for each call, and hands its rows through
layers that the shop needs nothing of. That takes about four times as long as the rows themselves.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias, TypeVar

from sqlalchemy import ColumnElement, CompoundSelect, Delete, Insert, Select, Update, bindparam
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeEngine

from stores.columns import Instant, Plain

R = TypeVar("R")

Reading: TypeAlias = Select[Any] | CompoundSelect[Any]
Writing: TypeAlias = Update | Delete | Insert

#: Values of `bindparam`s, by name.
Parameters: TypeAlias = Mapping[str, Any]

_Processor: TypeAlias = Callable[[Any], Any]

#: Where SQLAlchemy leaves room for the values of an expanding parameter.
_ROOM = re.compile(r"__\[POSTCOMPILE_(\w+)\]")


def among(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """Return the condition that a column has one of the values of the parameter `name`."""
    return column.in_(bindparam(name, expanding=True))


@dataclass(frozen=True, slots=True)
class Kept:
    """A statement as a dialect writes it."""

    text: str
    #: Names of the parameters in the order of their places.
    names: Sequence[str]
    #: Values that the statement has itself.
    given: Parameters
    #: What turns a parameter into what the driver takes, where that is needed.
    writers: Mapping[str, _Processor]
    expanding: frozenset[str]
    #: What turns a column, by its place, into what the shop takes, where that is needed.
    readers: Sequence[tuple[int, _Processor]]
    #: What stands for one value in the text.
    mark: str

    def filled(self, parameters: Parameters) -> tuple[str, list[Any]]:
        """Return the text with room for all values, and the values in their order.

        An IN over nothing finds nothing; a NOT IN over nothing finds nothing either, so do not
        ask for it.
        """
        all_ = {**self.given, **parameters} if self.given else parameters
        values: list[Any] = []
        for name in self.names:
            value = all_[name]
            write = self.writers.get(name)
            if name in self.expanding:
                values += map(write, value) if write else value
            else:
                values.append(write(value) if write else value)
        return self._with_room(all_) if self.expanding else self.text, values

    def made(self, make: Callable[..., R], rows: Iterable[Sequence[Any]]) -> list[R]:
        """Return each row of the driver as `make` of its columns."""
        readers = self.readers
        if not readers:
            return [make(*row) for row in rows]
        found = []
        for row in rows:
            columns = list(row)
            for place, read in readers:
                columns[place] = read(columns[place])
            found.append(make(*columns))
        return found

    def _with_room(self, parameters: Parameters) -> str:
        def marks(room: re.Match[str]) -> str:
            return ", ".join([self.mark] * len(parameters[room[1]])) or "NULL"

        return _ROOM.sub(marks, self.text)


#: The first dialect of each way to write.
_first: dict[object, Dialect] = {}


def alike(dialect: Dialect) -> Dialect:
    """Return the one of those that write as `dialect` does for which statements are kept.

    Every engine makes a dialect of its own, and learns from its server what it can.
    """
    way = (type(dialect), dialect.server_version_info, getattr(dialect, "is_mariadb", False))
    return _first.setdefault(way, dialect)


@lru_cache(maxsize=2_048)
def kept(
    statement: Reading | Writing, dialect: Dialect, columns: tuple[str, ...] | None = None
) -> Kept:
    """Return the statement as `dialect` writes it; ask again with the same objects each time.

    `columns` are those that an INSERT is given, each as a parameter of its name.
    """
    compiled = statement.compile(dialect=dialect, column_keys=columns)
    if compiled.prefetch:
        raise TypeError(f"Name every column: nobody fills in {compiled.prefetch} here.")
    writers = {
        name: write
        for name, parameter in compiled.binds.items()
        if (write := parameter.type.dialect_impl(dialect).bind_processor(dialect))
    }
    return Kept(
        text=compiled.string,
        names=tuple(compiled.positiontup or ()),
        given={name: one.value for name, one in compiled.binds.items() if not one.required},
        writers=writers,
        expanding=frozenset(name for name, one in compiled.binds.items() if one.expanding),
        readers=_readers(statement, dialect),
        mark="?" if dialect.paramstyle == "qmark" else "%s",
    )


def _readers(statement: Reading | Writing, dialect: Dialect) -> list[tuple[int, _Processor]]:
    if not isinstance(statement, Select | CompoundSelect):
        return []
    types = [column.type for column in statement.selected_columns]
    found = [_reader(type_, dialect) for type_ in types]
    return [(place, read) for place, read in enumerate(found) if read]


def _reader(type_: TypeEngine[Any], dialect: Dialect) -> _Processor | None:
    # What SQLAlchemy makes of our own types calls them by way of two functions of its own.
    if isinstance(type_, Instant | Plain):
        return type_.read
    return type_.dialect_impl(dialect).result_processor(dialect, None)

"""What is read of rows: only what an operation wants, and with it what lies one join away.

A part is named by the class of its row and an attribute: `Product.media` is a column, and
`Product.category` is the row of another kind, or a value, that one statement can read beside it.
An operation wants a set of parts, flat, whatever the depth: so a row that is read twice has all
that any of its places needs. Nobody who asks a store is told how that came: what was read beside
is put where others would ask for it, and who finds nothing there asks. So is each row itself, by
its id, under the name of its class.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from operator import itemgetter
from typing import Any, Generic, NoReturn, TypeAlias, TypeVar

from sqlalchemy import ColumnElement, FromClause, Select, Table, select

from stores.kept import Parameters, Reading
from stores.sql import ReadSession

R = TypeVar("R")

#: By name of a part: by key, what was read beside.
Found: TypeAlias = dict[str, dict[Any, Any]]


class NotRead:
    """Stands where a column was not read: whoever uses it has not told that it wants it."""

    __slots__ = ()

    def _refuse(self, *_: object) -> NoReturn:
        raise LookupError("This column was not read; name it among the parts of the field.")

    __getattr__ = __eq__ = __hash__ = _refuse
    __bool__ = __len__ = __iter__ = __str__ = _refuse


NOT_READ: Any = NotRead()


@dataclass(frozen=True, slots=True, eq=False)
class Wanted:
    """Which parts an operation wants, and who is given what was read beside.

    Without `parts` nobody knows: all columns are read, and nothing beside.
    """

    parts: frozenset[str] | None = None
    keep: Callable[[str, Mapping[Any, Any]], None] = lambda _part, _found: None

    def with_more(self, *parts: str) -> "Wanted":
        """Return the same with further parts."""
        return self if self.parts is None else Wanted(self.parts.union(parts), self.keep)


EVERYTHING = Wanted()


@dataclass(frozen=True, slots=True, eq=False)
class _Joined:
    """At most one row of another kind, or of the same."""

    kind: "RowKind[Any]"
    on: Callable[[FromClause, FromClause], ColumnElement[bool]]


@dataclass(frozen=True, slots=True, eq=False)
class _Told:
    """A value that an expression tells of a row."""

    told: Callable[[FromClause], ColumnElement[Any]]
    read: Callable[[Any], Any]


class RowKind(Generic[R]):
    """Rows of one table, and what can be read beside them."""

    def __init__(self, row: type[R], table: Table, always: Collection[str]) -> None:
        """Read `row`, whose attributes are columns of `table`; those of `always` in any case."""
        self.row, self.table, self.always = row, table, frozenset(always)
        self.names = [field.name for field in fields(row)]  # type: ignore[arg-type]  # A row is a dataclass.
        self.beside: dict[str, _Joined | _Told] = {}

    def join(
        self,
        part: str,
        kind: "RowKind[Any]",
        on: Callable[[FromClause, FromClause], ColumnElement[bool]],
    ) -> None:
        """Let at most one row of `kind` be read beside each; `on` joins two tables."""
        self.beside[part] = _Joined(kind, on)

    def tell(
        self,
        part: str,
        told: Callable[[FromClause], ColumnElement[Any]],
        read: Callable[[Any], Any],
    ) -> None:
        """Let the value of an expression over the table be read beside each row."""
        self.beside[part] = _Told(told, read)

    def part(self, name: str) -> str:
        """Return the part that an attribute of its rows is."""
        return f"{self.row.__name__}.{name}"

    def is_read(self, name: str, parts: frozenset[str] | None) -> bool:
        """Return whether a column is read for an operation that wants `parts`."""
        return parts is None or name in self.always or self.part(name) in parts

    def known(self) -> frozenset[str]:
        """Return all parts that a statement of this kind can give, at any depth."""
        found: set[str] = set()
        waiting: list[RowKind[Any]] = [self]
        for kind in waiting:
            found |= {kind.part(name) for name in kind.names} | kind.beside.keys()
            its = [one.kind for one in kind.beside.values() if isinstance(one, _Joined)]
            waiting += [one for one in its if one not in waiting]
        return frozenset(found)

    def shape(self, wanted: Wanted = EVERYTHING, without: str | None = None) -> "Shape[R]":
        """Return what is read of it for an operation; never the part `without`."""
        return _shape_for(self, wanted.parts, without)


class Shape(Generic[R]):
    """Which columns of a kind are read, and what beside; statements are kept by it."""

    def __init__(self, kind: RowKind[R], parts: frozenset[str] | None) -> None:
        """Choose the columns and the joins; without `parts` all columns, and no joins."""
        self._columns: list[ColumnElement[Any]] = []
        self._joins: list[tuple[FromClause, ColumnElement[bool]]] = []
        self._table, self._name = kind.table, kind.row.__name__
        self._node = self._grown(kind, kind.table, parts)

    def select(self, *more: ColumnElement[Any], source: FromClause | None = None) -> Select[Any]:
        """Select the columns, and behind them `more`, from `source` joined with what is beside.

        `source` holds the table of the kind; left out, it is that table.
        """
        joined = self._table if source is None else source
        for other, on in self._joins:
            # No row is lost by what is missing, and the optimizer begins where the statement does.
            joined = joined.outerjoin(other, on)
        return select(*self._columns, *more).select_from(joined)

    async def rows(
        self, session: ReadSession, statement: Reading, values: Parameters, wanted: Wanted
    ) -> list[R]:
        """Return the rows of a statement of this shape; what lies beside them is kept."""
        return [row for row, _ in await self.placed(session, statement, values, wanted)]

    async def placed(
        self, session: ReadSession, statement: Reading, values: Parameters, wanted: Wanted
    ) -> list[tuple[R, Any]]:
        """Return each row with the last column of the statement."""
        found: Found = defaultdict(dict)
        make: Callable[[tuple[Any, ...], Found], R] = self._node.made

        def made(*columns: Any) -> tuple[R, Any]:
            return make((*columns, NOT_READ), found), columns[-1]

        rows = await session.rows(made, statement, values)
        if wanted.parts is not None:
            # A row that was found by another key is not asked for again by its id.
            found[self._name] = {_id(row): row for row, _ in rows}
        for part, its in found.items():
            wanted.keep(part, its)
        return rows

    def _grown(
        self, kind: RowKind[Any], table: FromClause, parts: frozenset[str] | None
    ) -> "_Node":
        names = [name for name in kind.names if kind.is_read(name, parts)]
        places = {name: place for place, name in enumerate(names, len(self._columns))}
        self._columns += [table.c[name] for name in names]
        node = _Node(kind.row, itemgetter(*(places.get(one, _LAST) for one in kind.names)))
        node.id_place = places["id"]
        for part, one in kind.beside.items():
            if parts is not None and part in parts:
                self._put_beside(node, table, part, one, parts - {part})
        return node

    def _put_beside(
        self,
        node: "_Node",
        table: FromClause,
        part: str,
        one: _Joined | _Told,
        parts: frozenset[str],
    ) -> None:
        if isinstance(one, _Told):
            node.told.append((part, len(self._columns), one.read))
            self._columns.append(one.told(table))
            return
        other = one.kind.table.alias()
        self._joins.append((other, one.on(table, other)))
        node.joined.append((part, self._grown(one.kind, other, parts)))


def _id(row: Any) -> int:
    id_: int = row.id
    return id_


#: Where what stands for a column that was not read is put: behind all columns.
_LAST = -1


#: Chooses columns, in the order of the attributes of a row.
_Picked: TypeAlias = Callable[[tuple[Any, ...]], tuple[Any, ...]]


class _Node:
    """Where one row stands among the columns of a statement, and what stands beside it."""

    id_place: int

    def __init__(self, row: type[Any], picked: _Picked) -> None:
        self._row, self._picked = row, picked
        self.told: list[tuple[str, int, Callable[[Any], Any]]] = []
        self.joined: list[tuple[str, _Node]] = []

    def made(self, columns: tuple[Any, ...], found: Found) -> Any:
        """Return the row; put what is beside it into `found`."""
        row = self._row(*self._picked(columns))
        for part, place, read in self.told:
            found[part][columns[self.id_place]] = read(columns[place])
        for part, node in self.joined:
            key = columns[node.id_place]
            # Many rows may have the same one beside them.
            if key is not None and key not in found[part]:
                found[part][key] = node.made(columns, found)
        return row


@lru_cache(maxsize=1_024)
def _shape_for(kind: RowKind[Any], parts: frozenset[str] | None, without: str | None) -> Shape[Any]:
    return _shape(kind, None if parts is None else parts & kind.known() - {without})


@lru_cache(maxsize=256)
def _shape(kind: RowKind[Any], parts: frozenset[str] | None) -> Shape[Any]:
    """Return the one shape of all operations that want the same of a kind."""
    return Shape(kind, parts)

"""A plan: the positions of an operation, each with its function.

A position is a field that is awaited, together with all plain fields below it: what can be read
at once as soon as the value is there. Objects below it that wait for further fields are gathered
in slots, one for each selection that has such fields; each of these fields is a position again.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from graph.engine.selections import Field, Selection, Unplannable

if TYPE_CHECKING:
    from graph.engine.run import Run

#: Fields that lead to an awaited one, plain ones and itself included; beyond, Python's own stack
#: would end first.
MAX_DEPTH = 60

#: By slot: the sources that wait, and the objects of the answer that will hold what they get.
Waiting: TypeAlias = list[tuple[list[Any], list[dict[str, Any]]]]

#: (values, objects of the answer to put them into, waiting, run); raises whatever is irregular.
Read: TypeAlias = Callable[[Sequence[Any], list[dict[str, Any]], Waiting, "Run"], None]


@dataclass(slots=True, eq=False)
class Position:
    """An awaited field, or the root, and how its values become a part of the answer."""

    #: None for the root.
    field: Field | None
    #: The fields that lead to it, itself included.
    steps: tuple[Field, ...]
    #: What is asked for of its objects, by name of type; the root has one.
    selections: Mapping[str, Selection]
    slots: tuple["Slot", ...]
    #: Its function, written by `generate`, and the text of that.
    read: Read
    source: str

    @property
    def key(self) -> str:
        """Where its values go in the object that holds them."""
        return "data" if self.field is None else self.field.key

    def slot_of(self, selection: Selection) -> int:
        """Return the number of the slot of a selection."""
        return next(n for n, slot in enumerate(self.slots) if slot.selection is selection)

    def awaited(self) -> Field:
        """Return its field; the root has none, and nobody waits for it."""
        if self.field is None:
            raise LookupError("The root is no field.")
        return self.field

    def waiting(self) -> Waiting:
        """Return room for objects that wait."""
        return [([], []) for _ in self.slots]


@dataclass(frozen=True, slots=True)
class Slot:
    """A selection whose objects wait, and what they wait for."""

    selection: Selection
    followers: tuple[Position, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is done for an operation, whatever the values."""

    root: Position
    #: Whether the fields of the root wait for one another, as those of a mutation do.
    is_serial: bool
    #: Whether an error of a non-null field goes up; if not, it nulls its own place.
    propagates: bool
    #: What its fields need of what objects are made of; see readings.py.
    parts: frozenset[str]

    @property
    def weight(self) -> int:
        """How many fields it has, counted for each type; at least 1."""
        return 1 + sum(_count(position.selections) for position in self.positions())

    def positions(self) -> Iterator[Position]:
        """Yield all positions, each before those that follow it."""
        found = [self.root]
        while found:
            position = found.pop()
            yield position
            followers = [one for slot in position.slots for one in slot.followers]
            found.extend(reversed(followers))


#: Writes the function of a position: (position) -> (function, text).
Generate: TypeAlias = Callable[[Position], tuple[Read, str]]


def parts_of(selection: Selection) -> frozenset[str]:
    """Return the parts of all fields of a selection, however deep."""
    below = [its for one in selection.fields for its in one.selections.values()]
    own = [one.reading.parts for one in selection.fields]
    return frozenset().union(*own, *map(parts_of, below))


def lay_out(root: Selection, generate: Generate) -> Position:
    """Return the position of the root, and with it all others. Raises Unplannable."""
    return _position(None, (), {root.type.name: root}, generate)


def _position(
    field: Field | None,
    steps: tuple[Field, ...],
    selections: Mapping[str, Selection],
    generate: Generate,
) -> Position:
    if len(steps) > MAX_DEPTH:
        raise Unplannable(f"A field is awaited deeper than {MAX_DEPTH} fields.")
    slots = tuple(
        Slot(selection, tuple(_follower(one, way, generate) for one in selection.awaited()))
        for selection, way in _waiting_selections(selections, steps)
    )
    position = Position(field, steps, selections, slots, _unwritten, "")
    position.read, position.source = generate(position)
    return position


def _follower(field: Field, steps: tuple[Field, ...], generate: Generate) -> Position:
    return _position(field, (*steps, field), field.selections, generate)


def _waiting_selections(
    selections: Mapping[str, Selection], steps: tuple[Field, ...]
) -> Iterator[tuple[Selection, tuple[Field, ...]]]:
    for selection in selections.values():
        if any(selection.awaited()):
            yield selection, steps
        for field in selection.plain():
            yield from _waiting_selections(field.selections, (*steps, field))


def _count(selections: Mapping[str, Selection]) -> int:
    fields = [field for selection in selections.values() for field in selection.fields]
    return len(fields) + sum(_count(field.selections) for field in fields if field.is_plain)


def _unwritten(*_: Any) -> None:
    raise TypeError("The function of this position is not written yet.")

"""Fragments: parts of answers that are kept ready, each for what decides it.

A reading may tell the `state` of a source: the same state gives the same value, with all that plain
fields read of it. What a field gave is then kept under the text of what was asked and that state,
and is taken from there as long as sources, which are read each time, say the same. So nothing need
be told of a change: what has changed says another state.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from graphql import print_ast

from graph.engine.readings import Computed, Many, State
from graph.engine.recent import Recent

if TYPE_CHECKING:
    from graph.engine.selections import Field

#: A completed value -> what stands for it in answers, and its weight.
Write: TypeAlias = Callable[[Any], tuple[Any, int]]

Key: TypeAlias = tuple[str, Hashable]


class Fragments:
    """Those that were used last."""

    def __init__(self, capacity: int, write: Write) -> None:
        """Keep fragments of at most this weight together, each as `write` makes it."""
        self.kept: Recent[Key, Any] = Recent(capacity)
        self._write = write

    def put(self, key: Key, value: Any) -> Any:
        """Keep a completed value, and return what stands for it.

        What is empty is not kept: it may not be there yet.
        """
        if not value:
            return value
        written, weight = self._write(value)
        # Texts are the clients', and as long as they like.
        return self.kept.put(key, written, weight + len(key[0]))


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a field: equal texts ask the same, whatever the document."""

    text: str
    state: State

    def of(self, source: Any) -> Key:
        """Return the key of what a source answers; generated functions make it themselves."""
        return self.text, self.state(source)


def question(field: "Field") -> Question | None:
    """Return what is asked of a field, if the answer can be kept.

    It can if its reading tells the state, nothing below is awaited, and no variable is in it.
    """
    reading = field.reading
    if not isinstance(reading, Computed | Many) or reading.state is None:
        return None
    return Question(_text(field), reading.state) if _is_settled(field) else None


def _is_settled(field: "Field") -> bool:
    below = [one for its in field.selections.values() for one in its.fields]
    return field.constants is not None and all(one.is_plain and _is_settled(one) for one in below)


def _text(field: "Field") -> str:
    arguments = ", ".join(map(print_ast, field.details[0].node.arguments or ()))
    below = [
        f"{kind} {{ {' '.join(f'{one.key}: {_text(one)}' for one in its.fields)} }}"
        for kind, its in field.selections.items()
    ]
    return " ".join([f"{field.parent}.{field.name}({arguments})", *below])

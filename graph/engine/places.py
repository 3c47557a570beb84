"""Where an object stands in the answer: looked up only when something went wrong there."""

from collections.abc import Iterator
from typing import Any, TypeAlias

from graphql import is_non_null_type
from graphql.pyutils import Path

from graph.engine.selections import Field

#: Keys and places in lists, from the root of the answer.
Keys: TypeAlias = tuple[str | int, ...]


class Places:
    """The objects of one position, found in the answer by being the very same ones.

    Nothing keeps a path while all goes well; the first question walks the answer once.
    """

    def __init__(self, answer: dict[str, Any], steps: tuple[Field, ...]) -> None:
        """Look in `answer["data"]` for what `steps` lead to."""
        self._answer = answer
        self._steps = steps
        self._found: dict[int, Keys] | None = None

    def keys(self, held: dict[str, Any]) -> Keys | None:
        """Return where an object stands; None if that place was nulled meanwhile."""
        if self._found is None:
            walk = _walk(self._answer["data"], (), self._steps)
            self._found = {id(one): keys for keys, one in walk}
        keys = self._found.get(id(held))
        return keys if keys is not None and self._at(keys) is held else None

    def path(self, held: dict[str, Any], field: Field) -> Path:
        """Return the path of a field of an object; of the field alone below a nulled place."""
        parents = [step.parent.name for step in self._steps]
        path: Path | None = None
        for key in self.keys(held) or ():
            path = Path(path, key, None if isinstance(key, int) else parents.pop(0))
        return Path(path, field.key, field.parent.name)

    def null_above(self, keys: Keys) -> None:
        """Null the nearest place that may be null, beginning with that of the object itself."""
        for length in range(len(keys), 0, -1):
            if not self._is_needed(keys[:length]):
                self._at(keys[: length - 1])[keys[length - 1]] = None
                return
        self._answer["data"] = None

    def _at(self, keys: Keys) -> Any:
        value = self._answer["data"]
        for key in keys:
            value = None if value is None else value[key]
        return value

    def _is_needed(self, keys: Keys) -> bool:
        """Return whether the type of a place is non-null."""
        steps = iter(self._steps)
        type_: Any = None
        for key in keys:
            type_ = _nullable(type_).of_type if isinstance(key, int) else next(steps).type
        return is_non_null_type(type_)


def _nullable(type_: Any) -> Any:
    return type_.of_type if is_non_null_type(type_) else type_


def _walk(
    value: Any, keys: Keys, steps: tuple[Field, ...]
) -> Iterator[tuple[Keys, dict[str, Any]]]:
    if isinstance(value, list):
        for place, item in enumerate(value):
            yield from _walk(item, (*keys, place), steps)
    elif value is not None and steps:
        key = steps[0].key
        yield from _walk(value.get(key), (*keys, key), steps[1:])
    elif value is not None:
        yield keys, value

"""The slow path: completes the values of a position one by one, by the specification's rules.

It is taken when a generated function met something irregular, and does the same once more with
paths: errors have their places, and null goes up to the nearest place that may be null, or stays
where it is if the operation says so.
"""

from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from graphql import (
    Executor,
    GraphQLError,
    GraphQLList,
    GraphQLOutputType,
    Undefined,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
    located_error,
)
from graphql.pyutils import is_iterable

from graph.engine import rules
from graph.engine.places import Keys, Places
from graph.engine.plan import Position, Waiting
from graph.engine.readings import Attribute, Computed, Constant, Itself
from graph.engine.selections import Field, Selection

if TYPE_CHECKING:
    from graph.engine.run import Run


def complete(
    position: Position, values: Sequence[Any], answers: list[dict[str, Any]], run: "Run"
) -> Waiting:
    """Put the values of a position into the answer, and their errors into its list."""
    slow = _Completion(position, run)
    if position.field is None:
        slow.root(values[0])
    else:
        places = Places(run.answer, position.steps[:-1])
        for value, held in zip(values, answers, strict=True):
            slow.place(value, held, position.field, places)
    return slow.waiting


class _Completion:
    def __init__(self, position: Position, run: "Run") -> None:
        self._position = position
        self._run = run
        self.waiting = position.waiting()

    def root(self, value: Any) -> None:
        (selection,) = self._position.selections.values()
        try:
            self._run.answer["data"] = self._fields(value, selection, ())
        except GraphQLError as error:
            self._run.errors.append(error)
            self._run.answer["data"] = None

    def place(self, value: Any, held: dict[str, Any], field: Field, places: Places) -> None:
        """Complete a value that `held` waits for, unless a null has taken its place."""
        keys = places.keys(held)
        if keys is None:
            return
        try:
            held[field.key] = self._guarded(value, field.type, field, (*keys, field.key))
        except GraphQLError as error:
            self._run.errors.append(error)
            places.null_above(keys)

    def _guarded(self, value: Any, type_: GraphQLOutputType, field: Field, keys: Keys) -> Any:
        """Complete a value; its error nulls it, or is raised if that goes up from here."""
        try:
            return self._complete(value, type_, field, keys)
        except Exception as error:
            located = located_error(error, field.nodes, list(keys))
            if self._run.propagates and is_non_null_type(type_):
                raise located from error
            self._run.errors.append(located)
            return None

    def _complete(self, value: Any, type_: Any, field: Field, keys: Keys) -> Any:
        if isinstance(value, Exception):
            raise value
        if is_non_null_type(type_):
            done = self._complete(value, type_.of_type, field, keys)
            if done is None:
                raise TypeError(
                    f"Cannot return null for non-nullable field {field.parent}.{field.name}."
                )
            return done
        if value is None or value is Undefined:
            return None
        if is_leaf_type(type_):
            return Executor.complete_leaf_value(type_, value)
        if is_list_type(type_):
            return self._list(value, type_, field, keys)
        return self._object(value, type_, field, keys)

    def _list(self, value: Any, type_: GraphQLList[Any], field: Field, keys: Keys) -> list[Any]:
        if not is_iterable(value):
            raise GraphQLError(
                f"Expected Iterable, but did not find one for field '{field.parent}.{field.name}'."
            )
        items: Iterable[tuple[int, Any]] = enumerate(value)
        return [self._guarded(one, type_.of_type, field, (*keys, n)) for n, one in items]

    def _object(self, value: Any, type_: Any, field: Field, keys: Keys) -> dict[str, Any]:
        if is_object_type(type_):
            rules.check_object(value, type_, field, self._run)
            return self._fields(value, field.selections[type_.name], keys)
        name = rules.name_of(value, type_, field, self._run)
        return self._fields(value, field.selections[name], keys)

    def _fields(self, value: Any, selection: Selection, keys: Keys) -> dict[str, Any]:
        answer = {
            field.key: self._field(value, field, (*keys, field.key)) if field.is_plain else None
            for field in selection.fields
        }
        if any(selection.awaited()):
            sources, answers = self.waiting[self._position.slot_of(selection)]
            sources.append(value)
            answers.append(answer)
        return answer

    def _field(self, source: Any, field: Field, keys: Keys) -> Any:
        try:
            value = self._read(source, field)
        except Exception as error:  # noqa: BLE001  As if it were the value.
            value = error
        return self._guarded(value, field.type, field, keys)

    def _read(self, source: Any, field: Field) -> Any:
        if isinstance(field.reading, Constant):
            return field.reading.value
        if isinstance(field.reading, Attribute):
            return attrgetter(field.reading.name)(source)
        if isinstance(field.reading, Itself):
            return source
        if isinstance(field.reading, Computed):
            return field.reading.function(source, **self._run.arguments(field))
        raise TypeError(f"{field.parent}.{field.name} is awaited, and cannot be read.")

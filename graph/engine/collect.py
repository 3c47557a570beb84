"""Collects what an operation asks for: graphql-core does it, once for a plan.

So fragments, type conditions, merged fields, @skip and @include are exactly the specification's.
"""

from collections.abc import Mapping
from inspect import iscoroutinefunction
from typing import Any

from graphql import (
    Executor,
    FieldNode,
    GraphQLError,
    GraphQLField,
    GraphQLObjectType,
    get_argument_values,
    get_named_type,
    is_abstract_type,
    is_object_type,
)
from graphql.execution.collect_fields import (
    CollectedFields,
    FieldDetails,
    collect_fields,
    collect_subfields,
)

from graph.engine.readings import Computed, Constant, Many, Reading, ReadingOf
from graph.engine.selections import Field, Selection, Unplannable
from graph.engine.variables import has_variables

#: More than these cost more to compile than they save.
MAX_FIELDS = 2_000


def collect(executor: Executor[Any], reading_of: ReadingOf) -> Selection:
    """Return what the operation of `executor` asks for. Raises Unplannable."""
    type_ = executor.schema.get_root_type(executor.operation.operation)
    if type_ is None:
        raise Unplannable("The schema has no such operations.")
    if any(one.variable_signatures for one in executor.fragments.values()):
        raise Unplannable("Arguments of fragments have no plan.")
    try:
        return _Collector(executor, reading_of).root(type_)
    except GraphQLError as error:
        raise Unplannable(f"A directive is wrong: {error.message}") from error


def converted(reading: Reading, coerced: dict[str, Any]) -> Mapping[str, Any]:
    """Return the arguments as the function of a field takes them."""
    return reading.convert(coerced) if isinstance(reading, Computed | Many) else coerced


class _Collector:
    def __init__(self, executor: Executor[Any], reading_of: ReadingOf) -> None:
        self._executor = executor
        self._schema = executor.schema
        self._reading_of = reading_of
        self._count = 0

    def root(self, type_: GraphQLObjectType) -> Selection:
        one = self._executor
        told = collect_fields(
            self._schema, one.fragments, one.variable_values, type_, one.operation
        )
        return self._selection(type_, told)

    def _selection(self, type_: GraphQLObjectType, told: CollectedFields) -> Selection:
        if told.new_defer_usages:
            raise Unplannable("@defer has no plan.")
        fields = told.grouped_field_set.items()
        return Selection(type_, tuple(self._field(type_, *one) for one in fields))

    def _field(self, type_: GraphQLObjectType, key: str, details: list[FieldDetails]) -> Field:
        node = details[0].node
        definition = self._definition(type_, node)
        reading = self._reading(type_, node.name.value, definition)
        constants = _constants(node, definition, reading)
        selections = self._selections(definition, details)
        return Field(key, type_, definition, details, reading, constants, selections)

    def _definition(self, type_: GraphQLObjectType, node: FieldNode) -> GraphQLField:
        self._count += 1
        if self._count > MAX_FIELDS:
            raise Unplannable(f"It has more than {MAX_FIELDS} fields, counted for each type.")
        if any(one.name.value == "stream" for one in node.directives or ()):
            raise Unplannable("@stream has no plan.")
        found = self._schema.get_field(type_, node.name.value)
        if found is None or node.name.value in ("__schema", "__type"):
            raise Unplannable("Introspection has no plan.")
        return found

    def _reading(self, type_: GraphQLObjectType, name: str, definition: GraphQLField) -> Reading:
        if name == "__typename":
            return Constant(type_.name)
        return self._reading_of(type_, name, definition)

    def _selections(
        self, definition: GraphQLField, details: list[FieldDetails]
    ) -> Mapping[str, Selection]:
        one = self._executor
        selections = {}
        for kind in self._kinds(get_named_type(definition.type)):
            if iscoroutinefunction(kind.is_type_of):
                raise Unplannable(f"{kind} knows its objects by a coroutine.")
            told = collect_subfields(
                self._schema, one.fragments, one.variable_values, one.operation, kind, details
            )
            selections[kind.name] = self._selection(kind, told)
        return selections

    def _kinds(self, type_: Any) -> list[GraphQLObjectType]:
        if iscoroutinefunction(getattr(type_, "resolve_type", None)):
            raise Unplannable(f"{type_} tells the types of its objects by a coroutine.")
        if is_abstract_type(type_):
            return list(self._schema.get_possible_types(type_))
        return [type_] if is_object_type(type_) else []


def _constants(
    node: FieldNode, definition: GraphQLField, reading: Reading
) -> Mapping[str, Any] | None:
    if has_variables(node):
        return None
    try:
        return converted(reading, get_argument_values(definition, node))
    except Exception:  # noqa: BLE001  What is wrong is told by each place, when it is read.
        return None

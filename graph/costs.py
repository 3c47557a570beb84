"""What an operation costs: each field a point or what @cost tells, lists as often as they are long.

Fields that `@skip` and `@include` may leave out are counted. What does not depend on variables is
added up once; what is left of most operations is one multiplication for each list.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    is_leaf_type,
)

from graph import hints
from graph.directives import ListSize
from graph.limits import fragments_of
from resolvers.pages import DEFAULT_PAGE

#: A list of objects of which nobody has told how long it gets.
ASSUMED = 10
#: No list is longer; whoever asks for more is told so by the field.
LONGEST = 1_000
#: A cost that is higher is not told exactly.
CEILING = 10**12
#: The whole schema, however little of it is asked for: all of it takes a fifth of a second.
INTROSPECTION = 5_000

_META = {"__typename": 0, "__schema": INTROSPECTION, "__type": INTROSPECTION // 10}

#: A number, or the name of a variable and what counts where it has no value.
Length: TypeAlias = "int | tuple[str, int]"


@dataclass(slots=True)
class Price:
    """Points: some that are fixed, and others as often as a list is long."""

    fixed: int = 0
    #: Lengths of which the largest counts, and the price of one item.
    lists: list[tuple[tuple[Length, ...], "Price"]] = field(default_factory=list)

    def add(self, other: "Price") -> None:
        """Add another price."""
        self.fixed = min(self.fixed + other.fixed, CEILING)
        self.lists += other.lists

    def add_list(self, lengths: tuple[Length, ...], item: "Price") -> None:
        """Add the price of as many items as the largest of the lengths."""
        fixed = [one for one in lengths if isinstance(one, int)]
        if len(fixed) == len(lengths) and not item.lists:
            self.fixed = min(self.fixed + max(fixed) * item.fixed, CEILING)
        elif item.fixed or item.lists:
            self.lists.append((lengths, item))

    def of(self, variables: Mapping[str, Any]) -> int:
        """Return the points for variables as they were sent."""
        points = self.fixed
        for lengths, item in self.lists:
            points += max(_length(one, variables) for one in lengths) * item.of(variables)
        return min(points, CEILING)


def price(
    schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode
) -> Price:
    """Return the price of an operation; what the schema does not know costs a point.

    The document must be within `graph.limits`: no circles, and not too many selections.
    """
    root = schema.get_root_type(operation.operation)
    if root is None:
        return Price()
    return _Pricing(schema, document, operation).of(operation.selection_set, root.name)


class _Pricing:
    def __init__(
        self, schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode
    ) -> None:
        self._schema = schema
        self._fragments = fragments_of(document)
        self._defaults = {
            one.variable.name.value: one.default_value
            for one in operation.variable_definitions or ()
        }
        self._known: dict[str, Price] = {}

    def of(
        self,
        selections: SelectionSetNode,
        type_name: str,
        sized: "_Sized | None" = None,
    ) -> Price:
        """Return the price of a selection; of fields that `sized` names, that of all items."""
        found = Price()
        for one in selections.selections:
            found.add(self._selection(one, type_name, sized))
        return found

    def _selection(self, node: SelectionNode, type_name: str, sized: "_Sized | None") -> Price:
        if isinstance(node, FieldNode):
            return self._field(node, type_name, sized)
        if isinstance(node, InlineFragmentNode):
            wanted = node.type_condition.name.value if node.type_condition else type_name
            return self.of(node.selection_set, wanted, sized)
        assert isinstance(node, FragmentSpreadNode)  # noqa: S101  There is no other selection.
        return self._fragment(node.name.value, sized)

    def _fragment(self, name: str, sized: "_Sized | None") -> Price:
        told = self._fragments.get(name)
        if told is None:
            return Price()
        if sized:
            # A part of a connection: its price depends on the arguments above it.
            return self.of(told.selection_set, told.type_condition.name.value, sized)
        if name not in self._known:
            self._known[name] = self.of(told.selection_set, told.type_condition.name.value)
        return self._known[name]

    def _field(self, node: FieldNode, type_name: str, sized: "_Sized | None") -> Price:
        name = node.name.value
        if name in _META:
            # Whatever is asked of the schema lies ready.
            return Price(_META[name])
        told = hints.fields_of(self._schema, type_name).get(name)
        if told is None:
            return Price(1)
        lengths = sized.lengths if sized and name in sized.fields else ()
        return self._known_field(node, told, lengths)

    def _known_field(
        self, node: FieldNode, told: GraphQLField, lengths: tuple[Length, ...]
    ) -> Price:
        hinted = hints.of_field(told)
        size, inside = hinted.list_size, get_named_type(told.type)
        own = self._lengths(node, size) if size else ()
        names = frozenset(hints.given(size.sized_fields) or ()) if size else frozenset[str]()
        found = Price(hinted.weight)
        if node.selection_set is None:
            return found
        item = self.of(node.selection_set, inside.name, _Sized(names, own) if names else None)
        many = lengths or (() if names else own)
        if not many and hints.is_list(told) and not is_leaf_type(inside):
            many = (ASSUMED,)
        if many:
            found.add_list(many, item)
        else:
            found.add(item)
        return found

    def _lengths(self, node: FieldNode, size: ListSize) -> tuple[Length, ...]:
        assumed = hints.given(size.assumed_size)
        if assumed is not None:
            return (assumed,)
        slicing = hints.given(size.slicing_arguments) or []
        sent = {one.name.value: one.value for one in node.arguments or ()}
        found = [self._sent_length(sent[name]) for name in slicing if name in sent]
        return tuple(found) or (DEFAULT_PAGE,)

    def _sent_length(self, value: ValueNode) -> Length:
        if isinstance(value, VariableNode):
            default = self._defaults.get(value.name.value)
            spare = DEFAULT_PAGE if default is None else self._sent_length(default)
            return value.name.value, spare if isinstance(spare, int) else DEFAULT_PAGE
        if isinstance(value, ListValueNode):
            return len(value.values)
        if isinstance(value, IntValueNode):
            return _bounded(int(value.value[:20]))
        return DEFAULT_PAGE


@dataclass(frozen=True, slots=True)
class _Sized:
    """The parts of a connection that are as long as its arguments say."""

    fields: frozenset[str]
    lengths: tuple[Length, ...]


def _length(told: Length, variables: Mapping[str, Any]) -> int:
    if isinstance(told, int):
        return told
    name, spare = told
    value = variables.get(name, spare)
    if value is None:
        # The default of a variable counts where it is left out, and not where it is null.
        return DEFAULT_PAGE
    if isinstance(value, list):
        return len(value)
    if isinstance(value, float) and value.is_integer():
        # An Int may be sent as 100.0 or 1e2.
        value = int(value)
    return _bounded(value) if isinstance(value, int) else DEFAULT_PAGE


def _bounded(number: int) -> int:
    return min(max(number, 0), LONGEST)

"""How long an answer may be kept, and by whom: the shortest time of all its fields.

Of `@cacheControl` at a field and at its type, the shorter time counts. A root field with neither
may not be kept; what is inside an object, and tells nothing, is kept as long as the object. What
needs a role is not kept at all, and what is PRIVATE by nobody but who asked.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    SelectionSetNode,
    get_named_type,
)

from graph import hints
from graph.directives import CacheControlScope
from graph.hints import Hints
from graph.limits import fragments_of

NO_STORE = "no-store"


@dataclass(frozen=True, slots=True)
class Keeping:
    """For how many seconds an answer may be kept, and whether only by who asked."""

    max_age: int
    is_private: bool = False

    def header(self) -> str:
        """Return the value of Cache-Control for an answer to nobody in particular."""
        is_kept = self.max_age and not self.is_private
        return f"public, max-age={self.max_age}" if is_kept else NO_STORE


NO_KEEPING = Keeping(0, is_private=True)


def keeping(
    schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode
) -> Keeping:
    """Return how long the answer to an operation may be kept, whoever asks.

    The document must be within `graph.limits`: no circles, and not too many selections.
    """
    root = schema.query_type
    if operation.operation is not OperationType.QUERY or root is None:
        return NO_KEEPING
    told = list(_Walk(schema, document).fields(operation.selection_set, root.name, None))
    if not told:
        return NO_KEEPING
    return Keeping(min(one.max_age for one in told), any(one.is_private for one in told))


class _Walk:
    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self._schema = schema
        self._fragments = fragments_of(document)

    def fields(
        self, selections: SelectionSetNode, type_name: str, around: Keeping | None
    ) -> Iterator[Keeping]:
        """Yield what each field of a selection allows; `around` is that of the object."""
        for one in selections.selections:
            yield from self._selection(one, type_name, around)

    def _selection(
        self, node: SelectionNode, type_name: str, around: Keeping | None
    ) -> Iterator[Keeping]:
        if isinstance(node, FieldNode):
            return self._field(node, type_name, around)
        if isinstance(node, FragmentSpreadNode):
            told = self._fragments.get(node.name.value)
            if told is None:
                return iter((NO_KEEPING,))
            return self._fragment(told.selection_set, told.type_condition.name.value, around)
        assert isinstance(node, InlineFragmentNode)  # noqa: S101  There is no other selection.
        wanted = node.type_condition.name.value if node.type_condition else type_name
        return self._fragment(node.selection_set, wanted, around)

    def _fragment(
        self, inside: SelectionSetNode, wanted: str, around: Keeping | None
    ) -> Iterator[Keeping]:
        named = self._schema.type_map.get(wanted)
        if around and named:
            # An object of an interface or a union says only here of which type it is.
            around = _narrowed(around, hints.of_type(named))
        return self.fields(inside, wanted, around)

    def _field(self, node: FieldNode, type_name: str, around: Keeping | None) -> Iterator[Keeping]:
        name = node.name.value
        if name == "__typename":
            if around:
                yield around
            return
        told = hints.fields_of(self._schema, type_name).get(name)
        here = NO_KEEPING if told is None else _allowed(told, around)
        yield here
        if told and node.selection_set:
            yield from self.fields(node.selection_set, get_named_type(told.type).name, here)


def _allowed(told: GraphQLField, around: Keeping | None) -> Keeping:
    field, held = hints.of_field(told), hints.of_type(get_named_type(told.type))
    if field.is_guarded or held.is_guarded:
        return NO_KEEPING
    base = around or Keeping(0)
    if field.cache is not None or (around is None and held.cache is not None):
        base = _told(field if field.cache else held, base)
    return _narrowed(base, held)


def _told(own: Hints, base: Keeping) -> Keeping:
    assert own.cache is not None  # noqa: S101  Whoever calls has looked.
    max_age = hints.given(own.cache.max_age)
    is_private = hints.given(own.cache.scope) is CacheControlScope.PRIVATE
    return Keeping(base.max_age if max_age is None else max_age, is_private or base.is_private)


def _narrowed(base: Keeping, own: Hints) -> Keeping:
    """Return what is left where a type allows less."""
    if own.is_guarded:
        return NO_KEEPING
    if own.cache is None:
        return base
    told = _told(own, base)
    return Keeping(min(base.max_age, told.max_age), told.is_private)

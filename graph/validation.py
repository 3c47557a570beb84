"""Validation that stops at as many mistakes as are told, and suggests no names."""

from collections.abc import Callable, Sequence
from typing import Any

from graphql import ASTValidationRule, DocumentNode, GraphQLError, GraphQLSchema, TypeInfo
from graphql.pyutils import RefMap
from graphql.validation import MaxIntrospectionDepthRule, ValidationContext
from graphql.validation.validate import ValidationAbortedError
from graphql.validation.validation_context import (
    NodeWithSelectionSet,
    VariableUsage,
    VariableUsageVisitor,
)
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from graph.request_errors import TOLD_ERRORS
from graph.walk import Walk

#: Strawberry's own, which it adds where it validates itself.
_ADDED = (MaybeNullValidationRule, OneOfInputValidationRule, MaxIntrospectionDepthRule)


def mistakes(
    schema: GraphQLSchema, document: DocumentNode, rules: Sequence[type[ASTValidationRule]]
) -> list[GraphQLError]:
    """Return what is wrong with a document, which must be within `graph.limits`.

    They are those of graphql-core, in their order, in less time. No message says "Did you mean": by
    guessing a few letters at a time, a stranger would be told the whole schema.
    """
    found: list[GraphQLError] = []

    def tell(error: GraphQLError) -> None:
        if len(found) >= TOLD_ERRORS:
            raise ValidationAbortedError("There are more mistakes; they are not looked for.")
        found.append(error)

    types = TypeInfo(schema)
    context = _Context(schema, document, types, tell)
    every = [*rules, *(one for one in _ADDED if one not in rules)]
    try:
        Walk([rule(context) for rule in every], types).over(document)
    except ValidationAbortedError as error:
        # The frames of the validation need not live as long.
        found.append(GraphQLError(error.message))
    except RecursionError:
        found.append(GraphQLError("The document is nested too deeply to be validated."))
    return found


class _Context(ValidationContext):
    """What rules share, found at once: graphql-core hashes a node with all that is inside it."""

    _variable_usages: Any
    _recursive_variable_usages: Any
    _fragment_spreads: Any

    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        types: TypeInfo,
        tell: Callable[[GraphQLError], None],
    ) -> None:
        """Know nothing of the document yet."""
        super().__init__(schema, document, types, tell, hide_suggestions=True)
        # A node is looked for, and none that is equal.
        self._variable_usages, self._recursive_variable_usages = RefMap(), RefMap()
        self._fragment_spreads = RefMap()

    def get_variable_usages(self, node: NodeWithSelectionSet) -> list[VariableUsage]:
        """Return where an operation or a fragment uses variables."""
        known: list[VariableUsage] | None = self._variable_usages.get(node)
        if known is None:
            visitor = VariableUsageVisitor(self._type_info)
            if _may_use(node):
                Walk([visitor], self._type_info).over(node)
            known = self._variable_usages[node] = visitor.usages
        return known


def _may_use(node: NodeWithSelectionSet) -> bool:
    """Return whether the text of a part of a document has the mark of variables."""
    place = node.loc
    return place is None or place.source.body.find("$", place.start, place.end) >= 0

"""Validation that stops at as many mistakes as are told, and suggests no names."""

from collections.abc import Sequence

from graphql import ASTValidationRule, DocumentNode, GraphQLError, GraphQLSchema, validate
from graphql.validation import MaxIntrospectionDepthRule
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from graph.request_errors import TOLD_ERRORS

#: Strawberry's own, which it adds where it validates itself.
_ADDED = (MaybeNullValidationRule, OneOfInputValidationRule, MaxIntrospectionDepthRule)


def mistakes(
    schema: GraphQLSchema, document: DocumentNode, rules: Sequence[type[ASTValidationRule]]
) -> list[GraphQLError]:
    """Return what is wrong with a document.

    No message says "Did you mean": by guessing a few letters at a time, a stranger would be told
    the whole schema.
    """
    every = [*rules, *(one for one in _ADDED if one not in rules)]
    return validate(schema, document, every, max_errors=TOLD_ERRORS, hide_suggestions=True)

"""Documents that are kept once they have been found valid, with what is known of them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial

from graphql import DocumentNode, GraphQLSchema, OperationDefinitionNode, get_operation_ast

from graph import limits
from graph.caching import NO_KEEPING, Keeping, keeping
from graph.costs import Price, price
from graph.request_errors import document_refused


@dataclass(frozen=True)
class Facts:
    """What an operation costs and how long its answer may be kept, whoever asks."""

    price: Price = field(default_factory=Price)
    #: Asked for once, by an operation that is not refused for its cost.
    find_keeping: Callable[[], Keeping] = lambda: NO_KEEPING
    is_introspection: bool = False

    @cached_property
    def keeping(self) -> Keeping:
        """How long its answer may be kept."""
        return self.find_keeping()


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed document that is within the limits, and the facts of its operations."""

    node: DocumentNode
    schema: GraphQLSchema
    is_introspection: bool = False
    _facts: dict[str | None, Facts] = field(default_factory=dict)

    def facts(self, operation_name: str | None) -> Facts:
        """Return the facts of an operation; they are found out once."""
        known = self._facts.get(operation_name)
        if known is None:
            operation = get_operation_ast(self.node, operation_name)
            if operation is None:
                return Facts()
            known = self._facts[operation_name] = self._found(operation)
        return known

    def _found(self, operation: OperationDefinitionNode) -> Facts:
        return Facts(
            price(self.schema, self.node, operation),
            partial(keeping, self.schema, self.node, operation),
            self.is_introspection,
        )


def limited(schema: GraphQLSchema, node: DocumentNode) -> Document:
    """Return a document. Raises GraphQLError, with a code, if it is larger than anybody needs."""
    try:
        return Document(node, schema, limits.check(node))
    except RecursionError as error:
        raise document_refused("The document is nested too deeply.") from error

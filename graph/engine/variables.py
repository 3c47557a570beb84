"""Where a document uses variables, as far as a plan depends on it."""

from typing import Any

from graphql import DirectiveNode, DocumentNode, FieldNode, VariableNode, Visitor, visit


def conditions(document: DocumentNode) -> tuple[str, ...]:
    """Return the variables that decide which fields are asked for: those of @skip and @include."""
    found = _Conditions()
    visit(document, found)
    return tuple(sorted(found.names))


def has_variables(node: FieldNode) -> bool:
    """Return whether a variable is among the arguments of a field."""
    found = _Variables()
    for argument in node.arguments or ():
        visit(argument, found)
    return found.is_any


class _Conditions(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_directive(self, node: DirectiveNode, *_: Any) -> None:
        if node.name.value in ("skip", "include"):
            told = [one.value for one in node.arguments or ()]
            self.names |= {one.name.value for one in told if isinstance(one, VariableNode)}


class _Variables(Visitor):
    is_any = False

    def enter_variable(self, *_: Any) -> None:
        self.is_any = True

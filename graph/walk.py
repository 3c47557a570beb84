"""One walk over a document for all rules of validation, with the types of the schema at hand.

graphql-core's own walk could edit what it visits, hands every name to each of thirty rules, and
looks up again at each node what to do with it. Here that is looked up once for each kind of node,
and what no rule asks for is not visited.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from graphql import BREAK, SKIP, Node, TypeInfo, Visitor
from graphql.language.ast import QUERY_DOCUMENT_KEYS

#: The place of a rule among all, and what it does with a node.
_Steps: TypeAlias = tuple[tuple[int, Callable[..., Any]], ...]

#: Parts that no rule visits, as it reads them where it visits the node that they are part of.
_UNSEEN = frozenset({"name", "alias", "description"})
_DIRECTIVES = "directives"


@dataclass(frozen=True, slots=True)
class _Kind:
    """What there is to do with nodes of one kind, and which parts to go on with."""

    begin: Callable[[Node], None] | None
    enters: _Steps
    parts: tuple[str, ...]
    leaves: _Steps
    end: Callable[[], None] | None


class Walk:
    """Visits documents with rules of graphql-core, each of which may skip what is inside a node.

    A rule gets what graphql-core gives it, but for the path, which none reads. It must not edit.
    What it does with nodes of any kind is done with those that may have directives.
    """

    def __init__(self, rules: Sequence[Visitor], types: TypeInfo) -> None:
        """Visit with `rules`, in their order; `types` follows."""
        self._rules, self._types = rules, types
        self._kinds: dict[str, _Kind] = {}
        #: The node inside of which a rule skips everything; BREAK of one that has seen enough.
        self._skipped: list[Any] = [None] * len(rules)
        self._ancestors: list[Any] = []

    def over(self, node: Node, key: Any = None, parent: Any = None) -> None:  # noqa: C901  Calls are what takes the time.
        """Visit a node and all that is inside."""
        kind = self._kinds.get(node.kind) or self._known(node.kind)
        skipped, ancestors, skipping = self._skipped, self._ancestors, False
        if kind.begin:
            kind.begin(node)
        for place, enter in kind.enters:
            if not skipped[place] and (told := enter(node, key, parent, (), ancestors)) is not None:
                skipped[place], skipping = _skipped(told, node), True
        if kind.parts:
            self._inside(node, kind.parts, parent)
        for place, leave in kind.leaves:
            if not skipped[place]:
                leave(node, key, parent, (), ancestors)
        if skipping:
            skipped[:] = [None if one is node else one for one in skipped]
        if kind.end:
            kind.end()

    def _inside(self, node: Node, parts: tuple[str, ...], parent: Any) -> None:
        ancestors = self._ancestors
        if parent is not None:
            ancestors.append(parent)
        for name in parts:
            found = getattr(node, name)
            if isinstance(found, tuple):
                ancestors.append(node)
                for place, one in enumerate(found):
                    self.over(one, place, found)
                ancestors.pop()
            elif found is not None:
                self.over(found, name, node)
        if parent is not None:
            ancestors.pop()

    def _known(self, name: str) -> _Kind:
        every = QUERY_DOCUMENT_KEYS.get(name, ())
        found = [rule.get_enter_leave_for_kind(name) for rule in self._rules]
        enters = (
            (place, one.enter)
            for place, one in enumerate(found)
            if one.enter and (_DIRECTIVES in every or one.enter.__name__ != "enter")
        )
        made = self._kinds[name] = _Kind(
            getattr(self._types, f"enter_{name}", None),
            tuple(enters),
            tuple(one for one in every if one not in _UNSEEN),
            tuple((place, one.leave) for place, one in enumerate(found) if one.leave),
            getattr(self._types, f"leave_{name}", None),
        )
        return made


def _skipped(told: Any, node: Node) -> Any:
    if told is SKIP or told is False:
        return node
    if told is BREAK or told is True:
        return BREAK
    raise TypeError(f"A rule wants to edit a {node.kind}.")

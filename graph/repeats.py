"""How often a document asks for the same: validation compares that two by two."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from graphql import (
    ArgumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
)

Definition: TypeAlias = OperationDefinitionNode | FragmentDefinitionNode
Fragments: TypeAlias = Mapping[str, FragmentDefinitionNode]


def repeats(definition: Definition, fragments: Fragments) -> int:
    """Return how many comparisons it takes to see that fields of one name give one value.

    The document must have no circles, and not too many selections: each is visited.
    """
    return _compared([definition.selection_set], fragments)


def _compared(merged: Sequence[SelectionSetNode], fragments: Fragments) -> int:
    """Return the comparisons inside selections whose fields stand in one object."""
    collected = _Collected(fragments)
    for one in merged:
        collected.add(one)
    fields = sum(_of_one_name(nodes, fragments) for nodes in collected.fields.values())
    # Fragments of one object are compared as well, whatever they ask for, and take longer.
    return fields + 2 * _pairs(len(collected.spread))


def _pairs(many: int) -> int:
    return many * (many - 1) // 2


def _of_one_name(nodes: Sequence[FieldNode], fragments: Fragments) -> int:
    inside = [node.selection_set for node in nodes if node.selection_set]
    pairs = _pairs(len(nodes))
    weight = 1 + max(map(_weight, nodes)) if pairs else 0
    return pairs * weight + (_compared(inside, fragments) if inside else 0)


def _weight(node: FieldNode) -> int:
    """Return how much is compared of the arguments of a field, at each comparison."""
    return sum(_nodes(argument) for argument in node.arguments or ())


def _nodes(argument: ArgumentNode) -> int:
    """Return of how many parts a value consists."""
    waiting: list[ValueNode] = [argument.value]
    for one in waiting:
        if isinstance(one, ListValueNode):
            waiting.extend(one.values)
        elif isinstance(one, ObjectValueNode):
            waiting.extend(inner.value for inner in one.fields)
    return len(waiting)


@dataclass
class _Collected:
    """The fields of selections by the name they have in the answer."""

    fragments: Fragments
    fields: dict[str, list[FieldNode]] = field(default_factory=dict)
    spread: set[str] = field(default_factory=set)

    def add(self, selections: SelectionSetNode) -> None:
        for one in selections.selections:
            if isinstance(one, FieldNode):
                name = one.alias.value if one.alias else one.name.value
                self.fields.setdefault(name, []).append(one)
            elif isinstance(one, InlineFragmentNode):
                self.add(one.selection_set)
            elif isinstance(one, FragmentSpreadNode):
                self._add_fragment(one.name.value)

    def _add_fragment(self, name: str) -> None:
        if name in self.fragments and name not in self.spread:
            self.spread.add(name)
            self.add(self.fragments[name].selection_set)

"""What is asked for, type by type: the tree of a document with all its fragments gone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import FieldNode, GraphQLField, GraphQLObjectType, GraphQLOutputType
from graphql.execution.collect_fields import FieldDetails

from graph.engine.fragments import Question, question
from graph.engine.readings import Reading, is_plain


class Unplannable(Exception):
    """The operation is graphql-core's to execute; the message says why."""

    #: It is kept like a plan, so that nobody tries again.
    weight = 1


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """A field of one type at one place of the document, all its occurrences merged."""

    key: str
    parent: GraphQLObjectType
    definition: GraphQLField
    details: list[FieldDetails]
    reading: Reading
    #: Its arguments, if no variable is among them and nothing is wrong with them.
    constants: Mapping[str, Any] | None
    #: What is asked for of each type that its objects may have; none for a leaf.
    selections: Mapping[str, "Selection"]
    #: What is asked of it, if the answer can be kept.
    question: Question | None = field(init=False)

    def __post_init__(self) -> None:
        """See whether the answer can be kept."""
        object.__setattr__(self, "question", question(self))

    @property
    def name(self) -> str:
        """The name in the schema; `key` is that in the answer."""
        return self.details[0].node.name.value

    @property
    def nodes(self) -> list[FieldNode]:
        """Where it stands in the document."""
        return [one.node for one in self.details]

    @property
    def type(self) -> GraphQLOutputType:
        """What it gives."""
        return self.definition.type

    @property
    def is_plain(self) -> bool:
        """Whether nothing is awaited for it."""
        return is_plain(self.reading)


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """The fields of one type at one place, in the order of the answer."""

    type: GraphQLObjectType
    fields: tuple[Field, ...]

    def plain(self) -> Iterator[Field]:
        """Yield the fields that are read at once."""
        return (one for one in self.fields if one.is_plain)

    def awaited(self) -> Iterator[Field]:
        """Yield the fields that objects wait for."""
        return (one for one in self.fields if not one.is_plain)

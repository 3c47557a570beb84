"""How a field is read: what a schema tells the engine of each of its fields.

    Attribute("title")   an attribute of the source
    Itself()             the source itself: a type may have plain values as objects
    Computed(function)   a pure function of the source and the arguments
    Many(function)       an asynchronous function of all sources at once: a batch field
    One(resolve)         a resolver of one object, synchronous or not, as graphql-core calls it

`parts` name what a field needs of what its source was made of; a plan gathers those of all its
fields, so that whoever reads for it knows them before the first field is read.

`state` tells of a source what decides a value: the same state, the same value, with all that plain
fields below read of it, whoever asks and at any time. Such values may be kept; see fragments.py.

The first three are plain: they are read in a tight loop, and may be read twice. The other two are
awaited, and everything that follows them waits.
"""

import keyword
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from graphql import GraphQLField, GraphQLObjectType, GraphQLResolveInfo, default_field_resolver

#: Coerced arguments, as graphql-core gives them -> what the function is called with. The result
#: may be kept as long as the plan, so nobody may change it.
Convert: TypeAlias = Callable[[dict[str, Any]], Mapping[str, Any]]

#: A source -> what decides the value of a field.
State: TypeAlias = Callable[[Any], Hashable]


def as_coerced(arguments: dict[str, Any]) -> Mapping[str, Any]:
    """Return the arguments as they are."""
    return arguments


_NO_PARTS: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Attribute:
    """Read an attribute; its name is that of Python, not that of GraphQL.

    `row.title` is an attribute of an attribute.
    """

    name: str
    parts: frozenset[str] = _NO_PARTS

    def __post_init__(self) -> None:
        """Raise ValueError for what cannot stand in a line of Python."""
        if not all(one.isidentifier() and not keyword.iskeyword(one) for one in self._steps()):
            raise ValueError(f"{self.name!r} is no name of an attribute.")

    def _steps(self) -> list[str]:
        return self.name.split(".")


@dataclass(frozen=True, slots=True)
class Itself:
    """Take the source, which is a plain value, for the value."""

    parts: frozenset[str] = _NO_PARTS


@dataclass(frozen=True, slots=True)
class Computed:
    """Call `function(source, **arguments)`: it asks nobody, and gives the same each time."""

    function: Callable[..., Any]
    convert: Convert = as_coerced
    parts: frozenset[str] = _NO_PARTS
    state: State | None = None


@dataclass(frozen=True, slots=True)
class Constant:
    """Read nothing; the engine's own, for `__typename`."""

    value: str
    parts: frozenset[str] = _NO_PARTS


@dataclass(frozen=True, slots=True)
class Many:
    """Await `function(sources, info, arguments)`, once for all objects of a position.

    It gives one value per source, in the same order; an Exception in a place is the error of that
    place, and one that is raised is the error of every place. `info.path` holds the field alone.
    """

    function: Callable[[Sequence[Any], GraphQLResolveInfo[Any], Mapping[str, Any]], Awaitable[Any]]
    convert: Convert = as_coerced
    parts: frozenset[str] = _NO_PARTS
    state: State | None = None


@dataclass(frozen=True, slots=True)
class One:
    """Call `resolve(source, info, **arguments)` for each object, and await what is awaitable."""

    resolve: Callable[..., Any] = default_field_resolver
    parts: frozenset[str] = _NO_PARTS


Reading: TypeAlias = Attribute | Itself | Computed | Constant | Many | One

#: (type, name of the field, field) -> how it is read.
ReadingOf: TypeAlias = Callable[[GraphQLObjectType, str, GraphQLField], Reading]


def is_plain(reading: Reading) -> bool:
    """Return whether nothing is awaited for it."""
    return not isinstance(reading, Many | One)


def by_resolver(_type: GraphQLObjectType, _name: str, field: GraphQLField) -> Reading:
    """Read any schema as graphql-core does, object by object."""
    return One(field.resolve or default_field_resolver)

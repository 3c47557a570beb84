"""What a field of the schema tells of cost, of the length of lists and of caching."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

import strawberry
from graphql import (
    GraphQLField,
    GraphQLNamedType,
    GraphQLSchema,
    is_list_type,
    is_non_null_type,
)
from strawberry.schema.schema_converter import GraphQLCoreConverter

from graph.directives import CacheControl, Cost, ListSize, RequiresRole

D = TypeVar("D")

#: Where a field or a type keeps what was read of it.
_HINTS = "mallgraph-hints"


@dataclass(frozen=True, slots=True)
class Hints:
    """The directives of a field or a type; None for each that it does not have."""

    weight: int = 1
    list_size: ListSize | None = None
    cache: CacheControl | None = None
    is_guarded: bool = False


def of_field(field: GraphQLField) -> Hints:
    """Return what stands at a field."""
    return _known(field.extensions)


def of_type(named: GraphQLNamedType) -> Hints:
    """Return what stands at a type."""
    return _known(named.extensions)


def is_list(field: GraphQLField) -> bool:
    """Return whether a field gives a list."""
    held = field.type
    return is_list_type(held.of_type if is_non_null_type(held) else held)


def fields_of(schema: GraphQLSchema, type_name: str) -> dict[str, GraphQLField]:
    """Return the fields that can be asked of a type; none of a union, or of an unknown type."""
    return getattr(schema.type_map.get(type_name), "fields", None) or {}


def _known(extensions: dict[str, Any]) -> Hints:
    """Return what stands there; it is read once, as every new document asks for it."""
    known: Hints | None = extensions.get(_HINTS)
    if known is None:
        known = extensions[_HINTS] = _read(_directives(extensions))
    return known


def _directives(extensions: dict[str, Any]) -> Iterable[object]:
    told = extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    return getattr(told, "directives", None) or ()


def _read(told: Iterable[object]) -> Hints:
    cost, roles = _one(told, Cost), _one(told, RequiresRole)
    return Hints(
        weight=1 if cost is None else int(cost.weight),
        list_size=_one(told, ListSize),
        cache=_one(told, CacheControl),
        is_guarded=roles is not None,
    )


def _one(told: Iterable[object], kind: type[D]) -> D | None:
    return next((one for one in told if isinstance(one, kind)), None)


def given(value: D) -> D | None:
    """Return what a directive was given; None for an argument that was left out."""
    return None if value is strawberry.UNSET else value

"""Every argument of the schema that takes an ID, and requests that are whole but for it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLSchema,
    get_named_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)

#: Names of arguments and fields that are not ID but name an object all the same.
NUMBERS = frozenset({"orderNumber", "number"})
#: An ID, but of no object.
_KEYS = frozenset({"idempotencyKey"})
#: What stands where any value of a scalar does.
_SCALARS: dict[str, Any] = {
    "Boolean": True,
    "CurrencyCode": "EUR",
    "DateTime": "2026-01-01T00:00:00Z",
    "Decimal": "1.00",
    "Float": 1.0,
    "Int": 1,
    "String": "x",
    "URL": "https://pictures.example/x.png",
    "BigInt": "1",
}
_DEPTH = 4


@dataclass(frozen=True)
class Place:
    """An argument that takes an ID, or a field inside its input; steps lead there."""

    kind: str
    field: str
    steps: tuple[str, ...]

    def request(self, schema: GraphQLSchema, id_: str, **known: Any) -> tuple[str, dict[str, Any]]:
        """Return a document and its variables; `known` has values by the name of their field."""
        root = schema.query_type if self.kind == "query" else schema.mutation_type
        assert root
        told = root.fields[self.field]
        sent = {
            name: _value(one, self.steps[1:] if name == self.steps[0] else None, id_, name, known)
            for name, one in told.args.items()
            if name == self.steps[0] or is_non_null_type(one.type)
        }
        declared = ", ".join(f"${name}: {told.args[name].type}" for name in sent)
        passed = ", ".join(f"{name}: ${name}" for name in sent)
        inside = _selection(self.kind, told)
        return f"{self.kind} ({declared}) {{ {self.field}({passed}) {inside} }}", sent


def places(schema: GraphQLSchema) -> Iterator[Place]:
    """Yield every place of an ID in the arguments of root fields."""
    assert schema.query_type
    assert schema.mutation_type
    for kind, root in (("query", schema.query_type), ("mutation", schema.mutation_type)):
        for field, told in root.fields.items():
            for name, argument in told.args.items():
                for steps in _steps(name, argument.type, 0):
                    yield Place(kind, field, steps)


def _steps(name: str, type_: GraphQLInputType, depth: int) -> Iterator[tuple[str, ...]]:
    named = get_named_type(type_)
    if isinstance(named, GraphQLInputObjectType):
        if depth < _DEPTH:
            for inner, told in named.fields.items():
                for steps in _steps(inner, told.type, depth + 1):
                    yield (name, *steps)
    elif (named.name == "ID" and name not in _KEYS) or name in NUMBERS:
        yield (name,)


def _value(
    told: GraphQLArgument | GraphQLInputField,
    steps: tuple[str, ...] | None,
    id_: str,
    name: str,
    known: dict[str, Any],
) -> Any:
    """Return a value; `steps` lead on to the ID, () means here, and None elsewhere."""
    type_ = told.type.of_type if is_non_null_type(told.type) else told.type
    if is_list_type(type_):
        one = GraphQLInputField(type_.of_type)
        return [_value(one, steps, id_, name, known)]
    named = get_named_type(type_)
    if isinstance(named, GraphQLInputObjectType):
        return _object(named, steps, id_, known)
    if steps == ():
        return id_
    if name in known:
        return known[name]
    if isinstance(named, GraphQLEnumType):
        return next(iter(named.values))
    return _SCALARS.get(named.name, id_)


def _object(
    named: GraphQLInputObjectType,
    steps: tuple[str, ...] | None,
    id_: str,
    known: dict[str, Any],
) -> dict[str, Any]:
    towards = steps[0] if steps else None
    wanted = {
        name: told
        for name, told in named.fields.items()
        if name == towards or is_non_null_type(told.type)
    }
    if named.is_one_of and not wanted:
        wanted = dict([next(iter(named.fields.items()))])
    return {
        name: _value(told, steps[1:] if steps and name == towards else None, id_, name, known)
        for name, told in wanted.items()
    }


def _selection(kind: str, told: GraphQLField) -> str:
    named = get_named_type(told.type)
    if is_leaf_type(named):
        return ""
    if kind == "mutation":
        return "{ __typename userErrors { code field message details { __typename } } }"
    total = " totalCount" if "totalCount" in getattr(named, "fields", {}) else ""
    return f"{{ __typename{total} }}"

"""Every name of the schema, asked for in ways that are wrong, and names that are near to one."""

from collections.abc import Callable, Collection, Iterator
from itertools import chain
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    get_named_type,
    is_input_object_type,
)

from graph.schema import sdl

SCHEMA = build_schema(sdl())
#: What a name is made of that the schema does not have.
NEAR = ("{}x", "{}Id", "x{}")
#: Types whose fields are asked for one by one as well.
ALONE = frozenset({"Query", "Shop", "Product"})
#: An unused variable or fragment is a mistake already, whatever it names.
VARIABLE = "query ($a: {0} = {1}) {{ __typename }}"
FRAGMENT = "{{ __typename }} fragment A on {0} {{ {1} }}"


def wrong_documents(schema: GraphQLSchema) -> Iterator[str]:
    """Yield documents that are wrong: by a name, or in spite of names that are right."""
    types = {name: one for name, one in schema.type_map.items() if not name.startswith("__")}
    yield from _both(types, _fragments)
    yield from _both(types, _variables)
    for name, type_ in types.items():
        yield from of_type(name, type_)
    for name in ("skip", "include", "deprecated", "oneOf"):
        yield from _both([name], lambda one: f"{{ __typename @{one} nothing }}")


def _fragments(names: str) -> str:
    made = [f"fragment F{n} on {one} {{ __typename }}" for n, one in enumerate(names.split())]
    return " ".join(["{ __typename }", *made])


def _variables(names: str) -> str:
    told = " ".join(f"$a{n}: {one} = null" for n, one in enumerate(names.split()))
    return f"query ({told}) {{ __typename }}"


def of_type(name: str, type_: GraphQLNamedType) -> Iterator[str]:
    """Yield documents that are wrong by names inside a type, or in spite of them."""
    if isinstance(type_, GraphQLEnumType):
        yield from _both(type_.values, lambda all_: VARIABLE.format(name, f"[{all_}]"))
    elif isinstance(type_, GraphQLInputObjectType):
        yield from _both(type_.fields, lambda all_: VARIABLE.format(name, _nulls("{}", all_)))
    elif isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
        yield from _both(type_.fields, lambda all_: FRAGMENT.format(name, all_))
        yield from _arguments(name, type_)
        if name in ALONE:
            for field in type_.fields:
                yield from _both([field], lambda one: FRAGMENT.format(name, one))
                yield from _both([field], lambda one: f"{{ {one}(nothing: 1) {{ nothing }} }}")


def _arguments(name: str, type_: GraphQLObjectType | GraphQLInterfaceType) -> Iterator[str]:
    told = {field: list(one.args) for field, one in type_.fields.items() if one.args}
    calls = [
        tuple(_both(arguments, lambda all_, of=field: of + _nulls("()", all_)))  # type: ignore[misc]  # It cannot tell the type of a default.
        for field, arguments in told.items()
    ]
    for first in range(0, len(calls), 40):
        for some in zip(*calls[first : first + 40], strict=True):
            yield FRAGMENT.format(name, " ".join(some))


def _nulls(around: str, names: str) -> str:
    """Return names with null for a value of each."""
    return around[0] + " ".join(f"{one}: null" for one in names.split()) + around[1]


def _both(names: Collection[str], document: Callable[[str], str]) -> Iterator[str]:
    """Yield documents of names, and of as many that are near to one; so many as one may have."""
    every = list(names)
    for first in range(0, len(every), 40):
        some = every[first : first + 40]
        yield document(" ".join(some))
        yield document(" ".join(NEAR[len(one) % len(NEAR)].format(one) for one in some))


def wrong_variables(schema: GraphQLSchema) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield documents that are right, with variables that are not.

    A field of an input that is not there looks like one whose value is bad, or one that is missing.
    """
    for root in (schema.query_type, schema.mutation_type):
        assert root
        kind = root.name.lower()
        for field, told in root.fields.items():
            declared = ", ".join(f"${name}: {one.type}" for name, one in told.args.items())
            passed = ", ".join(f"{name}: ${name}" for name in told.args)
            inside = "{ __typename }" if getattr(get_named_type(told.type), "fields", None) else ""
            call = f"{field}({passed}) @skip(if: true) {inside}"
            for name, argument in told.args.items():
                type_ = get_named_type(argument.type)
                if is_input_object_type(type_):
                    for one in chain(type_.fields, (f"{one}x" for one in type_.fields)):
                        yield f"{kind} ({declared}) {{ {call} }}", {name: {one: {"nothing": 1}}}

"""Documents of one field each: what is not told to be needed is read by nothing else there."""

from collections.abc import Iterator
from typing import Any

from graphql import GraphQLField, GraphQLNonNull, get_named_type, is_leaf_type, is_object_type

from graph.schema import build

#: Type -> ways to its objects.
_WAYS = {
    "Product": (
        "{ products(first: 3, sort: TITLE) { nodes { %s } } }",
        '{ product(by: {slug: "lamp-7"}) { %s } }',
        '{ search(query: "lamp", first: 3, sort: TITLE) { nodes { %s } } }',
        '{ category(slug: "lamps") { products(first: 3) { edges { node { %s } } } } }',
        '{ product(by: {slug: "lamp-7"}) { variants { product { %s } } } }',
        '{ cart(cartToken: "TOKEN") { lines { variant { product { %s } } } } }',
    ),
    "ProductVariant": (
        '{ product(by: {slug: "lamp-7"}) { variants { %s } } }',
        '{ cart(cartToken: "TOKEN") { lines { variant { %s } } } }',
    ),
    "Category": (
        '{ category(slug: "desk-lamps") { %s } }',
        "{ categories { children { %s } } }",
        '{ product(by: {slug: "lamp-7"}) { category { %s } } }',
        '{ product(by: {slug: "lamp-7"}) { category { parent { %s } } } }',
    ),
    "Merchant": ('{ product(by: {slug: "lamp-7"}) { merchant { %s } } }',),
    "CartLine": ('{ cart(cartToken: "TOKEN") { lines { %s } } }',),
    "Cart": ('{ cart(cartToken: "TOKEN") { %s } }',),
}


def documents() -> Iterator[str]:
    """Yield each field alone, by the first way to its object, and by the other ways all fields.

    `TOKEN` stands for that of a cart with lines.
    """
    for type_name, (first, *others) in _WAYS.items():
        yield from (first % one for one in _fields(type_name))
        yield from (way % " ".join(_fields(type_name)) for way in others)


def _fields(type_name: str) -> Iterator[str]:
    """Yield each field of a type, with the leaves of what it gives."""
    for name, field in _members(type_name):
        shown = get_named_type(field.type)
        if is_leaf_type(shown):
            yield name
        elif is_object_type(shown):
            yield f"{name} {{ __typename {' '.join(_leaves(shown.name))} }}"
        else:
            yield f"{name} {{ __typename }}"


def _members(type_name: str) -> Iterator[tuple[str, GraphQLField]]:
    type_: Any = build()._schema.type_map[type_name]
    for name, field in type_.fields.items():
        if not any(isinstance(one.type, GraphQLNonNull) for one in field.args.values()):
            yield name, field


def _leaves(type_name: str) -> list[str]:
    return [name for name, one in _members(type_name) if is_leaf_type(get_named_type(one.type))]

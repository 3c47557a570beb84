"""Arguments are converted as Strawberry does it, by what was made for each field once."""

from collections.abc import Iterator
from typing import Any

import pytest
from graphql import GraphQLObjectType
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.arguments import convert_arguments
from strawberry.types.field import StrawberryField

from graph.arguments import Arguments
from graph.schema import schema
from stores.products import ProductStatus

CASES: list[tuple[str, str, dict[str, Any]]] = [
    ("Query", "products", {}),
    ("Query", "products", {"first": 3, "after": None, "filter": None}),
    ("Query", "products", {"filter": {"brands": ["a", "b"], "price": {"min": 1}}}),
    ("Query", "products", {"filter": {"statuses": [ProductStatus.DRAFT], "brands": None}}),
    ("Query", "search", {"facets": [{"key": "price", "ranges": [{"min": 1, "max": None}, {}]}]}),
    ("Query", "nodes", {"ids": []}),
    ("Product", "specs", {"keys": ["weight"]}),
    (
        "Mutation",
        "updateProduct",
        {"version": 1, "input": {"specs": [{"key": "a", "value": {"number": 1}}], "media": None}},
    ),
]


def fields() -> Iterator[tuple[str, StrawberryField]]:
    for of in schema._schema.type_map.values():
        if isinstance(of, GraphQLObjectType):
            for name, told in of.fields.items():
                field = told.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
                if isinstance(field, StrawberryField):
                    yield f"{of.name}.{name}", field


@pytest.mark.parametrize(("type_", "name", "sent"), CASES)
def test_arguments_are_those_that_strawberry_makes(
    type_: str, name: str, sent: dict[str, Any]
) -> None:
    field = dict(fields())[f"{type_}.{name}"]
    registry = schema.schema_converter.scalar_registry
    expected = convert_arguments(sent, field.arguments, registry, schema.config)

    assert Arguments(schema).of(field)(sent) == expected


def test_list_that_was_sent_is_not_the_one_that_is_changed() -> None:
    ids = ["x"]
    converted = Arguments(schema).of(dict(fields())["Query.nodes"])({"ids": ids})

    assert converted["ids"] == ids
    assert converted["ids"] is not ids


def test_nothing_of_the_shop_is_left_to_strawberry(monkeypatch: pytest.MonkeyPatch) -> None:
    left: list[object] = []
    monkeypatch.setattr(Arguments, "_by_strawberry", lambda _self, type_, _v: left.append(type_))
    made = Arguments(schema)
    for _, field in fields():
        for one in field.arguments:
            value = made._value(one.type)
            value([] if type(one.type).__name__ == "StrawberryList" else None)

    assert left == []

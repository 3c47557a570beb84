"""What strangers learn of the schema: in production nothing but what they ask for by name."""

import re
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    get_introspection_query,
    validate,
)

from graph import request_errors
from stores.settings import Profile, Settings
from tests.shopping import Client, open_shop

LOOKS = [
    "{ __schema { queryType { name } } }",
    '{ __type(name: "Product") { fields { name } } }',
    "{ shop { name } a: __schema { types { name } } }",
    "{ ...A } fragment A on Query { ... { __schema { types { name } } } }",
    "{ shop { name } ... @include(if: false) { __schema { types { name } } } }",
    get_introspection_query(),
]


@pytest.fixture
async def production(embedded_settings: Settings) -> AsyncGenerator[Client]:
    """A shop in production, but for its tokens, which are those of the tests."""
    told = {"profile": Profile.PRODUCTION}
    async with open_shop(embedded_settings.model_copy(update=told)) as opened:
        yield opened


async def seen(shop: Client, user: str | None) -> list[str | None]:
    """Return how each look at the schema is refused, if it is; twice, the second time known."""
    answers = [await shop.send(query, user) for query in LOOKS * 2]
    return [None if "data" in one else one["errors"][0]["extensions"]["code"] for one in answers]


@pytest.mark.slow
async def test_schema_is_shown_to_staff_only(production: Client) -> None:
    for user in ("ola", "mia"):
        assert await seen(production, user) == [None] * 12
    for stranger in (None, "ann"):
        assert await seen(production, stranger) == ["INTROSPECTION_FORBIDDEN"] * 12


async def test_names_of_types_are_told_to_everybody(production: Client) -> None:
    assert await production.ask("{ __typename shop { __typename } }") == {
        "__typename": "Query",
        "shop": {"__typename": "Shop"},
    }


@pytest.mark.slow
async def test_schema_is_shown_to_everybody_in_development(embedded_settings: Settings) -> None:
    async with open_shop(embedded_settings) as shop:
        assert await seen(shop, None) == [None] * 12


GUESSES: list[tuple[str, dict[str, Any]]] = [
    ("{ product { titl } }", {}),
    ("{ produ }", {}),
    ("{ shop { nam } }", {}),
    ("{ products(firs: 1) { totalCount } }", {}),
    ("{ products(sort: NEWES) { totalCount } }", {}),
    ("{ products(filter: {brand: []}) { totalCount } }", {}),
    ("query ($a: ProductFilterInpu) { products(filter: $a) { totalCount } }", {}),
    ("{ shop { ... on Sho { name } } }", {}),
    ("fragment A on Sho { name } { shop { ...A } }", {}),
    ("query ($s: ProductSort!) { products(sort: $s) { totalCount } }", {"s": "NEWES"}),
    ("query ($f: ProductFilterInput) { products(filter: $f) { totalCount } }", {"f": {"brand": 1}}),
    ("{ shop @skp(if: true) { name } }", {}),
]


async def _told(shop: Client) -> list[str]:
    answers = [await shop.send(query, **variables) for query, variables in GUESSES]
    assert all("errors" in one for one in answers)
    return [error["message"] for one in answers for error in one["errors"]]


async def test_nobody_is_told_what_a_guess_was_near_to(
    embedded_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In development, where mistakes are told; in production see test_untold.py."""
    async with open_shop(embedded_settings) as shop:
        await _told_without_names(shop, monkeypatch)


async def _told_without_names(shop: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    told = await _told(shop)
    assert [text for text in told if "id you mean" in text] == []

    # The twin, which takes the messages as they come.
    def plain(schema: GraphQLSchema, node: DocumentNode, _rules: object) -> list[GraphQLError]:
        return validate(schema, node)

    monkeypatch.setattr("graph.limited.mistakes", plain)
    monkeypatch.setattr(request_errors, "_SUGGESTION", re.compile(r"\Z\A"))
    assert len([text for text in await _told(shop) if "id you mean" in text]) >= 8

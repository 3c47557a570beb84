"""Sixty bad inputs over reads: each is told what was wrong and what would be right."""

from base64 import urlsafe_b64encode
from typing import Any

import pytest

from graph import nodes
from tests.shopping import Client

LIST = "products(%s) { nodes { slug } }"
SEARCH = "search(%s) { totalCount }"
BIG = "9" * 12


NOBODY = nodes.encode("Merchant", 5)


def global_id(text: str) -> str:
    return urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def cursor(text: str) -> str:
    return urlsafe_b64encode(text.encode()).decode()


#: Field with its arguments -> code, path of the argument, and a word of what would be right.
INVALID: list[tuple[str, list[str], str]] = [
    ('node(id: "") { id }', [], "shop has given"),
    ('node(id: "x") { id }', [], "shop has given"),
    ('node(id: "商品") { id }', [], "shop has given"),
    (f'node(id: "{"A" * 5000}") {{ id }}', [], "shop has given"),
    (f'node(id: "{global_id("Product:007")}") {{ id }}', [], "shop has given"),
    (f'node(id: "{global_id("Product:" + BIG + BIG)}") {{ id }}', [], "shop has given"),
    (f'node(id: "{global_id("Product:-5")}") {{ id }}', [], "shop has given"),
    (f'node(id: "{global_id("Product:1; DROP")}") {{ id }}', [], "shop has given"),
    ('nodes(ids: ["nonsense"]) { id }', ["ids", "0"], "shop has given"),
    (f"nodes(ids: {['x'] * 101}) {{ id }}".replace("'", '"'), ["ids"], "at most 100"),
    ('product(by: {id: "x"}) { id }', ["by", "id"], "shop has given"),
    (
        f'product(by: {{id: "{nodes.encode("Category", 5)}"}}) {{ id }}',
        ["by", "id"],
        "that of a Product is needed",
    ),
    ('product(by: {sku: {code: "L1-S"}}) { id }', ["by", "sku", "merchantId"], "say whose"),
    ('product(by: {barcode: {code: "1"}}) { id }', ["by", "barcode", "merchantId"], "say whose"),
    (
        'product(by: {sku: {code: "L1-S", merchantId: "?"}}) { id }',
        ["by", "sku", "merchantId"],
        "shop has given",
    ),
    (LIST % "first: 0", ["first"], "1 to 100"),
    (LIST % "first: -1", ["first"], "1 to 100"),
    (LIST % "first: 101", ["first"], "1 to 100"),
    (LIST % "first: 1000000000", ["first"], "1 to 100"),
    (LIST % "last: 0", ["last"], "1 to 100"),
    (LIST % "last: -1", ["last"], "1 to 100"),
    (LIST % "last: 1000000000", ["last"], "1 to 100"),
    (LIST % "first: 2, last: 2", ["last"], "not for both"),
    (LIST % 'after: ""', ["after"], "the same filter and sort"),
    (LIST % 'after: "x"', ["after"], "the same filter and sort"),
    (LIST % 'after: "W10="', ["after"], "the same filter and sort"),
    (LIST % f'after: "{cursor("null")}"', ["after"], "the same filter and sort"),
    (LIST % f'after: "{cursor("[" * 900)}"', ["after"], "the same filter and sort"),
    (LIST % f'before: "{"B" * 9000}"', ["before"], "the same filter and sort"),
    (LIST % 'filter: {merchantId: "x"}', ["filter", "merchantId"], "shop has given"),
    (LIST % 'filter: {price: {min: "2", max: "1"}}', ["filter", "price"], "exchange them"),
    (LIST % f'filter: {{query: "{"q" * 201}"}}', ["filter", "query"], "at most 200"),
    (
        LIST % f"filter: {{brands: {['b'] * 101}}}".replace("'", '"'),
        ["filter", "brands"],
        "At most 100",
    ),
    (
        LIST % 'filter: {updatedAt: {start: "2026-02-01T00:00:00Z", end: "2026-01-01T00:00:00Z"}}',
        ["filter", "updatedAt"],
        "exchange them",
    ),
    (SEARCH % "first: 0", ["first"], "1 to 100"),
    (SEARCH % "first: -1", ["first"], "1 to 100"),
    (SEARCH % "first: 1000000000", ["first"], "1 to 100"),
    (SEARCH % 'after: "x"', ["after"], "the same filter and sort"),
    (SEARCH % f'query: "{"w" * 201}"', ["query"], "at most 200"),
    (
        SEARCH % 'filters: [{key: "colour", match: {anyOf: ["red"]}}]',
        ["filters", "0", "key"],
        "spec.<key>",
    ),
    (
        SEARCH % 'filters: [{key: "spec.", match: {anyOf: ["red"]}}]',
        ["filters", "0", "key"],
        "spec.<key>",
    ),
    (
        SEARCH % 'filters: [{key: "price", match: {anyOf: ["5"]}}]',
        ["filters", "0", "match"],
        "tested by range",
    ),
    (
        SEARCH % f'filters: [{{key: "brand", match: {{anyOf: ["{"b" * 2_001}"]}}}}]',
        ["filters", "0", "match", "anyOf"],
        "at most 2000 characters",
    ),
    (
        SEARCH % 'filters: [{key: "brand", match: {isTrue: true}}]',
        ["filters", "0", "match"],
        "tested by anyOf",
    ),
    (
        SEARCH % 'filters: [{key: "price", match: {range: {min: "9", max: "1"}}}]',
        ["filters", "0", "match", "range"],
        "exchange them",
    ),
    (SEARCH % 'facets: [{key: "size"}]', ["facets", "0", "key"], "spec.<key>"),
    (SEARCH % 'facets: [{key: "brand", limit: 0}]', ["facets", "0", "limit"], "1 to 100"),
    (
        SEARCH % 'facets: [{key: "brand", ranges: [{min: "1"}]}]',
        ["facets", "0", "ranges"],
        "has no ranges",
    ),
    (
        SEARCH % f"facets: {[{'key': 1}] * 21}".replace("'key': 1", 'key: "brand"'),
        ["facets"],
        "at most 20",
    ),
    (
        'product(by: {slug: "lamp-1"}) { media { url(width: 0) } }',
        ["width"],
        "1 to 10000 pixels",
    ),
]
#: Documents that do not fit the schema, and variables of the wrong kind.
REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ('{ product(by: {id: "a", slug: "b"}) { id } }', {}, "GRAPHQL_VALIDATION_FAILED"),
    ("{ product(by: {}) { id } }", {}, "GRAPHQL_VALIDATION_FAILED"),
    ("{ product }", {}, "GRAPHQL_VALIDATION_FAILED"),
    ("{ products(first: 1.5) { nodes { id } } }", {}, "GRAPHQL_VALIDATION_FAILED"),
    (f"{{ products(first: {BIG}) {{ nodes {{ id }} }} }}", {}, "GRAPHQL_VALIDATION_FAILED"),
    ("{ products(sort: CHEAP) { nodes { id } } }", {}, "GRAPHQL_VALIDATION_FAILED"),
    (
        '{ products(filter: {price: {min: "1e9"}}) { nodes { id } } }',
        {},
        "GRAPHQL_VALIDATION_FAILED",
    ),
    (
        '{ products(filter: {price: {min: "NaN"}}) { nodes { id } } }',
        {},
        "GRAPHQL_VALIDATION_FAILED",
    ),
    (
        '{ products(filter: {updatedAt: {start: "yesterday"}}) { nodes { id } } }',
        {},
        "GRAPHQL_VALIDATION_FAILED",
    ),
    ("{ products { nodes { id } }", {}, "GRAPHQL_PARSE_FAILED"),
    ("query ($n: Int) { products(first: $n) { nodes { id } } }", {"n": "x"}, "BAD_USER_INPUT"),
    ("query ($n: Int) { products(first: $n) { nodes { id } } }", {"n": 2**40}, "BAD_USER_INPUT"),
    ("query ($b: ProductByInput!) { product(by: $b) { id } }", {}, "BAD_USER_INPUT"),
    (
        "query ($b: ProductByInput!) { product(by: $b) { id } }",
        {"b": {"id": None}},
        "BAD_USER_INPUT",
    ),
    ("query ($i: ID!) { node(id: $i) { id } }", {"i": 1.5}, "BAD_USER_INPUT"),
]


@pytest.mark.parametrize(("asked", "field", "hint"), INVALID, ids=range(len(INVALID)))
async def test_bad_argument_is_told_with_what_would_be_right(
    client: Client, asked: str, field: list[str], hint: str
) -> None:
    answer = await client.send(f"{{ {asked} }}")

    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "INVALID", error
    assert error["extensions"].get("field", []) == field
    assert hint in error["message"]


@pytest.mark.parametrize(("query", "variables", "code"), REFUSED, ids=range(len(REFUSED)))
async def test_request_that_does_not_fit_is_refused_as_a_whole(
    client: Client, query: str, variables: dict[str, Any], code: str
) -> None:
    answer = await client.send(query, **variables)

    assert "data" not in answer or answer["data"] is None
    assert {error["extensions"]["code"] for error in answer["errors"]} == {code}
    assert all(error["message"] for error in answer["errors"])


async def test_cursor_of_another_list_is_refused(client: Client) -> None:
    page = "{ products(first: 1, sort: TITLE) { pageInfo { endCursor } } }"
    theirs = (await client.ask(page))["products"]["pageInfo"]["endCursor"]
    others = [
        LIST % f'after: "{theirs}", sort: NEWEST',
        LIST % f'after: "{theirs}", sort: TITLE, filter: {{brands: ["Lumo"]}}',
        f'category(slug: "lamps") {{ products(after: "{theirs}", sort: TITLE) {{ totalCount }} }}',
        SEARCH % f'after: "{theirs}", sort: TITLE',
    ]

    for asked in others:
        (error,) = (await client.send(f"{{ {asked} }}"))["errors"]
        assert error["extensions"]["code"] == "INVALID", asked


async def test_buyers_may_not_list_what_is_not_on_sale(client: Client) -> None:
    query = f"{{ {LIST % 'filter: {statuses: [DRAFT]}'} }}"
    for user in (None, "ann"):
        (error,) = (await client.send(query, user))["errors"]
        assert error["extensions"]["code"] == "FORBIDDEN"
        assert "MERCHANT or OWNER" in error["message"]


@pytest.mark.parametrize(
    "asked",
    [
        f'node(id: "{nodes.encode("Product", 77)}") {{ id }}',
        f'node(id: "{nodes.encode("User", 77)}") {{ id }}',
        f'node(id: "{nodes.encode("Nothing", 77)}") {{ id }}',
        f'product(by: {{id: "{nodes.encode("Product", 77)}"}}) {{ id }}',
        'product(by: {slug: "no-such-thing"}) { id }',
        'product(by: {slug: "draft-lamp"}) { id }',
        f'product(by: {{sku: {{code: "?", merchantId: "{NOBODY}"}}}}) {{ id }}',
        'category(slug: "no-such-shelf") { id }',
        "me { id }",
    ],
)
async def test_unknown_and_foreign_objects_are_null_alike(client: Client, asked: str) -> None:
    answer = await client.send(f"{{ {asked} }}")

    assert list(answer) == ["data"]
    assert list(answer["data"].values()) == [None]

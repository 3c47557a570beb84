"""What a CDN may keep is the same for everybody; anything else nobody keeps."""

import hashlib
from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest
from graphql import parse

from graph import answers, hints, nodes
from graph.documents import limited
from graph.schema import schema
from stores.settings import Settings
from tests.shopping import Client, open_shop
from tests.test_policies import places, selection

LAMP = '{ product(by: {slug: "lamp-7"}) { title } }'


@pytest.fixture
async def shop(embedded_settings: Settings) -> AsyncGenerator[Client]:
    async with open_shop(embedded_settings) as opened:
        yield opened


async def kept(shop: Client, query: str, **headers: str) -> str:
    answer = await shop.http.get("/graphql", params={"query": query}, headers=headers)
    assert answer.status_code in {200, 304}, answer.text
    assert answer.headers["vary"] == "Accept, Authorization"
    assert ("etag" in answer.headers) == (answer.headers["cache-control"] != "no-store")
    return answer.headers["cache-control"]


HINTED = [
    ("{ shop { name } }", "public, max-age=300"),
    ("{ categories { name children { name parent { id } } } }", "public, max-age=300"),
    (LAMP, "public, max-age=60"),
    ("{ products { totalCount pageInfo { endCursor } } }", "public, max-age=60"),
    (
        "{ products { nodes { variants { sku price { amount } } specs { key } } } }",
        "public, max-age=60",
    ),
    ("{ search { totalCount } }", "public, max-age=30"),
    ("{ shop { name } search { totalCount } categories { name } }", "public, max-age=30"),
    (
        '{ category(slug: "lamps") { ... on Node { id } ...C } } fragment C on Category { name }',
        "public, max-age=300",
    ),
    ("{ categories { products { nodes { id } } } }", "public, max-age=60"),
    ("{ shop { name } me { id } }", "no-store"),
    ("{ shop { name } cart { id } }", "no-store"),
    ('{ node(id: "UHJvZHVjdDox") { id } }', "no-store"),
    ("{ shop { name } nodes(ids: []) { id } }", "no-store"),
    ("{ __typename }", "no-store"),
    ("{ __schema { queryType { name } } }", "no-store"),
    ("{ shop { name } __schema { queryType { name } } }", "no-store"),
    # Refused to a stranger: an error, too.
    ("{ warehouses { code } }", "no-store"),
    ("{ shop { name } ... @include(if: false) { me { id } } }", "no-store"),
    ('{ shop { name } node(id: "x") { id } }', "no-store"),
]


async def test_answer_is_kept_as_long_as_its_shortest_field(shop: Client) -> None:
    assert [(query, await kept(shop, query)) for query, _ in HINTED] == HINTED


async def test_what_is_somebodys_own_is_kept_by_nobody(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = {
        "authorization": f"Bearer {shop.token('ann')}",
        "cookie": "theme=dark",
        "x-cart-token": "x",
    }
    assert [await kept(shop, LAMP, **{name: value}) for name, value in ours.items()] == [
        "no-store"
    ] * 3
    posted = await shop.http.post("/graphql", json={"query": LAMP})
    assert posted.headers["cache-control"] == "no-store"
    assert "etag" not in posted.headers

    # The twin, which does not look at who asks.
    monkeypatch.setattr(answers, "_PERSONAL", ())
    assert [await kept(shop, LAMP, **{name: value}) for name, value in ours.items()] == [
        "public, max-age=60"
    ] * 3


async def test_who_has_the_answer_already_is_told_so(shop: Client) -> None:
    async def status(tag: str, query: str = LAMP, **headers: str) -> tuple[int, bytes]:
        told = {"if-none-match": tag, **headers}
        again = await shop.http.get("/graphql", params={"query": query}, headers=told)
        return again.status_code, again.content

    first = await shop.http.get("/graphql", params={"query": LAMP})
    tag = first.headers["etag"]

    assert await status(tag) == await status(f'"a", W/{tag}') == (304, b"")
    for differs in (
        await status('"other"'),
        await status(""),
        await status(tag, LAMP.replace("title", "slug")),
        await status(tag, accept="application/graphql-response+json"),
        await status(tag, authorization=f"Bearer {shop.token('ann')}"),
        await status("*", "{ me { id } }"),
    ):
        assert differs[0] == 200
        assert differs[1]


async def test_twin_with_a_tag_for_every_answer_takes_one_for_another(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graph.answers.hashlib.blake2b", lambda *_, **__: hashlib.sha256())
    tag = (await shop.http.get("/graphql", params={"query": LAMP})).headers["etag"]
    other = {"query": LAMP.replace("title", "slug")}

    again = await shop.http.get("/graphql", params=other, headers={"if-none-match": tag})
    assert again.status_code == 304


async def test_answer_of_304_says_how_long_to_keep_it(shop: Client) -> None:
    tag = (await shop.http.get("/graphql", params={"query": LAMP})).headers["etag"]

    assert await kept(shop, LAMP, **{"if-none-match": tag}) == "public, max-age=60"


@pytest.mark.slow
async def test_every_public_field_is_the_same_to_a_stranger_and_a_shopper(shop: Client) -> None:
    id_ = nodes.encode("Product", await shop.product_key("lamp-7"))
    ann = {"authorization": f"Bearer {shop.token('ann')}"}
    wrong, public = [], 0
    for path, of, name, needs in places():
        asked = {"query": selection(path, of, name).replace("ID", id_)}
        anybody = await shop.http.get("/graphql", params=asked)
        hers = await shop.http.get("/graphql", params=asked, headers=ann)
        is_public = anybody.headers["cache-control"].startswith("public")
        is_same = anybody.json() == hers.json()
        public += is_public
        if hers.headers["cache-control"] != "no-store" or (is_public and (needs or not is_same)):
            wrong.append(asked)

    assert wrong == []
    assert public > 50


def guarded_that_are_public() -> list[str]:
    return [
        query
        for path, of, name, needs in places()
        if needs
        for query in [selection(path, of, name)]
        if limited(schema._schema, parse(query)).facts(None).keeping.header() != "no-store"
    ]


def test_field_that_needs_a_role_is_never_public(monkeypatch: pytest.MonkeyPatch) -> None:
    assert guarded_that_are_public() == []

    # The twin, which does not look at roles.
    of_field, of_type = hints.of_field, hints.of_type
    monkeypatch.setattr(hints, "of_field", lambda field: replace(of_field(field), is_guarded=False))
    monkeypatch.setattr(hints, "of_type", lambda named: replace(of_type(named), is_guarded=False))
    assert guarded_that_are_public() != []


async def test_answer_that_is_too_large_is_not_sent(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "MAX_ANSWER", 200)
    short = await shop.send("{ shop { name } }")
    long = await shop.http.get("/graphql", params={"query": "{ products { nodes { id slug } } }"})

    assert short == {"data": {"shop": {"name": "Test shop"}}}
    assert (long.json()["data"], long.headers["cache-control"]) == (None, "no-store")
    (error,) = long.json()["errors"]
    assert error["extensions"] == {"code": "ANSWER_TOO_LARGE"}

"""Rows are read by what an operation wants: never less than its fields need, in few statements.

A field whose parts are not told is found here: alone in a document, nothing else reads for it.
"""

import re
from pathlib import Path
from typing import Any

import pytest

from graph.declare import HELD
from graph.schema import build, object_types
from loaders import HOMES
from stores.parts import NOT_READ, Wanted
from stores.products import PRODUCTS, VARIANTS, Product, by_slugs
from tests.fields_alone import documents
from tests.shopping import Client

FILL = """mutation ($lines: [VariantQuantityInput!]!) { addCartLines(idempotencyKey: "parts",
  input: {lines: $lines}) { cart { token } userErrors { message } } }"""
VARIANTS_OF = "{ product(by: {slug: %s}) { variants { id } } }"

#: Page of the bench -> statements of the relational store.
PAGES = {"list20": 1, "product": 2, "search": 2, "cart": 1, "nested": 3}
#: Indexes and data sheets in files are asked by statements too; they are not counted here.
_IN_FILES = re.compile(r"\b(spec_documents|generations|words_\d+|heads_\d+)\b")


async def _token(client: Client, *slugs: str) -> str:
    lines = []
    for slug in slugs or ("lamp-7", "lamp-8"):
        found = await client.ask(VARIANTS_OF % f'"{slug}"')
        lines.append({"variantId": found["product"]["variants"][0]["id"], "quantity": 2})
    filled = await client.ask(FILL, lines=lines)
    token: str = filled["addCartLines"]["cart"]["token"]
    return token


async def _different(client: Client, user: str | None) -> list[str]:
    """Return the documents that plans answer otherwise than graphql-core."""
    token, schema, wrong = await _token(client), build(), []
    for document in documents():
        asked = document.replace("TOKEN", token)
        try:
            planned = await client.send(asked, user)
            schema.is_planned = False
            if _told(planned) != _told(await client.send(asked, user)):
                wrong.append(document)
        finally:
            schema.is_planned = True
    return wrong


def _told(answer: dict[str, Any]) -> Any:
    errors = [(one["message"], one.get("path")) for one in answer.get("errors", ())]
    return answer.get("data"), sorted(errors, key=repr)


async def test_each_field_alone_reads_what_it_shows(client: Client) -> None:
    assert await _different(client, "ola") == []


@pytest.mark.slow
@pytest.mark.parametrize("settings", ["embedded"], indirect=True)
async def test_twin_that_tells_no_part_shows_less(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graph.execution._want", lambda ctx, _: ctx.loaders.want(frozenset()))
    schema = build()
    monkeypatch.delitem(vars(schema), "planner", raising=False)
    try:
        wrong = await _different(client, None)
    finally:
        vars(schema).pop("planner", None)

    assert "{ products(first: 3, sort: TITLE) { nodes { title } } }" in wrong


@pytest.mark.parametrize("name", PAGES)
async def test_page_takes_as_many_statements_as_it_says(
    client: Client, statements: list[str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1] / "bench"))
    import pages_documents  # noqa: PLC0415  It lies beside the programs.

    wanted = pages_documents.Wanted("lamp-7", "lamps", "lamp", await _token(client))
    page = pages_documents.pages(wanted)[name]
    # The first cart learns which promotions there are.
    await client.ask(page.document, **page.variables)
    counts = []
    for _ in range(3):
        statements.clear()
        await client.ask(page.document, **page.variables)
        counts.append(sum(not _IN_FILES.search(one) for one in statements))

    assert counts == [PAGES[name]] * 3


async def test_column_that_was_not_read_is_refused(client: Client) -> None:
    async with client.mall.stores.database.read() as session:
        found = await by_slugs(session, ["lamp-7"], Wanted(frozenset({"Product.title"})))
        whole = await by_slugs(session, ["lamp-7"])

    few, all_ = found["lamp-7"], whole["lamp-7"]
    assert (few.id, few.title, few.slug) == (all_.id, all_.title, "lamp-7")
    assert few.description is NOT_READ
    assert few.description is not None
    for use in (str, bool, list, len, hash, lambda one: one == "", lambda one: one.strip):
        with pytest.raises(LookupError, match="was not read"):
            use(few.description)


def test_each_part_is_known_and_has_a_home() -> None:
    known = PRODUCTS.known() | VARIANTS.known()
    told = {
        part
        for type_ in object_types(build())
        for field in type_.fields
        for part in field.metadata.get("parts", ())
    }

    assert told <= known
    joined = {part for kind in (PRODUCTS, VARIANTS) for part in kind.beside}
    assert joined <= HOMES.keys()
    assert Product in HELD.values()

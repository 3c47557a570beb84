"""The search index, when a store that it is made from, or it itself, has lost something."""

from collections.abc import AsyncGenerator

import pytest

from jobs import search_index
from mallgraph import app
from stores import products
from stores.search import SearchDocument
from tests.search_shelf import settle
from tests.shopping import Client


@pytest.fixture(autouse=True)
def _nobody_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "BACKGROUND", ())


async def test_product_whose_specs_are_lost_keeps_no_other_out_of_the_index(shop: Client) -> None:
    lost = await shop.product_key("lamp-2")
    async with shop.mall.stores.database.read() as session:
        found = await products.by_ids(session, [lost])
    await shop.mall.stores.specs.remove([found[lost].specs_id or 0])

    assert await search_index.reindex(shop.mall) > 1
    slugs = await shop.ask('{ search(query: "lamp") { nodes { slug } } }')
    assert {"lamp-1", "lamp-2"} <= {node["slug"] for node in slugs["search"]["nodes"]}


async def test_index_that_was_lost_is_built_anew_at_the_next_start(shop: Client) -> None:
    query = '{ search(query: "lamp") { totalCount } }'
    before = await shop.ask(query)

    async def nothing() -> AsyncGenerator[list[SearchDocument]]:
        some: list[list[SearchDocument]] = []
        for each in some:
            yield each

    await shop.mall.stores.search.rebuild(nothing())
    assert (await shop.ask(query))["search"]["totalCount"] == 0
    await search_index.fill_if_lost(shop.mall)
    await settle(shop.mall.stores.search)
    assert await shop.ask(query) == before

"""Shelves that are renamed and moved, and the products on them, which follow."""

import asyncio
import time
from typing import Any

import pytest
from sqlalchemy import Select, select

from graph import nodes
from resolvers import product_writes
from stores import listing_moves, listing_tables, listings
from stores.ids import utc_now
from stores.products import Product
from stores.sql import Database, WriteSession
from tests.product_writing import category_id, create, done, euros, everything, key
from tests.search_shelf import settle
from tests.shopping import Client

UPDATE = """
mutation ($key: ID!, $version: Int!, $input: UpdateCategoryInput!) {
  updateCategory(idempotencyKey: $key, version: $version, input: $input) {
    category { id version slug name position parent { slug } }
    isReplay
    userErrors { code field message details { ... on VersionConflictDetails {
      currentVersion current { ... on Category { version name } } } } }
  }
}
"""
TREE = "{ categories { slug position children { slug position children { slug position } } } }"
LIST = """query ($slug: String!) { category(slug: $slug) {
  products(first: 100, sort: TITLE) { nodes { slug } totalCount } } }"""
SEARCH = """query ($words: String, $slug: [String!]!) {
  search(query: $words, first: 100, filters: [{key: "category", match: {anyOf: $slug}}]) {
    nodes { slug } } }"""
LAMPS = ["lamp-1", "lamp-3", "lamp-5"]


async def change(
    shop: Client, of: str, /, version: int = 1, key_: str = "", **given: Any
) -> dict[str, Any]:
    whole = {"categoryId": await category_id(shop, of), **given}
    answer = await shop.ask(UPDATE, "mia", key=key_ or key(), version=version, input=whole)
    payload: dict[str, Any] = answer["updateCategory"]
    return payload


async def changed(shop: Client, of: str, /, **given: Any) -> dict[str, Any]:
    payload = await change(shop, of, **given)
    assert payload["userErrors"] == [], payload
    category: dict[str, Any] = payload["category"]
    return category


async def listed(shop: Client, slug: str) -> list[str]:
    found = (await shop.ask(LIST, slug=slug))["category"]["products"]
    assert found["totalCount"] == len(found["nodes"])
    return [one["slug"] for one in found["nodes"]]


async def tree(shop: Client) -> list[Any]:
    """Return slugs, those below in lists behind theirs; positions grow from 0 everywhere."""
    return _slugs((await shop.ask(TREE))["categories"])


def _slugs(found: list[dict[str, Any]]) -> list[Any]:
    assert [one["position"] for one in found] == list(range(len(found)))
    slugs: list[Any] = []
    for one in found:
        slugs += [one["slug"], *filter(None, [_slugs(one.get("children", []))])]
    return slugs


async def test_shelf_is_renamed_and_stays_where_it_is(shop: Client) -> None:
    before = await tree(shop)
    assert await tree(shop) == ["lamps", ["desk-lamps", "floor-lamps"], "茶叶", ["绿茶"]]
    category = await changed(shop, "desk-lamps", name=" Table lamps ")

    assert category.pop("id")
    assert category == {
        "version": 2,
        "slug": "desk-lamps",
        "name": "Table lamps",
        "position": 0,
        "parent": {"slug": "lamps"},
    }
    assert await tree(shop) == before


async def test_shelf_is_moved_with_all_that_lies_below(shop: Client) -> None:
    category = await changed(shop, "lamps", parentId=await category_id(shop, "绿茶"))

    assert (category["parent"], category["position"]) == ({"slug": "绿茶"}, 0)
    assert await tree(shop) == ["茶叶", ["绿茶", ["lamps"]]]
    assert await listed(shop, "desk-lamps") == LAMPS
    assert await listed(shop, "lamps") == [*_all_lamps(), "twin"]
    assert await listed(shop, "茶叶") == [*_all_lamps(), "twin", "tea"]
    path = '{ category(slug: "desk-lamps") { parent { slug parent { slug parent { slug } } } } }'
    assert (await shop.ask(path))["category"]["parent"] == {
        "slug": "lamps",
        "parent": {"slug": "绿茶", "parent": {"slug": "茶叶"}},
    }


def _all_lamps() -> list[str]:
    return [f"lamp-{number}" for number in range(1, 7)]


async def test_shelf_is_moved_to_the_top_at_a_place(shop: Client) -> None:
    category = await changed(shop, "desk-lamps", parentId=None, position=0)

    assert (category["parent"], category["position"]) == (None, 0)
    assert await tree(shop) == ["desk-lamps", "lamps", ["floor-lamps"], "茶叶", ["绿茶"]]
    assert await listed(shop, "lamps") == ["lamp-2", "lamp-4", "lamp-6", "twin"]
    assert await listed(shop, "desk-lamps") == LAMPS


async def test_shelf_is_moved_and_back_and_nothing_is_left_over(shop: Client) -> None:
    before = (await everything(shop))["listings"]
    await changed(shop, "desk-lamps", parentId=await category_id(shop, "绿茶"))
    assert (await everything(shop))["listings"] != before
    await changed(shop, "desk-lamps", version=2, parentId=await category_id(shop, "lamps"))
    assert (await everything(shop))["listings"] == before


@pytest.mark.parametrize(("position", "place"), [(0, 0), (1, 1), (99, 1)])
async def test_shelf_takes_its_place_among_siblings(
    shop: Client, position: int, place: int
) -> None:
    category = await changed(shop, "desk-lamps", position=position)
    assert (category["position"], category["version"]) == (place, 2)
    assert (await tree(shop))[1][place] == "desk-lamps"


async def found(shop: Client, words: str | None, slug: str) -> list[str]:
    await settle(shop.mall.stores.search)
    hits = (await shop.ask(SEARCH, words=words, slug=[slug]))["search"]["nodes"]
    return sorted(one["slug"] for one in hits)


async def test_search_follows_a_shelf_within_two_seconds(shop: Client) -> None:
    assert await found(shop, None, "desk-lamps") == LAMPS
    await changed(
        shop,
        "desk-lamps",
        name="Luminaires",
        slug="luminaires",
        parentId=await category_id(shop, "绿茶"),
    )
    began = time.monotonic()
    while time.monotonic() < began + 10:
        if await found(shop, None, "luminaires") == LAMPS:
            break
        await asyncio.sleep(0.05)

    assert time.monotonic() < began + 2
    assert await found(shop, "luminaires", "茶叶") == LAMPS
    assert await found(shop, None, "lamps") == ["lamp-2", "lamp-4", "lamp-6", "twin"]
    assert await found(shop, None, "desk-lamps") == []


async def test_conflict_carries_the_shelf_as_it_is_now(shop: Client) -> None:
    await changed(shop, "lamps", name="Lights")
    payload = await change(shop, "lamps", name="Lanterns")

    (error,) = payload["userErrors"]
    assert error.pop("message")
    assert error == {
        "code": "VERSION_CONFLICT",
        "field": ["version"],
        "details": {"currentVersion": 2, "current": {"name": "Lights", "version": 2}},
    }
    assert payload["category"] is None


async def test_retry_with_the_old_version_is_a_replay(shop: Client) -> None:
    first = await change(shop, "lamps", key_="k1", name="Lights")
    again = await change(shop, "lamps", key_="k1", name="Lights")
    assert again == first | {"isReplay": True}


async def test_of_many_moves_at_once_one_succeeds(shop: Client) -> None:
    homes = [None, await category_id(shop, "茶叶"), await category_id(shop, "绿茶")] * 3
    answers = await asyncio.gather(*(change(shop, "desk-lamps", parentId=home) for home in homes))
    codes = [error["code"] for one in answers for error in one["userErrors"]]
    assert codes == ["VERSION_CONFLICT"] * 8


BAD: list[tuple[str, dict[str, Any], str, str]] = [
    ("lamps", {"categoryId": "x"}, "INVALID", "categoryId"),
    ("lamps", {"categoryId": nodes.encode("Product", 5)}, "INVALID", "categoryId"),
    ("lamps", {"categoryId": nodes.encode("Category", 5)}, "NOT_FOUND", "categoryId"),
    ("lamps", {"name": ""}, "INVALID", "name"),
    ("lamps", {"name": None}, "REQUIRED", "name"),
    ("lamps", {"name": "x" * 101}, "INVALID", "name"),
    ("lamps", {"slug": "Not A Slug"}, "INVALID", "slug"),
    ("lamps", {"slug": None}, "REQUIRED", "slug"),
    ("lamps", {"slug": "绿茶"}, "DUPLICATE", "slug"),
    ("lamps", {"position": -1}, "INVALID", "position"),
    ("lamps", {"position": None}, "REQUIRED", "position"),
    ("lamps", {"parentId": "x"}, "INVALID", "parentId"),
    ("lamps", {"parentId": nodes.encode("Category", 5)}, "NOT_FOUND", "parentId"),
    ("lamps", {"parentId": "lamps"}, "INVALID", "parentId"),
    ("lamps", {"parentId": "desk-lamps"}, "INVALID", "parentId"),
    ("lamps", {"version": 0}, "VERSION_CONFLICT", "version"),
    ("lamps", {"version": 2}, "VERSION_CONFLICT", "version"),
    ("lamps", {"parentId": "deep-5"}, "INVALID", "parentId"),
]


async def test_bad_change_is_told_where_and_nothing_is_written(shop: Client) -> None:
    await _dig(shop)
    before = await everything(shop)
    for slug, given, code, path in BAD:
        ids = {"lamps", "desk-lamps", "deep-5"} & {given.get("parentId")}
        filled = given | {"parentId": await category_id(shop, ids.pop())} if ids else given
        payload = await change(shop, slug, **filled)
        (error,) = payload["userErrors"]
        assert (error["code"], error["field"]) == (code, path.split(".")), given
        assert payload["category"] is None
    assert await everything(shop) == before


async def _dig(shop: Client) -> None:
    """Make five categories, each below the one before."""
    parent = None
    for depth in range(1, 6):
        name = {"name": f"Deep {depth}", "parentId": parent}
        create_ = """mutation ($key: ID!, $input: CreateCategoryInput!) {
          createCategory(idempotencyKey: $key, input: $input) { category { id } } }"""
        answer = await shop.ask(create_, "mia", key=key(), input=name)
        parent = answer["createCategory"]["category"]["id"]


async def test_shelf_without_any_below_fits_where_its_parent_does_not(shop: Client) -> None:
    await _dig(shop)
    category = await changed(shop, "desk-lamps", parentId=await category_id(shop, "deep-5"))
    assert category["parent"] == {"slug": "deep-5"}


async def _overtaken(shop: Client, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Move a shelf while a product is written on it; tell whether the lists are right."""
    real = listings.put

    async def slow(*told: Any, **more: Any) -> None:
        await asyncio.sleep(0.4)
        await real(*told, **more)

    monkeypatch.setattr(listings, "put", slow)
    shelf = await category_id(shop, "desk-lamps")
    writing = asyncio.create_task(
        create(shop, categoryId=shelf, status="ACTIVE", variants=[_variant()])
    )
    await asyncio.sleep(0.2)
    await changed(shop, "desk-lamps", parentId=None)
    done(await writing)
    mine = [slug for slug in ("lamps", "desk-lamps") if "swan-kettle" in await listed(shop, slug)]
    return mine == ["desk-lamps"]


def _variant() -> dict[str, Any]:
    return {"sku": "K-1", "price": euros("1.00")}


async def test_product_written_while_its_shelf_moves_is_listed_right(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await _overtaken(shop, monkeypatch)


@pytest.mark.server
@pytest.mark.parametrize("shop", ["servers"], indirect=True)
async def test_twin_that_does_not_hold_the_shelf_lists_it_wrong(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unguarded(session: WriteSession, written: Any) -> None:
        pass

    monkeypatch.setattr(product_writes, "_hold_shelves", unguarded)
    assert not await _overtaken(shop, monkeypatch)


async def test_products_change_lists_in_one_go_on_every_engine(database: Database) -> None:
    some = [_product(id_) for id_ in range(10, 15)]

    async def work(session: WriteSession) -> None:
        await listings.put(session, [(one, [1, 2, 3]) for one in some], is_new=True)
        await listings.put(session, [(_product(99), [1])], is_new=True)
        await listing_moves.move(session, 3, left=[1, 2], joined=[4])

    await database.transact(work)
    async with database.read() as session:
        found = {
            list_: sorted(await session.rows(int, _listed(list_))) for list_ in (0, 1, 2, 3, 4)
        }
    mine = [one.id for one in some]
    assert found == {0: [*mine, 99], 1: [99], 2: [], 3: mine, 4: mine}


def _listed(list_: int) -> Select[Any]:
    columns = listing_tables.listings.c
    return select(columns.product_id).where(columns.category_id == list_)


def _product(id_: int) -> Product:
    now = utc_now()
    texts = ("slug", "Title", "title", None, None, None)
    return Product(id_, 1, now, now, 1, 1, 3, *texts, "ACTIVE", [], None, 1, 1, "")

"""What every search store does, embedded and on a server, and that both find the same."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest

from stores import search_elastic, search_sqlite
from stores.errors import StoreUnavailable
from stores.search import (
    Condition,
    FacetCount,
    FacetRequest,
    Hits,
    Position,
    RebuildOvertaken,
    SearchDocument,
    SearchQuery,
    SearchSort,
    SearchStore,
    SpecTerm,
)
from stores.search_elastic import ElasticSearch
from stores.search_elastic_mapping import source
from tests.conftest import unique
from tests.proxy import door
from tests.search_shelf import any_product, any_query, batches, fill, opened, product, settle

ENGINES = ["sqlite", pytest.param("elasticsearch", marks=pytest.mark.server)]
HOSTILE = ['" OR NEAR( * \\ : ^ AND', "title:lamp", "lamp*", "(((", "NOT", "{}[]&&||!~?", "\0", "'"]
SHELF = [
    product(
        1,
        "Red lamp",
        brand="Lumo",
        merchant_id=7,
        category_slugs=("home", "lamps"),
        min_price_minor=500,
        is_available=True,
        specs=(SpecTerm("color", "Color", None, ("red",)),),
    ),
    product(
        2,
        "Blue lamp",
        brand="HP",
        merchant_id=8,
        category_slugs=("home",),
        min_price_minor=1_500,
        specs=(
            SpecTerm("color", "Color", None, ("blue", "red")),
            SpecTerm("weight", "Weight", "kg", number=Decimal("0.3")),
            SpecTerm("is_new", "New", None, is_true=True),
        ),
    ),
    product(
        3, "Desk", min_price_minor=9_900, specs=(SpecTerm("is_new", "New", None, is_true=False),)
    ),
]


@pytest.fixture(params=ENGINES)
def search_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path}/search.db"
    return f"{request.getfixturevalue('elasticsearch_url')}/{unique('search')}"


@pytest.fixture
async def store(search_url: str) -> AsyncGenerator[SearchStore]:
    async with opened(search_url) as found:
        yield found


async def ids(store: SearchStore, words: str = "", *conditions: Condition) -> list[int]:
    asked = SearchQuery(words, conditions, sort=SearchSort.PRICE_ASC, limit=1_000)
    return [hit.id for hit in (await store.find(asked)).hits]


async def test_older_version_changes_nothing(store: SearchStore) -> None:
    await fill(store, product(1, "new", 5), product(1, "old", 4))
    await fill(store, product(1, "older", 3))

    assert await ids(store, "new") == [1]
    assert await store.versions([1, 2]) == {1: 5}
    await fill(store, product(1, "newest", 5))
    assert await ids(store, "newest") == [1]


@pytest.mark.server
async def test_twin_without_versions_lets_an_old_one_in(
    elasticsearch_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lines(one: SearchDocument, alias: str) -> list[dict[str, Any]]:
        return [{"index": {"_index": alias, "_id": str(one.id)}}, source(one)]

    monkeypatch.setattr(search_elastic, "_lines", lines)
    async with opened(f"{elasticsearch_url}/{unique('search')}") as twin:
        with pytest.raises(AssertionError):
            await test_older_version_changes_nothing(twin)


async def test_embedded_twin_without_versions_lets_an_old_one_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = search_sqlite._versions

    async def forgotten(*asked: Any) -> dict[int, int]:
        return dict.fromkeys(await real(*asked), 0)

    async with opened(f"sqlite+aiosqlite:///{tmp_path}/search.db") as twin:
        monkeypatch.setattr(search_sqlite, "_versions", forgotten)
        with pytest.raises(AssertionError):
            await test_older_version_changes_nothing(twin)


async def test_unlisted_is_found_by_nobody_and_keeps_older_ones_out(store: SearchStore) -> None:
    await fill(store, product(1, "lamp", 3), product(2, "lamp"))
    await fill(store, SearchDocument(1, 4, is_listed=False))
    await fill(store, product(1, "lamp", 3))

    assert await ids(store, "lamp") == await ids(store) == [2]
    assert await store.versions([1]) == {1: 4}
    assert await store.count() == 1
    assert await store.listed([1, 2, 3]) == {2}


async def test_listed_documents_are_told_page_by_page(store: SearchStore) -> None:
    await fill(store, *(product(id_, "lamp") for id_ in (5, 3, 8)))
    await fill(store, SearchDocument(4, 1, is_listed=False))

    assert await store.listed_after(0, 2) == [3, 5]
    assert await store.listed_after(5, 2) == [8]
    assert await store.listed_after(8, 2) == []


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        (Condition("brand", any_of=("Lumo", "HP")), [1, 2]),
        (Condition("brand", any_of=("lumo",)), []),
        (Condition("brand", any_of=()), []),
        (Condition("category", any_of=("lamps",)), [1]),
        (Condition("category", any_of=("home",)), [1, 2]),
        (Condition("merchant", any_of=("8",)), [2]),
        (Condition("merchant", any_of=("9" * 30,)), []),
        (Condition("isAvailable", is_true=True), [1]),
        (Condition("isAvailable", is_true=False), [2, 3]),
        (Condition("price", minimum=Decimal(500), maximum=Decimal(1_500)), [1, 2]),
        (Condition("price", minimum=Decimal("500.5")), [2, 3]),
        (Condition("price", maximum=Decimal("1e40")), [1, 2, 3]),
        (Condition("spec.color", any_of=("red",)), [1, 2]),
        (Condition("spec.weight", minimum=Decimal("0.3"), maximum=Decimal("0.3")), [2]),
        (Condition("spec.weight", maximum=Decimal("0.299999")), []),
        (Condition("spec.is_new", is_true=True), [2]),
        (Condition("spec.is_new", is_true=False), [3]),
        (Condition("spec.color", is_true=True), []),
        (Condition("color", any_of=("red",)), []),
    ],
)
async def test_condition_is_met_exactly(
    store: SearchStore, condition: Condition, found: list[int]
) -> None:
    await fill(store, *SHELF)

    assert await ids(store, "", condition) == found


async def test_facet_leaves_its_own_condition_out(store: SearchStore) -> None:
    await fill(store, *SHELF)
    chosen = (Condition("brand", any_of=("HP",)), Condition("category", any_of=("home",)))
    facets = tuple(map(FacetRequest, ("brand", "category", "spec.weight", "isAvailable")))
    hits = await store.find(SearchQuery("", chosen, facets))
    brand, category, weight, available = hits.facets

    assert hits.total == 1
    assert brand.values == (FacetCount(1, "HP"), FacetCount(1, "Lumo"))
    assert category.values == (FacetCount(1, "home"),)
    assert (weight.label, weight.unit) == ("Weight", "kg")
    ends = Decimal("0.3")
    assert weight.values == (FacetCount(1, minimum=ends, maximum=ends),)
    assert available.values == (FacetCount(1, "false"),)


@pytest.mark.parametrize("sort", SearchSort)
@pytest.mark.parametrize("words", ["", "lamp"])
async def test_pages_follow_one_another_without_gap(
    store: SearchStore, sort: SearchSort, words: str
) -> None:
    titles = ["lamp", "lamp b", "Lamp b", "lamp ä", "lamp 茶", "lamp 𠀀", "lamp ｱ"]
    made = [product(n, titles[n % 7], min_price_minor=n % 4) for n in range(1, 40)]
    await fill(store, *made)
    found: list[int] = []
    after: Position | None = None
    while hits := (await store.find(SearchQuery(words, sort=sort, after=after, limit=7))).hits:
        found += [hit.id for hit in hits]
        after = hits[-1].position
        assert len(hits) <= 7

    keys = {
        SearchSort.NEWEST: lambda one: -one.id,
        SearchSort.PRICE_ASC: lambda one: (one.min_price_minor, one.id),
        SearchSort.PRICE_DESC: lambda one: (-one.min_price_minor, -one.id),
        SearchSort.TITLE: lambda one: (one.title_key, one.id),
    }
    assert sorted(found) == [one.id for one in made]
    if sort in keys:
        assert found == [one.id for one in sorted(made, key=keys[sort])]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("绿茶", [1]),
        ("茶绿", []),
        ("laptop", [2]),
        ("LAPTOPS", [2]),
        ("笔记本电脑", [2]),
        ("notebook computer", [2]),
        ("ab 12 x", [3]),
        ("AB12-X", [3]),
        ("ab/12.x", [3]),
        ("flowerp", [4]),
        ("flowerpot garden", [4]),
        ("big flowerpot zebra", [4]),
        ("flowerpot zebra", []),
        ("creme", [5]),
        ("flowerpot of the garden", [4]),
        ("garden brulee", []),
    ],
)
async def test_words_find_what_they_mean(store: SearchStore, words: str, found: list[int]) -> None:
    await fill(
        store,
        product(1, "龙井 绿茶", min_price_minor=1),
        product(2, "Notebook", min_price_minor=2),
        product(3, "Spare part", codes=("AB-12.X",), min_price_minor=3),
        product(4, "Big flowerpot", description="for your garden", min_price_minor=4),
        product(5, "Crème brûlée", min_price_minor=5),
        product(6, "绿 and 茶", min_price_minor=6),
    )

    assert await ids(store, words) == found


async def test_title_counts_more_than_description(store: SearchStore) -> None:
    await fill(store, product(1, "lamp"), product(2, "desk", description="beside a lamp"))

    hits = (await store.find(SearchQuery("lamp"))).hits
    assert [hit.id for hit in hits] == [1, 2]
    assert hits[0].score > hits[1].score > 0


@pytest.mark.parametrize("words", HOSTILE)
async def test_hostile_words_are_only_words(store: SearchStore, words: str) -> None:
    await fill(store, *SHELF)
    facet = (FacetRequest("brand"), FacetRequest("spec.a*b\\"))

    hits = await store.find(SearchQuery(words, (), facet, after=(1.0, 2**62)))
    assert hits.total in {0, 2, 3}
    assert await ids(store, "", Condition(f"spec.{words}", any_of=(words,))) == []


async def test_rebuild_drops_what_is_gone_and_takes_older_versions(store: SearchStore) -> None:
    await fill(store, product(1, "lamp", 9), product(2, "lamp"))

    assert await store.rebuild(batches([product(1, "desk", 3)], [product(3, "lamp")])) == 2
    assert await ids(store, "lamp") == [3]
    assert await store.versions([1, 2, 3]) == {1: 3, 3: 1}


async def test_puts_during_a_rebuild_survive(store: SearchStore) -> None:
    await fill(store, product(1, "lamp"))

    async def read() -> AsyncIterator[Sequence[SearchDocument]]:
        yield [product(1, "lamp"), product(2, "lamp")]
        await fill(store, product(1, "desk", 2), product(3, "desk"), product(4, "desk"))
        assert await ids(store, "desk") == [1, 3, 4]
        yield [product(3, "lamp", 0)]

    await store.rebuild(read())
    await settle(store)
    assert await ids(store, "desk") == [1, 3, 4]
    assert await ids(store, "lamp") == [2]


async def test_rebuild_that_breaks_off_leaves_the_old_index(store: SearchStore) -> None:
    await fill(store, product(1, "lamp"))

    async def broken() -> AsyncIterator[Sequence[SearchDocument]]:
        yield [product(2, "lamp")]
        raise StoreUnavailable("relational")

    with pytest.raises(StoreUnavailable):
        await store.rebuild(broken())
    assert await ids(store) == [1]
    await store.rebuild(batches([product(3, "lamp")]))
    assert await ids(store) == [3]


async def test_later_rebuild_goes_on_alone(store: SearchStore) -> None:
    async def overtaken() -> AsyncIterator[Sequence[SearchDocument]]:
        await store.rebuild(batches([product(2, "later")]))
        yield [product(1, "earlier")]

    with pytest.raises(RebuildOvertaken):
        await store.rebuild(overtaken())
    assert await ids(store) == [2]


async def test_several_prepare_at_once(search_url: str) -> None:
    async with opened(search_url) as first, opened(search_url) as second:
        await asyncio.gather(*(one.prepare() for one in (first, second) * 4))
        await fill(first, product(1, "lamp"))
        assert await ids(second) == [1]


@pytest.mark.server
async def test_old_index_that_cannot_be_deleted_costs_nothing(
    elasticsearch_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refused(_store: ElasticSearch, names: Sequence[str]) -> None:
        if names:
            raise StoreUnavailable("search")

    async with opened(f"{elasticsearch_url}/{unique('search')}") as store:
        assert isinstance(store, ElasticSearch)
        with monkeypatch.context() as patch:
            patch.setattr(ElasticSearch, "_delete", refused)
            assert await store.rebuild(batches([product(1, "lamp")])) == 1
        assert await ids(store) == [1]
        assert len(await store._all_indexes()) == 2
        await store.rebuild(batches([product(2, "lamp")]))
        assert await ids(store) == [2]
        assert len(await store._all_indexes()) == 1


@pytest.mark.server
async def test_index_that_is_missing_is_made(elasticsearch_url: str) -> None:
    async with opened(f"{elasticsearch_url}/{unique('search')}") as store:
        assert isinstance(store, ElasticSearch)
        await store._delete(await store._all_indexes())
        assert await ids(store, "lamp") == []
        await store._delete(await store._all_indexes())
        await fill(store, product(1, "lamp"))
        assert await ids(store, "lamp") == [1]


@pytest.mark.server
@pytest.mark.parametrize("how", ["shut", "stick"])
async def test_server_away_is_told_in_time_and_comes_back(elasticsearch_url: str, how: str) -> None:
    async with (
        door(elasticsearch_url) as (its_door, url),
        opened(f"{url}/{unique('search')}", 1) as store,
    ):
        await fill(store, product(1, "lamp"))
        if how == "shut":
            await its_door.shut()
        else:
            its_door.stick()
        for call in (lambda: ids(store), store.count, store.ping, lambda: store.versions([1])):
            began = time.monotonic()
            with pytest.raises(StoreUnavailable):
                await call()
            assert time.monotonic() - began < 2
        if how == "stick":
            await its_door.shut()
        await its_door.open()
        assert await ids(store) == [1]


@pytest.mark.server
async def test_both_engines_find_and_count_the_same(elasticsearch_url: str, tmp_path: Path) -> None:
    chance = Random(7)
    made = [any_product(chance, id_) for id_ in range(1, 201)]
    queries = [any_query(chance) for _ in range(200)]
    async with (
        opened(f"sqlite+aiosqlite:///{tmp_path}/search.db") as embedded,
        opened(f"{elasticsearch_url}/{unique('search')}") as server,
    ):
        await fill(embedded, *made)
        await fill(server, *made)
        for query in queries:
            mine, others = await embedded.find(query), await server.find(query)
            assert _comparable(query, others) == _comparable(query, mine), query


def _comparable(query: SearchQuery, hits: Hits) -> tuple[object, ...]:
    found = [hit.id for hit in hits.hits]
    is_scored = query.sort is SearchSort.RELEVANCE
    return sorted(found) if is_scored else found, hits.total, list(hits.facets)

"""Stores of search to test, and products and queries made by chance."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from decimal import Decimal
from random import Random

from stores.errors import StoreUnavailable
from stores.search import (
    Condition,
    FacetRequest,
    Range,
    SearchDocument,
    SearchQuery,
    SearchSort,
    SearchStore,
    SpecTerm,
    open_search,
)
from stores.search_elastic import ElasticSearch
from stores.text import title_key

_WORDS = ["red", "lamp", "lamps", "notebook", "laptop", "DV7-1211EA", "32GB", "绿茶", "绿", "茶"]
_WORDS += ["Crème", "usb", "wi-fi", "of", "desk"]
_BRANDS = ["", "Lumo", "lumo", "山茶", "HP"]
_COLORS = ["red", "green", "绿", "true"]
_KEYS = ["category", "brand", "merchant", "isAvailable", "price", "nothing"]
_SPECS = ["spec.color", "spec.weight", "spec.is_new", "spec.mixed"]


@asynccontextmanager
async def opened(url: str, seconds: float = 5) -> AsyncGenerator[SearchStore]:
    """Yield a store that is prepared; what a server keeps of it is deleted afterwards."""
    store = open_search(url, seconds)
    try:
        await store.prepare()
        yield store
    finally:
        if isinstance(store, ElasticSearch):
            with suppress(StoreUnavailable):
                await store._delete(await store._all_indexes())
        await store.close()


async def settle(store: SearchStore) -> None:
    """Let searches find what was put."""
    if isinstance(store, ElasticSearch):
        await store.refresh()


async def fill(store: SearchStore, *documents: SearchDocument) -> None:
    await store.put(documents)
    await settle(store)


async def batches(*some: Sequence[SearchDocument]) -> AsyncIterator[Sequence[SearchDocument]]:
    for one in some:
        yield one


def product(id_: int, title: str = "Thing", version: int = 1, **more: object) -> SearchDocument:
    told = {"title": title, "title_key": title_key(title), "category_slugs": ("all",), **more}
    return SearchDocument(id_, version, **told)  # type: ignore[arg-type]


def any_product(chance: Random, id_: int) -> SearchDocument:
    shelves = chance.sample(["tea", "desk lamps", "绿"], k=2)
    return product(
        id_,
        " ".join(chance.choices(_WORDS, k=4)),
        is_listed=chance.random() > 0.05,
        description=" ".join(chance.choices(_WORDS, k=6)),
        brand=chance.choice(_BRANDS),
        codes=(f"AB-{id_:03}", f"00{id_:011}"),
        category_slugs=("all", *shelves),
        category_names=tuple(shelves),
        merchant_id=chance.choice([2, 10, 11]),
        min_price_minor=chance.randrange(0, 5_000, 50),
        is_available=chance.random() > 0.3,
        specs=tuple(_any_specs(chance)),
    )


def _any_specs(chance: Random) -> list[SpecTerm]:
    colors = tuple(chance.sample(_COLORS, k=2))
    weight = Decimal(chance.randrange(-50, 500)) / 100
    label = chance.choice(["Mixed", "mixed"])
    mixed = [
        SpecTerm("mixed", label, "m", number=weight),
        SpecTerm("mixed", label, None, is_true=chance.random() > 0.5),
        SpecTerm("mixed", label, None, ("red", "blue")),
    ]
    every = [
        SpecTerm("color", "Color", None, colors),
        SpecTerm("weight", "Weight", "kg", number=weight),
        SpecTerm("is_new", "New", None, is_true=chance.random() > 0.5),
        chance.choice(mixed),
    ]
    return chance.sample(every, k=3)


def any_query(chance: Random) -> SearchQuery:
    words = " ".join(chance.choices([*_WORDS, "ab-007", "note", "zzz"], k=chance.randrange(4)))
    keys = chance.sample([*_KEYS, *_SPECS], k=chance.randrange(5))
    return SearchQuery(
        words,
        tuple(_any_condition(chance) for _ in range(chance.randrange(3))),
        tuple(_any_facet(chance, key) for key in keys),
        chance.choice(list(SearchSort)),
        limit=1_000,
    )


def _any_facet(chance: Random, key: str) -> FacetRequest:
    ranges = (Range(None, Decimal(1)), Range(Decimal(1), Decimal("2.5")), Range(Decimal(900), None))
    return FacetRequest(key, chance.randrange(1, 5), chance.choice([(), (), ranges]))


def _any_condition(chance: Random) -> Condition:
    key = chance.choice([*_KEYS, *_SPECS])
    match chance.randrange(4):
        case 0:
            return Condition(key, is_true=chance.random() > 0.5)
        case 1:
            low = Decimal(chance.randrange(-100, 200)) / 100
            return Condition(key, minimum=low, maximum=chance.choice([None, low + 1_000]))
    values = ["2", "10", "tea", "绿", *_BRANDS, *_COLORS]
    return Condition(key, any_of=tuple(chance.sample(values, k=6)))

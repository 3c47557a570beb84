"""Search: what an index keeps of a product, what it can be asked, and where it lives.

The index finds; price, stock and permission are read from the relational store afterwards.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import Protocol

STORE = "search"

#: Name of the consumer of events that feeds the index.
CONSUMER = "search"


@dataclass(frozen=True, slots=True)
class SpecTerm:
    """One spec of a product as the index keeps it: words, a number, or yes and no."""

    key: str
    label: str
    unit: str | None
    values: tuple[str, ...] = ()
    number: Decimal | None = None
    is_true: bool | None = None


@dataclass(frozen=True, slots=True)
class SearchDocument:
    """A product as the index keeps it; of two, the one with the higher version stays.

    One that is not listed is found by nobody, but its version still keeps older ones out.
    """

    id: int
    version: int
    is_listed: bool = True
    merchant_id: int = 0
    title: str = ""
    subtitle: str = ""
    description: str = ""
    brand: str = ""
    #: SKUs and barcodes of all variants.
    codes: tuple[str, ...] = ()
    #: Slugs of its category and of all above it, top first.
    category_slugs: tuple[str, ...] = ()
    category_names: tuple[str, ...] = ()
    min_price_minor: int = 0
    is_available: bool = False
    #: The title as it sorts; see `stores.text.title_key`.
    title_key: str = ""
    specs: tuple[SpecTerm, ...] = ()


class SearchSort(Enum):
    """Sequence of the hits."""

    RELEVANCE = "RELEVANCE"
    NEWEST = "NEWEST"
    PRICE_ASC = "PRICE_ASC"
    PRICE_DESC = "PRICE_DESC"
    TITLE = "TITLE"


@dataclass(frozen=True, slots=True)
class Condition:
    """A test of one key: category, brand, price, merchant, isAvailable or spec.<key>.

    Exactly one kind of test is given: `any_of`, a range (either end may be open, both ends are
    included; prices in minor units), or `is_true`. A key that no product has, or a test that does
    not fit what they have, is met by none. Numbers are compared to a millionth.
    """

    key: str
    any_of: tuple[str, ...] | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    is_true: bool | None = None


@dataclass(frozen=True, slots=True)
class Range:
    """Numbers from minimum to maximum, both included; None is open."""

    minimum: Decimal | None
    maximum: Decimal | None


@dataclass(frozen=True, slots=True)
class FacetRequest:
    """Which values of a key to count: the most frequent `limit`, or these ranges.

    A key of numbers without ranges is counted in up to five of its own.
    """

    key: str
    limit: int = 20
    ranges: tuple[Range, ...] = ()


#: The sort's values, then the id: tells the place of a hit in its list.
Position = tuple[str | int | float, ...]

#: The kinds of the values of a position.
KINDS: dict[SearchSort, tuple[type, ...]] = {
    SearchSort.RELEVANCE: (float, int),
    SearchSort.NEWEST: (int,),
    SearchSort.PRICE_ASC: (int, int),
    SearchSort.PRICE_DESC: (int, int),
    SearchSort.TITLE: (str, int),
}


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """What is searched for; without words all products that meet the conditions."""

    words: str = ""
    conditions: tuple[Condition, ...] = ()
    facets: tuple[FacetRequest, ...] = ()
    sort: SearchSort = SearchSort.RELEVANCE
    after: Position | None = None
    limit: int = 20


@dataclass(frozen=True, slots=True)
class Hit:
    """A product that was found."""

    id: int
    score: float
    position: Position


@dataclass(frozen=True, slots=True)
class FacetCount:
    """How many hits have one value, or lie in one range."""

    count: int
    value: str | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None


@dataclass(frozen=True, slots=True)
class FacetCounts:
    """Counts of one key, most frequent first; each leaves its own condition out of account."""

    key: str
    #: Of a spec; the others are named by whoever asked.
    label: str | None = None
    unit: str | None = None
    values: tuple[FacetCount, ...] = ()


@dataclass(frozen=True, slots=True)
class Hits:
    """A page of hits, how many there are in all, and the facets in the order asked for."""

    hits: Sequence[Hit]
    total: int
    facets: Sequence[FacetCounts] = field(default=())


class RebuildOvertaken(Exception):
    """Another rebuild of the index began later, and goes on alone."""


class SearchStore(Protocol):
    """An index of products. Every method raises StoreUnavailable."""

    async def find(self, query: SearchQuery) -> Hits:
        """Return the hits of a query.

        Each term is found in some field, or a code is the whole query. If the words find no
        listed product at all, conditions aside, they are read less strictly:
        `stores.readings` says how.
        """
        ...

    async def put(self, documents: Sequence[SearchDocument]) -> None:
        """Take in documents; one that is older than what is kept changes nothing."""
        ...

    async def rebuild(self, documents: AsyncIterator[Sequence[SearchDocument]]) -> int:
        """Build a new index of exactly these beside the old one, then take its place.

        What `put` takes in meanwhile, in any process, goes to both. Returns how many documents
        are listed in it. When it is broken off, the old index stays as it is. Raises
        RebuildOvertaken when another one began meanwhile.
        """
        ...

    async def versions(self, ids: Sequence[int]) -> dict[int, int]:
        """Return the version that is kept of each document, by id; unknown ids are left out."""
        ...

    async def listed(self, ids: Sequence[int]) -> set[int]:
        """Return which of these documents are listed."""
        ...

    async def listed_after(self, id_: int, limit: int) -> list[int]:
        """Return ids of listed documents behind an id, in order; maybe not what came just now."""
        ...

    async def count(self) -> int:
        """Return how many documents are listed."""
        ...

    async def prepare(self) -> None:
        """Create what is missing."""
        ...

    async def ping(self) -> None:
        """Return if the store answers."""
        ...

    async def close(self) -> None:
        """Give back what the store holds."""
        ...


def open_search(url: str, timeout_seconds: float) -> SearchStore:
    """Return the store of `url`: `sqlite+aiosqlite:///file` or `http(s)://host:port/index`."""
    # Imported here, as an embedded shop needs no client of a server and shall start fast.
    if url.startswith("http"):
        from stores.search_elastic import ElasticSearch  # noqa: PLC0415

        return ElasticSearch(url, timeout_seconds)
    from stores.search_sqlite import SqliteSearch  # noqa: PLC0415

    return SqliteSearch(url, timeout_seconds)

"""Searching: the index finds, the relational store tells what is true now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Self

from resolvers import categories, merchants, products
from resolvers.context import Context
from resolvers.pages import Page
from stores import money, outbox
from stores.errors import Invalid
from stores.ids import MAX_ID
from stores.keyset import Window
from stores.products import Product
from stores.search import (
    CONSUMER,
    Condition,
    FacetCount,
    FacetCounts,
    FacetRequest,
    Hit,
    SearchQuery,
    SearchSort,
)

MAX_WORDS = 200
MAX_CHOICES = 100
MAX_KEY = 70
MAX_VALUE = 2_000
SPEC = "spec."
LABELS = {
    "category": "Category",
    "brand": "Brand",
    "price": "Price",
    "merchant": "Merchant",
    "isAvailable": "Available",
}
USUAL = (FacetRequest("category"), FacetRequest("brand"), FacetRequest("price"))
_BOOLEANS = {"true": "Yes", "false": "No"}


@dataclass(frozen=True, slots=True)
class Words:
    """What a search is about: its list, whatever page of it is asked for."""

    words: str
    conditions: tuple[Condition, ...]
    sort: SearchSort

    @classmethod
    def of(cls, words: str | None, conditions: tuple[Condition, ...], sort: SearchSort) -> Self:
        """Take the words as they were typed. Raises Invalid if they are too many."""
        told = " ".join((words or "").split())
        if len(told) > MAX_WORDS:
            raise Invalid(f"A query has at most {MAX_WORDS} characters.", ("query",))
        return cls(told, conditions, sort)


@dataclass(frozen=True, slots=True)
class ShownValue:
    """One value of a facet, with its name for people; prices in whole units."""

    label: str
    count: int
    is_selected: bool
    value: str | None
    minimum: Decimal | None
    maximum: Decimal | None


@dataclass(frozen=True, slots=True)
class ShownFacet:
    """Counts of one key, with its name for people."""

    key: str
    label: str
    unit: str | None
    values: Sequence[ShownValue]


@dataclass(frozen=True, slots=True)
class Found:
    """A page of hits with their products as they are now."""

    page: Page[tuple[Hit, Product]]
    total: int
    facets: Sequence[ShownFacet]


async def find(
    ctx: Context, words: Words, facets: tuple[FacetRequest, ...] | None, window: Window
) -> Found:
    """Return a page of hits. Raises StoreUnavailable.

    A hit whose product is gone or no longer on sale is left out: the index learns of it soon.
    """
    asked = SearchQuery(
        words=words.words,
        conditions=words.conditions,
        facets=USUAL if facets is None else facets,
        sort=words.sort,
        after=window.after,
        limit=window.limit,
    )
    hits = await ctx.stores.search.find(asked)
    page = Page.of(hits.hits, window)
    rows = await products.by_ids(ctx, [hit.id for hit in page.rows])
    pairs = [(hit, row) for hit, row in zip(page.rows, rows, strict=True) if row is not None]
    shown = await _shown(ctx, hits.facets, words.conditions)
    return Found(Page(pairs, page.has_next, page.has_previous), hits.total, shown)


async def index_lag_ms(ctx: Context) -> int:
    """Return the age of the oldest change that is not indexed yet, in milliseconds."""
    async with ctx.database.read() as session:
        oldest = await outbox.oldest_waiting(session, CONSUMER)
    return 0 if oldest is None else max(0, int((ctx.clock() - oldest).total_seconds() * 1_000))


def check_condition(condition: Condition, *, has_range: bool, field: Sequence[str]) -> Condition:
    """Return a condition whose test fits its key. Raises Invalid, at the path `field`."""
    _check_key(condition.key, field)
    kind = _kind(condition, has_range=has_range)
    fitting = _fitting(condition.key)
    if kind not in fitting:
        wanted = " or ".join(fitting)
        raise Invalid(f"{condition.key} is tested by {wanted}.", (*field, "match"))
    values = condition.any_of or ()
    if len(values) > MAX_CHOICES:
        raise Invalid(f"At most {MAX_CHOICES} values at a time.", (*field, "match", "anyOf"))
    if any(len(value) > MAX_VALUE for value in values):
        raise Invalid(f"A value has at most {MAX_VALUE} characters.", (*field, "match", "anyOf"))
    return condition


def check_request(request: FacetRequest, *, field: Sequence[str]) -> FacetRequest:
    """Return a facet that can be counted. Raises Invalid, at the path `field`."""
    _check_key(request.key, field)
    if not 1 <= request.limit <= MAX_CHOICES:
        raise Invalid(
            f"limit is {request.limit}; a facet has 1 to {MAX_CHOICES} values.", (*field, "limit")
        )
    if len(request.ranges) > MAX_CHOICES:
        raise Invalid(f"At most {MAX_CHOICES} ranges of a facet.", (*field, "ranges"))
    if request.ranges and "range" not in _fitting(request.key):
        raise Invalid(f"{request.key} has no ranges.", (*field, "ranges"))
    return request


def _check_key(key: str, field: Sequence[str]) -> None:
    is_spec = key.startswith(SPEC) and len(SPEC) < len(key) <= MAX_KEY
    if key not in LABELS and not is_spec:
        raise Invalid(
            f"There is no such key; known are {', '.join(LABELS)} and spec.<key>.", (*field, "key")
        )


def _kind(condition: Condition, *, has_range: bool) -> str:
    if condition.any_of is not None:
        return "anyOf"
    return "range" if has_range else "isTrue"


def _fitting(key: str) -> tuple[str, ...]:
    if key.startswith(SPEC):
        return ("anyOf", "range", "isTrue")
    return {"price": ("range",), "isAvailable": ("isTrue",)}.get(key, ("anyOf",))


async def _shown(
    ctx: Context, facets: Sequence[FacetCounts], conditions: Sequence[Condition]
) -> list[ShownFacet]:
    names = await _names(ctx, facets)
    return [_facet(ctx.currency, one, conditions, names) for one in facets]


async def _names(ctx: Context, facets: Sequence[FacetCounts]) -> Mapping[tuple[str, str], str]:
    slugs = _values(facets, "category")
    rows = await categories.by_slugs(ctx, slugs) if slugs else []
    names = {("category", row.slug): row.name for row in rows if row}
    ids = [int(value) for value in _values(facets, "merchant") if int(value) <= MAX_ID]
    sellers = await merchants.by_ids(ctx, ids) if ids else []
    return names | {("merchant", str(row.id)): row.name for row in sellers if row}


def _values(facets: Sequence[FacetCounts], key: str) -> list[str]:
    return [one.value for facet in facets if facet.key == key for one in facet.values if one.value]


def _facet(
    currency: str,
    counts: FacetCounts,
    conditions: Sequence[Condition],
    names: Mapping[tuple[str, str], str],
) -> ShownFacet:
    label = LABELS.get(counts.key) or counts.label or counts.key.removeprefix(SPEC)
    is_price = counts.key == "price"
    values = [_value(counts.key, one, conditions, names) for one in counts.values]
    shown = [_in_units(one, currency) if is_price else one for one in values]
    labelled = [replace(one, label=one.label or _range(one)) for one in shown]
    return ShownFacet(counts.key, label, currency if is_price else counts.unit, labelled)


def _value(
    key: str,
    counted: FacetCount,
    conditions: Sequence[Condition],
    names: Mapping[tuple[str, str], str],
) -> ShownValue:
    value = counted.value or ""
    label = names.get((key, value)) or _BOOLEANS.get(value, value)
    is_selected = any(one.key == key and _selects(one, counted) for one in conditions)
    return ShownValue(
        label, counted.count, is_selected, counted.value, counted.minimum, counted.maximum
    )


def _range(value: ShownValue) -> str:
    low, high = (
        None if end is None else format(end, "f") for end in (value.minimum, value.maximum)
    )
    if low is None or high is None:
        return f"≥ {low}" if low else f"≤ {high}" if high else ""
    return f"{low} - {high}"


def _selects(condition: Condition, counted: FacetCount) -> bool:
    if counted.value is None:
        return (condition.minimum, condition.maximum) == (counted.minimum, counted.maximum)
    if condition.is_true is not None:
        return counted.value == str(condition.is_true).lower()
    return counted.value in (condition.any_of or ())


def _in_units(value: ShownValue, currency: str) -> ShownValue:
    low, high = (_units(end, currency) for end in (value.minimum, value.maximum))
    return replace(value, minimum=low, maximum=high)


def _units(minor: Decimal | None, currency: str) -> Decimal | None:
    if minor is None or minor == minor.to_integral_value():
        return None if minor is None else money.from_minor(int(minor), currency)
    # An end that no price can have is told as it was sent.
    return minor.scaleb(-money.EXPONENTS[currency]).normalize()

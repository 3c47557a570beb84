"""What search is narrowed by: every product states facts, each a key with a value.

Numbers are kept as whole millionths: both engines then compare them exactly, and alike.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum
from itertools import pairwise
from math import ceil, floor, log10

from stores.search import (
    Condition,
    FacetCount,
    FacetCounts,
    FacetRequest,
    Range,
    SearchDocument,
    SpecTerm,
)

SPEC = "spec."
PRICE = "price"

#: Longer values are cut, in facts and in conditions.
VALUE_CHARACTERS = 256
MILLION = 1_000_000
#: Numbers beyond are kept as this one: the engines keep 63 bits.
GREATEST = 2**63 - 1

OWN_RANGES = 5
#: Two decades: then any range is covered in five steps.
_STEPS = (1, 2, 5, 10, 20, 50, 100)
_NOTHING = Decimal(0)
#: Prices are whole minor units.
_CENT = Decimal(1)


class Kind(IntEnum):
    """Which test a fact can stand."""

    TEXT = 0
    NUMBER = 1
    FLAG = 2


@dataclass(frozen=True, slots=True)
class Fact:
    """One value of one key; a flag is 0 or 1, a number is in millionths."""

    key: str
    kind: Kind
    value: str | int


@dataclass(frozen=True, slots=True)
class Tally:
    """What was counted of one key among the hits."""

    #: Of texts, and of flags as "true" and "false".
    counts: Sequence[tuple[str, int]] = ()
    #: The least and the greatest number, in millionths.
    ends: tuple[int, int] | None = None
    #: Label and unit of a spec, as the newest of the hits names it.
    name: tuple[str | None, str | None] = (None, None)


def facts(document: SearchDocument) -> list[Fact]:
    """Return the facts of a document, each once; of several numbers of a key the first."""
    return list(dict.fromkeys([*_basic(document), *_of_specs(document.specs)]))


def labels(document: SearchDocument) -> dict[str, tuple[str, str | None]]:
    """Return label and unit of each spec, by key of the facet."""
    return {SPEC + spec.key: (spec.label, spec.unit) for spec in reversed(document.specs)}


def _basic(document: SearchDocument) -> Iterator[Fact]:
    for slug in document.category_slugs:
        yield Fact("category", Kind.TEXT, cut(slug))
    if document.brand:
        yield Fact("brand", Kind.TEXT, cut(document.brand))
    yield Fact("merchant", Kind.TEXT, str(document.merchant_id))
    yield Fact(PRICE, Kind.NUMBER, millionths(Decimal(document.min_price_minor)))
    yield Fact("isAvailable", Kind.FLAG, int(document.is_available))


def _of_specs(specs: Iterable[SpecTerm]) -> Iterator[Fact]:
    numbers: set[str] = set()
    for spec in specs:
        key = SPEC + spec.key
        for value in filter(None, map(cut, spec.values)):
            yield Fact(key, Kind.TEXT, value)
        if spec.number is not None and key not in numbers:
            numbers.add(key)
            yield Fact(key, Kind.NUMBER, millionths(spec.number))
        if spec.is_true is not None:
            yield Fact(key, Kind.FLAG, int(spec.is_true))


def cut(value: str) -> str:
    """Return a value as both engines can keep it; a NUL ends a key in Elasticsearch."""
    return value.replace("\0", "")[:VALUE_CHARACTERS]


def millionths(number: Decimal) -> int:
    """Return a number as whole millionths."""
    return max(-GREATEST, min(GREATEST, round(number * MILLION)))


def decimal(value: int) -> Decimal:
    """Return millionths as the number that they are, without zeros at its end."""
    whole, rest = divmod(value, MILLION)
    return Decimal(whole) if not rest else (Decimal(value) / MILLION).normalize()


def bounds(ends: Range | Condition) -> tuple[int, int]:
    """Return both ends of a range in millionths, an open one as far out as can be."""
    low = -GREATEST if ends.minimum is None else millionths(ends.minimum)
    high = GREATEST if ends.maximum is None else millionths(ends.maximum)
    return low, high


def has_range(condition: Condition) -> bool:
    """Whether a condition tests numbers."""
    return condition.minimum is not None or condition.maximum is not None


def merged(counts: Iterable[tuple[str, int]], limit: int) -> tuple[FacetCount, ...]:
    """Return the most frequent values, ties by value, whatever kinds of fact they come from."""
    totals: dict[str, int] = {}
    for value, count in counts:
        totals[value] = totals.get(value, 0) + count
    order = sorted(totals, key=lambda value: (-totals[value], value.encode()))
    return tuple(FacetCount(totals[value], value) for value in order[:limit])


def wanted_ranges(request: FacetRequest, tally: Tally) -> tuple[Range, ...]:
    """Return the ranges that a facet counts: those asked for, or own ones for a key of numbers."""
    if request.ranges or tally.counts or tally.ends is None:
        return request.ranges
    low, high = map(decimal, tally.ends)
    return own_ranges(low, high, smallest=_CENT if request.key == PRICE else _NOTHING)


def facet(
    request: FacetRequest, tally: Tally, ranges: Sequence[Range], counts: Sequence[int]
) -> FacetCounts:
    """Return what is shown of a tally: its ranges, if it has any, or its values."""
    values = ranged(ranges, counts) if ranges else merged(tally.counts, request.limit)
    return FacetCounts(request.key, *tally.name, values=values)


def ranged(ranges: Iterable[Range], counts: Iterable[int]) -> tuple[FacetCount, ...]:
    """Return ranges with their counts, in the order of the ranges."""
    pairs = zip(ranges, counts, strict=True)
    return tuple(FacetCount(n, minimum=one.minimum, maximum=one.maximum) for one, n in pairs)


def own_ranges(low: Decimal, high: Decimal, smallest: Decimal = _NOTHING) -> tuple[Range, ...]:
    """Return up to five ranges with round borders that hold all numbers from low to high.

    Neighbours share their border, as both ends of a range are included; with a `smallest` step
    between numbers, as of prices, they share nothing.
    """
    if low == high:
        return (Range(low, high),)
    borders = _borders(low, high, max((high - low) / OWN_RANGES, smallest))
    last = len(borders) - 2
    return tuple(
        Range(start, end if place == last else end - smallest)
        for place, (start, end) in enumerate(pairwise(borders))
    )


def _borders(low: Decimal, high: Decimal, width: Decimal) -> list[Decimal]:
    power = Decimal(10) ** floor(log10(width))
    # From a border before `low` on, the first step may need one range more than there shall be.
    rounds = (step * power for step in _STEPS if step * power >= width)
    step, first, last = next(found for found in _cuts(low, high, rounds))
    return [decimal(millionths(step * place)) for place in range(first, last + 1)]


def _cuts(
    low: Decimal, high: Decimal, steps: Iterable[Decimal]
) -> Iterator[tuple[Decimal, int, int]]:
    """Yield each step that covers all in few enough ranges, with its first and last multiple."""
    for step in steps:
        first, last = floor(low / step), ceil(high / step)
        if last - first <= OWN_RANGES:
            yield step, first, last


def texts_of(condition: Condition) -> Sequence[str]:
    """Return the texts that a condition allows, as they are kept."""
    return [cut(value) for value in condition.any_of or ()]

"""How an Elasticsearch index counts: values and ranges of facets, and what they are called."""

from collections.abc import Mapping
from typing import Any

from stores.search import Condition, FacetRequest, Range
from stores.search_elastic_mapping import FIELDS, FLAGS, kept, millionths, number
from stores.search_facts import (
    SPEC,
    Kind,
    Tally,
    bounds,
    has_range,
    texts_of,
)

Clause = dict[str, Any]
Bucket = Mapping[str, Any]

#: Flags may stand among the most frequent texts of a key.
_ROOM = len(FLAGS)
NOTHING: Clause = {"match_none": {}}
_MOST_FREQUENT_FIRST = [{"_count": "desc"}, {"_key": "asc"}]


def condition(asked: Condition) -> Clause:
    """Return the test of a condition."""
    if asked.any_of is not None:
        return {"terms": {_field(Kind.TEXT, asked.key): list(texts_of(asked))}}
    if asked.is_true is not None:
        value = kept(Kind.FLAG, int(asked.is_true))
        return {"term": {_field(Kind.FLAG, asked.key): value}}
    return _within(asked.key, asked) if has_range(asked) else NOTHING


def aggregation(facet: FacetRequest) -> dict[str, Clause]:
    """Return the aggregations that count a facet; ranges of its own need those of `ranges`."""
    return {
        "texts": _terms(facet, Kind.TEXT, facet.limit + _ROOM, _MOST_FREQUENT_FIRST),
        "flags": _terms(facet, Kind.FLAG, _ROOM, _MOST_FREQUENT_FIRST),
        "lowest": _terms(facet, Kind.NUMBER, 1, {"_key": "asc"}),
        "highest": _terms(facet, Kind.NUMBER, 1, {"_key": "desc"}),
        "named": _named(facet.key),
        **ranges(facet),
    }


def ranges(facet: FacetRequest) -> dict[str, Clause]:
    """Return the aggregations that count the ranges that are asked for."""
    tests = [_within(facet.key, one) for one in facet.ranges]
    return {f"range {place}": {"filter": test} for place, test in enumerate(tests)}


def tally(facet: FacetRequest, bucket: Bucket) -> Tally:
    """Return what was found of a facet before any range of its own was known."""
    buckets = [*bucket["texts"]["buckets"], *bucket["flags"]["buckets"]]
    found = [(one["key"], one["doc_count"]) for one in buckets]
    ends = [one["key"] for name in ("lowest", "highest") for one in bucket[name]["buckets"]]
    low_high = (millionths(ends[0]), millionths(ends[1])) if ends else None
    return Tally(found, low_high, _called(facet.key, bucket))


def range_counts(bucket: Bucket) -> list[int]:
    """Return how many hits are in each range."""
    # The server may answer in another order than it was asked.
    found = {name: told for name, told in bucket.items() if name.startswith("range ")}
    return [found[f"range {place}"]["doc_count"] for place in range(len(found))]


def _terms(facet: FacetRequest, kind: Kind, size: int, order: Any) -> Clause:
    return {"terms": {"field": _field(kind, facet.key), "size": size, "order": order}}


def _named(key: str) -> Clause:
    newest = {"size": 1, "sort": [{"id": "desc"}], "_source": ["labels"]}
    return {"filter": {"term": {"keys": key}}, "aggs": {"newest": {"top_hits": newest}}}


def _called(key: str, bucket: Bucket) -> tuple[str | None, str | None]:
    """Return label and unit of a spec, as the newest of the products calls it."""
    newest = bucket["named"]["newest"]["hits"]["hits"]
    if not newest or not key.startswith(SPEC):
        return None, None
    told = newest[0]["_source"]["labels"]
    return next(((label, unit) for named, label, unit in told if named == key), (None, None))


def _within(key: str, ends: Range | Condition) -> Clause:
    low, high = map(number, bounds(ends))
    return {"range": {_field(Kind.NUMBER, key): {"gte": low, "lte": high}}}


def _field(kind: Kind, key: str) -> str:
    return f"{FIELDS[kind]}.{key}"

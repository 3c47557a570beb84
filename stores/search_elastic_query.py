"""How an Elasticsearch index is asked: words, conditions, sorts and pages."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any
from zlib import crc32

from stores.readings import Phrase, Reading, Term
from stores.search import FacetCounts, FacetRequest, Hit, SearchQuery, SearchSort
from stores.search_elastic_facets import (
    Clause,
    aggregation,
    condition,
    range_counts,
    ranges,
    tally,
)
from stores.search_facts import facet as shown
from stores.search_facts import wanted_ranges
from stores.search_fields import HEAD_WEIGHTS, WEIGHTS, WHOLE_WEIGHT

EVERYTHING: Clause = {"match_all": {}}
_LISTED: Clause = {"term": {"is_listed": True}}
#: How much the fields count that are not the best one of a phrase.
_OTHER_FIELDS = 0.3

_SORTS: dict[SearchSort, list[Clause]] = {
    SearchSort.RELEVANCE: [{"_score": "desc"}, {"id": "desc"}],
    SearchSort.NEWEST: [{"id": "desc"}],
    SearchSort.PRICE_ASC: [{"min_price_minor": "asc"}, {"id": "asc"}],
    SearchSort.PRICE_DESC: [{"min_price_minor": "desc"}, {"id": "desc"}],
    SearchSort.TITLE: [{"title_key": "asc"}, {"id": "asc"}],
}


class Question:
    """One reading of one query, as the server is asked it and as its answer is read."""

    def __init__(self, query: SearchQuery, reading: Reading | None) -> None:
        """Ask for `query`; without a reading all products match."""
        self._query = query
        self._words = EVERYTHING if reading is None else _matched(reading)
        self._faceted = {facet.key for facet in query.facets}

    def arguments(self) -> dict[str, Any]:
        """Return what is asked for: a page, and all facets."""
        query = self._query
        after = {} if query.after is None else {"search_after": list(query.after)}
        return {
            "query": self._matching(),
            "post_filter": _all(self._conditions(self._faceted)),
            "aggs": {
                str(place): self._narrowed(facet, aggregation(facet))
                for place, facet in enumerate(query.facets)
            },
            "sort": _SORTS[query.sort],
            **after,
            "size": query.limit,
            "source": False,
            "track_scores": True,
            "track_total_hits": True,
            **self._everywhere(),
        }

    def words_alone(self) -> dict[str, Any]:
        """Return what tells whether the words find anything, whatever the conditions."""
        found = {"query": _all([_LISTED, self._words]), "size": 0, "terminate_after": 1}
        return {**found, **self._everywhere()}

    def page(self, answer: Mapping[str, Any]) -> list[Hit]:
        """Return the hits of an answer."""
        return [self._hit(found) for found in answer["hits"]["hits"]]

    def own_ranges(self, answer: Mapping[str, Any]) -> dict[int, FacetRequest]:
        """Return, by place, the facets that found ranges of their own, with these."""
        return {
            place: replace(facet, ranges=ranges_)
            for place, (facet, bucket) in enumerate(self._buckets(answer))
            if (ranges_ := wanted_ranges(facet, tally(facet, bucket))) and not facet.ranges
        }

    def counting(self, own: Mapping[int, FacetRequest]) -> dict[str, Any]:
        """Return what counts such ranges."""
        aggregations = {
            str(place): self._narrowed(facet, ranges(facet)) for place, facet in own.items()
        }
        asked = {"query": self._matching(), "aggs": aggregations, "size": 0}
        return {**asked, **self._everywhere()}

    def facets(
        self,
        answer: Mapping[str, Any],
        own: Mapping[int, FacetRequest],
        counted: Mapping[str, Any],
    ) -> list[FacetCounts]:
        """Return the facets, those of `own` with the ranges that were `counted` afterwards."""
        found = []
        for place, (facet, bucket) in enumerate(self._buckets(answer)):
            asked, counts = own.get(place, facet), counted.get(str(place), bucket)
            told = tally(facet, bucket)
            found.append(shown(asked, told, asked.ranges, range_counts(counts)))
        return found

    def _everywhere(self) -> dict[str, Any]:
        return {
            "allow_partial_search_results": False,
            # Copies of a shard score a little differently: all pages come from the same.
            "preference": f"words-{crc32(self._query.words.encode())}",
        }

    def _hit(self, found: Mapping[str, Any]) -> Hit:
        position = tuple(found["sort"])
        if self._query.sort is SearchSort.RELEVANCE:
            position = (float(position[0]), position[1])
        return Hit(int(found["_id"]), float(found["_score"]), position)

    def _matching(self) -> Clause:
        others = {asked.key for asked in self._query.conditions} - self._faceted
        narrowing = [_LISTED, *self._conditions(others)]
        return {"bool": {"must": [self._words], "filter": narrowing}}

    def _conditions(self, keys: Collection[str]) -> list[Clause]:
        return [condition(asked) for asked in self._query.conditions if asked.key in keys]

    def _narrowed(self, facet: FacetRequest, counted: dict[str, Clause]) -> Clause:
        return {"filter": _all(self._conditions(self._faceted - {facet.key})), "aggs": counted}

    def _buckets(self, answer: Mapping[str, Any]) -> list[tuple[FacetRequest, Mapping[str, Any]]]:
        facets = self._query.facets
        return [(one, answer["aggregations"][str(place)]) for place, one in enumerate(facets)]


def _all(clauses: list[Clause]) -> Clause:
    return {"bool": {"filter": clauses}} if clauses else EVERYTHING


def _matched(reading: Reading) -> Clause:
    """Return what a reading of the words finds: enough of its terms, or its code."""
    terms = [_term(term) for term in reading.terms]
    if reading.by_prefix:
        terms[-1] = _best([terms[-1], *_beginnings(reading, WEIGHTS)])
    found = {"bool": {"should": terms, "minimum_should_match": reading.needed}}
    codes = [_code(reading, WEIGHTS)] if reading.code else []
    either = {"should": [found, *codes], "minimum_should_match": 1, "boost": WHOLE_WEIGHT}
    return {"bool": {"must": [{"bool": either}], "should": _headed(reading)}}


def _headed(reading: Reading) -> list[Clause]:
    """Return what a title or a code has of what was written, or all of it together.

    Synonyms do not count here: rare ones would be worth more than the word that was written.
    """
    written = [term.phrases[0] for term in reading.terms]
    wanted = [*written, tuple(word for one in written for word in one)]
    beginnings = _beginnings(reading, HEAD_WEIGHTS) if reading.by_prefix else []
    codes = [_code(reading, HEAD_WEIGHTS)] if reading.code else []
    return [*(_phrase(one, HEAD_WEIGHTS) for one in wanted), *beginnings, *codes]


def _term(term: Term) -> Clause:
    return _best([_phrase(phrase, WEIGHTS) for phrase in term.phrases])


def _phrase(phrase: Phrase, weights: Mapping[str, float]) -> Clause:
    fields = [f"words.{name}^{weight}" for name, weight in weights.items()]
    told = {"query": " ".join(phrase), "type": "phrase", "fields": fields}
    return {"multi_match": {**told, "tie_breaker": _OTHER_FIELDS}}


def _beginnings(reading: Reading, weights: Mapping[str, float]) -> list[Clause]:
    word = reading.terms[-1].prefix or ""
    return [
        {"prefix": {f"words.{name}": {"value": word, "boost": weight}}}
        for name, weight in weights.items()
    ]


def _code(reading: Reading, weights: Mapping[str, float]) -> Clause:
    return {"term": {"words.codes": {"value": reading.code, "boost": weights["codes"]}}}


def _best(clauses: list[Clause]) -> Clause:
    return clauses[0] if len(clauses) == 1 else {"dis_max": {"queries": clauses}}

"""How an embedded index counts: all facets of a query in one statement, which matches once."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    case,
    func,
    literal,
    literal_column,
    null,
    select,
    union_all,
)

from stores.search import FacetCounts, FacetRequest, Range
from stores.search_facts import SPEC, Kind, Tally, bounds, facet, wanted_ranges
from stores.search_sqlite_query import Search
from stores.search_sqlite_tables import key_number
from stores.sql import ReadSession

_FLAGS = {0: "false", 1: "true"}
#: Flags may stand among the most frequent texts of a key.
_ROOM = len(_FLAGS)
#: Of fewer hits the facts are read one by one, else all facts of a key in their order.
FEW = 1_000


class Facets:
    """The facets of one search."""

    def __init__(self, search: Search) -> None:
        self._search = search
        self._requests = search.query.facets
        # Made once: one scope in many statements is still one thing to find.
        self._all = search.ids().cte("hits").prefix_with("MATERIALIZED")
        self._scopes = [self._scope(one, n) for n, one in enumerate(self._requests)]
        self._total = 0

    async def counts(self, session: ReadSession) -> tuple[int, list[FacetCounts]]:
        """Return how many hits there are, and the facets in the order asked for."""
        self._total = await session.row(int, select(func.count()).select_from(self._all)) or 0
        tallies = await self._tallies(session)
        pairs = list(zip(self._requests, tallies, strict=True))
        ranges = [wanted_ranges(request, tally) for request, tally in pairs]
        counted = await self._counted(session, ranges)
        parts = zip(pairs, ranges, counted, strict=True)
        return self._total, [facet(*pair, some, counts) for pair, some, counts in parts]

    async def _tallies(self, session: ReadSession) -> list[Tally]:
        numbers = range(len(self._requests))
        statements = [part(n) for n in numbers for part in (self._values, self._ends)]
        rows = await _by_place(session, statements)
        tallies = [_tally(rows[2 * n], rows[2 * n + 1][0]) for n in numbers]
        newest = [rows[2 * n + 1][0][2] for n in numbers]
        return await self._named(session, tallies, newest)

    def _scope(self, request: FacetRequest, number: int) -> Select[Any] | None:
        """Select the hits that a facet counts; None if it counts every listed product."""
        conditions = self._search.query.conditions
        others = [one for one in conditions if one.key != request.key]
        if not others and self._search.matched is None:
            return None
        if len(others) == len(conditions):
            return select(self._all.c.id)
        wider = self._search.ids(but=request.key).cte(f"hits_{number}")
        return select(wider.prefix_with("MATERIALIZED").c.id)

    def _of_key(self, number: int, *columns: Any) -> Select[Any]:
        facts, scope = self._search.tables.facts.c, self._scopes[number]
        key = key_number(self._requests[number].key)
        if scope is None:
            return select(*columns).where(facts.key == key)
        # SQLite does not know how many hits there are, and takes the worse index as often as not;
        # it takes none of a column that is calculated with.
        if self._is_narrow(number):
            return select(*columns).where(_bare(facts.key) == key, facts.document_id.in_(scope))
        return select(*columns).where(facts.key == key, _bare(facts.document_id).in_(scope))

    def _is_narrow(self, number: int) -> bool:
        key = self._requests[number].key
        has_own = any(one.key == key for one in self._search.query.conditions)
        return self._total < FEW and not has_own

    def _values(self, number: int) -> Select[Any]:
        facts, count = self._search.tables.facts.c, func.count().label("count")
        top = (
            self._of_key(number, literal(2 * number), facts.value, facts.kind, count)
            .where(facts.kind.in_((Kind.TEXT, Kind.FLAG)))
            .group_by(facts.kind, facts.value)
            .order_by(count.desc(), facts.value)
            .limit(self._requests[number].limit + _ROOM)
        )
        return select(top.subquery())

    def _ends(self, number: int) -> Select[Any]:
        facts = self._search.tables.facts.c
        value = case((facts.kind == Kind.NUMBER, facts.value))
        ends = func.min(value), func.max(value), func.max(facts.document_id)
        statement = self._of_key(number, literal(2 * number + 1), *ends)
        # Only specs are named as their newest does: of other keys only numbers are read.
        is_spec = self._requests[number].key.startswith(SPEC)
        return statement if is_spec else statement.where(facts.kind == Kind.NUMBER)

    async def _counted(
        self, session: ReadSession, ranges: Sequence[Sequence[Range]]
    ) -> list[list[int]]:
        """Count the numbers in each range of each facet."""
        wanted = [(n, some) for n, some in enumerate(ranges) if some]
        statements = [
            self._of_key(number, literal(number), literal(place), null(), func.count()).where(
                self._within(one)
            )
            for number, some in wanted
            for place, one in enumerate(some)
        ]
        rows = await _by_place(session, statements)
        return [[count for _, _, count in sorted(rows[n])] for n in range(len(ranges))]

    def _within(self, ends: Range) -> ColumnElement[bool]:
        facts = self._search.tables.facts.c
        return (facts.kind == Kind.NUMBER) & facts.value.between(*bounds(ends))

    async def _named(
        self, session: ReadSession, tallies: list[Tally], newest: Sequence[int | None]
    ) -> list[Tally]:
        """Name each tally of a spec as the newest of its hits does."""
        keys = [one.key for one in self._requests]
        specs = {n for n, key in enumerate(keys) if key.startswith(SPEC) and newest[n] is not None}
        if not specs:
            return tallies
        labels = self._search.tables.labels.c
        asked = select(labels.id, labels.told).where(labels.id.in_({newest[n] for n in specs}))
        told = dict(await session.rows(lambda id_, text: (id_, json.loads(text)), asked))
        return [
            replace(tally, name=tuple(told[newest[n]][keys[n]])) if n in specs else tally
            for n, tally in enumerate(tallies)
        ]


Row = tuple[Any, Any, Any]


def _bare(column: ColumnElement[int]) -> ColumnElement[int]:
    return column + literal_column("0")


async def _by_place(
    session: ReadSession, statements: Sequence[Select[Any]]
) -> dict[int, list[Row]]:
    """Return the rows of all statements by their first column, each in its own order."""
    found: dict[int, list[Row]] = defaultdict(list)
    if statements:
        asked = statements[0] if len(statements) == 1 else union_all(*statements)
        for place, *row in await session.rows(lambda *columns: columns, asked):
            found[place].append((row[0], row[1], row[2]))
    return found


def _tally(values: Sequence[Row], ends: Row) -> Tally:
    counts = [(_FLAGS[v] if kind == Kind.FLAG else v, count) for v, kind, count in values]
    low, high, _newest = ends
    return Tally(counts, None if low is None else (low, high))

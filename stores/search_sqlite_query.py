"""How an embedded index is asked."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Select,
    case,
    false,
    func,
    literal,
    literal_column,
    select,
    union_all,
)

from stores.keyset import Keyset, Window
from stores.search import (
    Condition,
    FacetCount,
    FacetCounts,
    FacetRequest,
    Hit,
    Hits,
    Range,
    SearchQuery,
    SearchSort,
)
from stores.search_fields import WEIGHTS, own_ranges
from stores.search_sqlite_tables import document_categories, document_specs, documents, words
from stores.sql import ReadSession
from stores.text import Phrase, Reading, Term, readings

SPEC = "spec."
_RANK: ColumnElement[float] = literal_column(
    f"-bm25(words, {', '.join(map(str, WEIGHTS.values()))})"
)
#: What a product without words to match scores.
_EVEN = 1.0

_id, _price, _title = documents.c.id, documents.c.min_price_minor, documents.c.title_key
_SORTS = {
    SearchSort.NEWEST: Keyset(_id, descending=True),
    SearchSort.PRICE_ASC: Keyset(_price, _id),
    SearchSort.PRICE_DESC: Keyset(_price, _id, descending=True),
    SearchSort.TITLE: Keyset(_title, _id),
}


async def find(session: ReadSession, query: SearchQuery) -> Hits:
    """Return the hits of the strictest reading of the words that has any."""
    found = Hits((), 0)
    read: list[CTE | None] = [_matched(one) for one in readings(query.words)]
    for matched in read or [None]:
        found = await _Search(session, query, matched).hits()
        if found.total:
            break
    return found


class _Search:
    """One reading of one query."""

    def __init__(self, session: ReadSession, query: SearchQuery, matched: CTE | None) -> None:
        self._session = session
        self._query = query
        self._matched = matched

    async def hits(self) -> Hits:
        total = await self._session.row(int, self._narrowed(func.count())) or 0
        if not total:
            return Hits((), 0, [FacetCounts(one.key) for one in self._query.facets])
        facets = [await self._facet(one) for one in self._query.facets]
        return Hits(await self._page(), total, facets)

    async def _page(self) -> list[Hit]:
        query, score = self._query, self._score()
        keyset = self._keyset(score)
        window = Window(query.limit, query.after)
        statement = (
            self._narrowed(_id, _price, _title, score)
            .where(keyset.inside(window))
            .order_by(*keyset.order(window))
            .limit(query.limit)
        )
        return await self._session.rows(self._hit, statement)

    def _score(self) -> ColumnElement[float]:
        return literal(_EVEN) if self._matched is None else self._matched.c.score

    def _keyset(self, score: ColumnElement[float]) -> Keyset:
        if self._query.sort is SearchSort.RELEVANCE:
            return Keyset(score, _id, descending=True)
        return _SORTS[self._query.sort]

    def _hit(self, id_: int, price: int, title: str, score: float) -> Hit:
        positions = {
            SearchSort.RELEVANCE: (score, id_),
            SearchSort.NEWEST: (id_,),
            SearchSort.TITLE: (title, id_),
        }
        return Hit(id_, score, positions.get(self._query.sort, (price, id_)))

    def _narrowed(self, *columns: Any, but: str | None = None) -> Select[Any]:
        """Select of the documents that match; the conditions of the key `but` do not count."""
        statement = select(*columns).select_from(documents).where(documents.c.is_listed)
        if self._matched is not None:
            statement = statement.join_from(documents, self._matched, self._matched.c.id == _id)
        told = [_condition(one) for one in self._query.conditions if one.key != but]
        return statement.where(*told)

    async def _facet(self, request: FacetRequest) -> FacetCounts:
        if request.key.startswith(SPEC):
            return await self._spec_facet(request)
        if request.key == "price":
            return await self._number_facet(request, _price, None)
        values = await self._values(request)
        return FacetCounts(request.key, values=tuple(values))

    async def _values(self, request: FacetRequest) -> list[FacetCount]:
        if request.key not in _VALUES:
            return []
        value, join = _VALUES[request.key]
        statement = join(self._narrowed(value.label("value"), func.count(), but=request.key))
        return await self._counted(statement, value, request.limit)

    async def _counted(
        self, statement: Select[Any], value: ColumnElement[Any], limit: int
    ) -> list[FacetCount]:
        ordered = statement.group_by(value).order_by(func.count().desc(), value).limit(limit)
        return await self._session.rows(lambda shown, count: FacetCount(count, str(shown)), ordered)

    async def _spec_facet(self, request: FacetRequest) -> FacetCounts:
        key = request.key.removeprefix(SPEC)
        told = await self._session.row(_SpecKind, self._spec_kind(key, request.key))
        if told is None or told.rows == 0:
            return FacetCounts(request.key)
        counts = await self._spec_values(request, key, told)
        return replace(counts, label=told.label, unit=told.unit)

    def _spec_kind(self, key: str, but: str) -> Select[Any]:
        columns = document_specs.c
        return self._with_spec(
            key,
            func.count(),
            func.min(columns.label),
            func.min(columns.unit),
            func.count(columns.value),
            func.count(columns.number),
            but=but,
        )

    async def _spec_values(self, request: FacetRequest, key: str, told: "_SpecKind") -> FacetCounts:
        columns = document_specs.c
        if request.ranges or (told.numbers and not told.texts):
            return await self._number_facet(request, columns.number, key)
        truth = case((columns.is_true, "true"), else_="false")
        value = columns.value if told.texts else truth
        statement = self._with_spec(key, value, func.count(_id.distinct()), but=request.key)
        present = columns.value.is_not(None) if told.texts else columns.is_true.is_not(None)
        counted = await self._counted(statement.where(present), value, request.limit)
        return FacetCounts(request.key, values=tuple(counted))

    def _with_spec(self, key: str, *columns: Any, but: str) -> Select[Any]:
        statement = self._narrowed(*columns, but=but)
        its = (document_specs.c.document_id == _id) & (document_specs.c.key == key)
        return statement.join_from(documents, document_specs, its)

    async def _number_facet(
        self, request: FacetRequest, number: ColumnElement[Any], spec: str | None
    ) -> FacetCounts:
        def counting(*columns: Any) -> Select[Any]:
            if spec is None:
                return self._narrowed(*columns, but=request.key)
            return self._with_spec(spec, *columns, but=request.key)

        ranges = request.ranges or await self._own_ranges(counting, number)
        if not ranges:
            return FacetCounts(request.key)
        sums = [func.count(case((_within(number, one), _id)).distinct()) for one in ranges]
        counts = await self._session.row(lambda *all_: all_, counting(*sums)) or ()
        values = (
            FacetCount(count, minimum=one.minimum, maximum=one.maximum)
            for one, count in zip(ranges, counts, strict=True)
        )
        return FacetCounts(request.key, values=tuple(values))

    async def _own_ranges(
        self, counting: Callable[..., Select[Any]], number: ColumnElement[Any]
    ) -> tuple[Range, ...]:
        ends = await self._session.row(
            lambda low, high: (low, high), counting(func.min(number), func.max(number))
        )
        if ends is None or ends[0] is None:
            return ()
        return own_ranges(Decimal(str(ends[0])), Decimal(str(ends[1])))


class _SpecKind:
    """What kinds of values the hits have under one key of specs."""

    def __init__(
        self, rows: int, label: str | None, unit: str | None, texts: int, numbers: int
    ) -> None:
        self.rows, self.label, self.unit = rows, label, unit
        self.texts, self.numbers = texts, numbers


def _on_shelf(statement: Select[Any]) -> Select[Any]:
    return statement.join_from(
        documents, document_categories, document_categories.c.document_id == _id
    )


def _with_brand(statement: Select[Any]) -> Select[Any]:
    return statement.where(documents.c.brand != "")


def _as_it_is(statement: Select[Any]) -> Select[Any]:
    return statement


#: Key -> the value that is counted, and what else the statement needs for it.
_VALUES: dict[str, tuple[ColumnElement[Any], Callable[[Select[Any]], Select[Any]]]] = {
    "category": (document_categories.c.slug, _on_shelf),
    "brand": (documents.c.brand, _with_brand),
    "merchant": (documents.c.merchant_id, _as_it_is),
    "isAvailable": (case((documents.c.is_available, "true"), else_="false"), _as_it_is),
}


def _condition(asked: Condition) -> ColumnElement[bool]:
    if asked.key.startswith(SPEC):
        return _spec_condition(asked.key.removeprefix(SPEC), asked)
    if asked.key == "price":
        return _within(_price, Range(asked.minimum, asked.maximum))
    if asked.key == "isAvailable":
        return documents.c.is_available == asked.is_true
    values = asked.any_of or ()
    if asked.key == "category":
        shelf = document_categories.c
        return _id.in_(select(shelf.document_id).where(shelf.slug.in_(values)))
    if asked.key == "merchant":
        return documents.c.merchant_id.in_([int(value) for value in values if value.isdecimal()])
    return documents.c.brand.in_(values) if asked.key == "brand" else false()


def _spec_condition(key: str, asked: Condition) -> ColumnElement[bool]:
    columns = document_specs.c
    if asked.any_of is not None:
        test: ColumnElement[bool] = columns.value.in_(asked.any_of)
    elif asked.is_true is not None:
        test = columns.is_true == asked.is_true
    else:
        test = _within(columns.number, Range(asked.minimum, asked.maximum))
    return _id.in_(select(columns.document_id).where(columns.key == key, test))


def _within(number: ColumnElement[Any], ends: Range) -> ColumnElement[bool]:
    test: ColumnElement[bool] = number.is_not(None)
    if ends.minimum is not None:
        test &= number >= float(ends.minimum)
    return test if ends.maximum is None else test & (number <= float(ends.maximum))


def _matched(reading: Reading) -> CTE:
    """Select id and score of what a reading of the words finds."""
    wanted = [_fts_term(term) for term in reading.terms]
    if reading.by_prefix:
        wanted[-1] = f"({wanted[-1]} OR {_quoted((reading.terms[-1].prefix or '',))} *)"
    by_code = f"codes : {_quoted((reading.code,))}" if reading.code else None
    is_strict = reading.needed == len(wanted)
    whole = (" AND " if is_strict else " OR ").join(wanted)
    match = f"({whole}) OR {by_code}" if by_code else whole
    statement = select(words.c.rowid.label("id"), _RANK.label("score")).where(_matches(match))
    if not is_strict:
        statement = statement.where(words.c.rowid.in_(_with_most(wanted, by_code, reading.needed)))
    # Ranked before it is joined: FTS5 ranks only inside of its own query.
    return statement.cte("matched").prefix_with("MATERIALIZED")


def _with_most(wanted: Sequence[str], by_code: str | None, needed: int) -> Select[Any]:
    # A code is enough by itself, so it counts as all of them.
    counted = [*wanted, *([by_code] * needed if by_code else [])]
    each = union_all(*(select(words.c.rowid).where(_matches(one)) for one in counted)).subquery()
    return select(each.c.rowid).group_by(each.c.rowid).having(func.count() >= needed)


def _matches(match: str) -> ColumnElement[bool]:
    return literal_column("words").op("MATCH")(match)


def _fts_term(term: Term) -> str:
    return "(" + " OR ".join(map(_quoted, term.phrases)) + ")"


def _quoted(phrase: Phrase) -> str:
    # Quoted, a word is a word, whatever FTS5 knows it for.
    told = " ".join(phrase).replace('"', "")
    return f'"{told}"'

"""How an embedded index is asked for hits."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Select,
    Table,
    false,
    func,
    literal,
    literal_column,
    select,
    true,
    union_all,
)

from stores.keyset import Keyset, Window
from stores.readings import Phrase, Reading, Term
from stores.search import Condition, Hit, SearchQuery, SearchSort
from stores.search_facts import Kind, bounds, has_range, texts_of
from stores.search_fields import HEAD_WEIGHTS, WEIGHTS, WHOLE_WEIGHT
from stores.search_sqlite_tables import Generation, key_number
from stores.sql import ReadSession

#: What a product scores that no words were asked of.
EVEN = 1.0


class Search:
    """One reading of one query, in one generation of the index."""

    def __init__(self, tables: Generation, query: SearchQuery, reading: Reading | None) -> None:
        """Search by `reading`, or for all products without one."""
        self.tables = tables
        self.query = query
        self._reading = reading
        #: Id and score of what the words find, and the ids alone, which need no ranking.
        self.matched = None if reading is None else _matched(tables, reading)
        self._unranked = None if reading is None else _unranked(tables, reading)

    async def has_any(self, session: ReadSession) -> bool:
        """Whether the words alone find something."""
        if self._reading is None:
            return True
        rowid = self.tables.words.c.rowid
        return await session.row(int, _found(self.tables, self._reading, rowid)) is not None

    def ids(self, but: str | None = None) -> Select[Any]:
        """Select the ids of all hits; conditions of the key `but` do not count."""
        id_ = self._id if self._unranked is None else self._unranked.c.id
        return select(id_.label("id")).where(*self._tests(id_, but))

    async def page(self, session: ReadSession) -> list[Hit]:
        """Return the hits behind the position that was asked for."""
        columns, descending = self._sorted_by()
        keyset = Keyset(*columns, descending=descending)
        # Without words all score the same, and only the id sorts.
        after = self.query.after and self.query.after[-len(columns) :]
        window = Window(self.query.limit, after)
        statement = self._from(select(self._score, *columns)).where(
            *self._tests(self._id), keyset.inside(window)
        )
        ordered = statement.order_by(*keyset.order(window)).limit(window.limit)
        return await session.rows(self._hit, ordered)

    def _sorted_by(self) -> tuple[list[ColumnElement[Any]], bool]:
        """Return the columns that tell the place of a hit, and whether high ones come first."""
        documents = self.tables.documents.c
        match self.query.sort:
            case SearchSort.PRICE_ASC | SearchSort.PRICE_DESC:
                falls = self.query.sort is SearchSort.PRICE_DESC
                return [documents.min_price_minor, self._id], falls
            case SearchSort.TITLE:
                return [documents.title_key, self._id], False
            case SearchSort.RELEVANCE if self.matched is not None:
                return [self._score, self._id], True
        return [self._id], True

    def _from(self, statement: Select[Any]) -> Select[Any]:
        documents = self.tables.documents
        if self.matched is None or self.query.sort in {SearchSort.RELEVANCE, SearchSort.NEWEST}:
            return statement
        return statement.join_from(self.matched, documents, documents.c.id == self._id)

    def _hit(self, score: float, *place: str | float) -> Hit:
        is_even = self.query.sort is SearchSort.RELEVANCE and len(place) == 1
        return Hit(int(place[-1]), score, (score, *place) if is_even else place)

    @property
    def _id(self) -> ColumnElement[int]:
        return self.tables.documents.c.id if self.matched is None else self.matched.c.id

    @property
    def _score(self) -> ColumnElement[float]:
        return literal(EVEN) if self.matched is None else self.matched.c.score

    def _tests(self, id_: ColumnElement[int], but: str | None = None) -> list[ColumnElement[bool]]:
        listed = self.tables.documents.c.is_listed if self.matched is None else true()
        told = [one for one in self.query.conditions if one.key != but]
        return [listed, *(id_.in_(_allowed(self.tables, one)) for one in told)]


def _allowed(tables: Generation, condition: Condition) -> Select[Any]:
    """Select the ids of the documents that state what a condition asks for."""
    facts = tables.facts.c
    kind, test = _test(facts.value, condition)
    key = facts.key == key_number(condition.key)
    return select(facts.document_id).where(key, facts.kind == kind, test)


def _test(value: ColumnElement[Any], condition: Condition) -> tuple[Kind, ColumnElement[bool]]:
    if condition.any_of is not None:
        return Kind.TEXT, value.in_(texts_of(condition))
    if condition.is_true is not None:
        return Kind.FLAG, value == int(condition.is_true)
    if has_range(condition):
        return Kind.NUMBER, value.between(*bounds(condition))
    return Kind.TEXT, false()


def _matched(tables: Generation, reading: Reading) -> CTE:
    """Select id and score of what a reading finds."""
    whole = _ranked(tables.words, _found(tables, reading, tables.words.c.rowid), WEIGHTS)
    heads = _ranked(tables.heads, _headed(tables, reading), HEAD_WEIGHTS)
    score = func.coalesce(heads.c.score, 0.0) + whole.c.score * WHOLE_WEIGHT
    joined = select(whole.c.id, score.label("score")).outerjoin(heads, heads.c.id == whole.c.id)
    return joined.cte("matched").prefix_with("MATERIALIZED")


def _ranked(table: Table, found: Select[Any], weights: Mapping[str, float]) -> CTE:
    rank = ", ".join(map(str, weights.values()))
    score: ColumnElement[float] = literal_column(f"-bm25({table.name}, {rank})")
    ids = found.with_only_columns(table.c.rowid.label("id"), score.label("score"))
    # Ranked before anything is joined: FTS5 ranks only inside of its own query.
    return ids.cte(f"ranked_{table.name}").prefix_with("MATERIALIZED")


def _headed(tables: Generation, reading: Reading) -> Select[Any]:
    """Select titles and codes that have something of what was written, or all of it together.

    Synonyms do not count here: rare ones would be worth more than the word that was written.
    """
    written = [term.phrases[0] for term in reading.terms]
    wanted = [*map(_quoted, written), _quoted(tuple(word for one in written for word in one))]
    if reading.by_prefix:
        wanted.append(_beginning(reading))
    match = " OR ".join([*wanted, *_by_code(reading)])
    return select(tables.heads.c.rowid).where(_matches(tables.heads, match))


def _unranked(tables: Generation, reading: Reading) -> CTE:
    ids = _found(tables, reading, tables.words.c.rowid.label("id"))
    # Not a part of what narrows it, or each product of that would be looked for by its words.
    return ids.cte("found").prefix_with("MATERIALIZED")


def _found(tables: Generation, reading: Reading, *columns: Any) -> Select[Any]:
    wanted = [_fts_term(term) for term in reading.terms]
    if reading.by_prefix:
        wanted[-1] = f"({wanted[-1]} OR {_beginning(reading)})"
    by_code = _by_code(reading)
    is_strict = reading.needed == len(wanted)
    whole = (" AND " if is_strict else " OR ").join(wanted)
    match = " OR ".join([f"({whole})", *by_code])
    statement = select(*columns).where(_matches(tables.words, match))
    if is_strict:
        return statement
    # A code is enough by itself, so it counts as all of them.
    most = _with_most(tables.words, [*wanted, *by_code * reading.needed], reading.needed)
    return statement.where(tables.words.c.rowid.in_(most))


def _with_most(words: Table, wanted: Sequence[str], needed: int) -> Select[Any]:
    rowid = words.c.rowid
    each = union_all(*(select(rowid).where(_matches(words, one)) for one in wanted)).subquery()
    return select(each.c.rowid).group_by(each.c.rowid).having(func.count() >= needed)


def _matches(table: Table, match: str) -> ColumnElement[bool]:
    return literal_column(table.name).op("MATCH")(match)


def _by_code(reading: Reading) -> list[str]:
    return [f"codes : {_quoted((reading.code,))}"] if reading.code else []


def _beginning(reading: Reading) -> str:
    return f"{_quoted((reading.terms[-1].prefix or '',))} *"


def _fts_term(term: Term) -> str:
    return "(" + " OR ".join(map(_quoted, term.phrases)) + ")"


def _quoted(phrase: Phrase) -> str:
    # Our words have no quotation marks; quoted, none of them is an operator of FTS5.
    return '"' + " ".join(phrase) + '"'

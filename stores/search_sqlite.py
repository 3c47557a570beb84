"""Search in a SQLite file of its own."""

import json
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from sqlalchemy import Connection, Select, Table, delete, func, insert, select, update

from stores.errors import StoreUnavailable
from stores.readings import readings
from stores.search import STORE, Hits, RebuildOvertaken, SearchDocument, SearchQuery
from stores.search_facts import facts, labels
from stores.search_fields import texts
from stores.search_sqlite_facets import Facets
from stores.search_sqlite_query import Search
from stores.search_sqlite_tables import Generation, generation, generations, key_number, tables
from stores.sql import Database, ReadSession, WriteSession

#: Documents of one transaction; between two of them readers, other writers and the loop go on.
_BATCH = 200
#: How long documents in bulk may take.
_BULK_SECONDS = 60.0
_FIRST = 1


class SqliteSearch:
    """One file; each document is replaced whole, so a reader never sees half of one."""

    def __init__(self, url: str, timeout_seconds: float) -> None:
        """Open the file of `url` when first asked."""
        self._database = Database(url, timeout_seconds=timeout_seconds, name=STORE, tables=tables)

    async def find(self, query: SearchQuery) -> Hits:
        """Ask in one read transaction."""
        async with self._database.read() as session:
            search = await _first_with_hits(session, await _current(session), query)
            hits = await search.page(session)
            total, facets = await Facets(search).counts(session)
            return Hits(hits, total, facets)

    async def put(self, documents: Sequence[SearchDocument]) -> None:
        """Write those that are not older than what is kept."""
        for start in range(0, len(documents), _BATCH):
            some = partial(_put_everywhere, documents=documents[start : start + _BATCH])
            await self._database.transact(some, seconds=_BULK_SECONDS)

    async def rebuild(self, documents: AsyncIterator[Sequence[SearchDocument]]) -> int:
        """Fill new tables, then ask those and drop the old ones.

        Raises RebuildOvertaken when another rebuild began meanwhile.
        """
        number = await self._database.run_sync(_begin)
        try:
            async for some in documents:
                await self._fill(number, some)
            await self._database.run_sync(partial(_take_place, number=number))
        except BaseException:
            with suppress(StoreUnavailable):
                await self._database.run_sync(partial(_give_up, number=number))
            raise
        return await self.count()

    async def versions(self, ids: Sequence[int]) -> dict[int, int]:
        """Read them in one statement."""
        async with self._database.read() as session:
            return await _versions(session, await _current(session), ids)

    async def listed(self, ids: Sequence[int]) -> set[int]:
        """Read them in one statement."""
        async with self._database.read() as session:
            columns = (await _current(session)).documents.c
            asked = select(columns.id).where(columns.id.in_(ids), columns.is_listed)
            return set(await session.rows(int, asked))

    async def listed_after(self, id_: int, limit: int) -> list[int]:
        """Read ids in order."""
        async with self._database.read() as session:
            columns = (await _current(session)).documents.c
            asked = select(columns.id).where(columns.id > id_, columns.is_listed)
            return await session.rows(int, asked.order_by(columns.id).limit(limit))

    async def count(self) -> int:
        """Count in one statement."""
        async with self._database.read() as session:
            documents = (await _current(session)).documents
            listed = select(func.count()).select_from(documents).where(documents.c.is_listed)
            return await session.row(int, listed) or 0

    async def prepare(self) -> None:
        """Create the first generation of tables."""
        await self._database.create_tables()
        await self._database.run_sync(_prepare)

    async def ping(self) -> None:
        """Ask for nothing."""
        await self._database.ping()

    async def close(self) -> None:
        """Close the file."""
        await self._database.close()

    async def _fill(self, number: int, documents: Sequence[SearchDocument]) -> None:
        for start in range(0, len(documents), _BATCH):
            some = partial(_put_into, number=number, documents=documents[start : start + _BATCH])
            await self._database.transact(some, seconds=_BULK_SECONDS)


async def _first_with_hits(session: ReadSession, tables: Generation, query: SearchQuery) -> Search:
    """Return the strictest reading whose words find something, or the last one."""
    search = Search(tables, query, None)
    for reading in readings(query.words):
        search = Search(tables, query, reading)
        if await search.has_any(session):
            break
    return search


async def _current(session: ReadSession) -> Generation:
    current, _building = await _numbers(session)
    return generation(current)


async def _numbers(session: ReadSession) -> tuple[int, int | None]:
    (found,) = await session.rows(lambda current, building: (current, building), _numbers_asked())
    return found


def _numbers_asked() -> Select[Any]:
    return select(generations.c.current, generations.c.building)


async def _put_everywhere(session: WriteSession, documents: Sequence[SearchDocument]) -> None:
    for number in filter(None, await _numbers(session)):
        await _put(session, generation(number), documents)


async def _put_into(
    session: WriteSession, number: int, documents: Sequence[SearchDocument]
) -> None:
    _current_number, building = await _numbers(session)
    if building != number:
        raise RebuildOvertaken
    await _put(session, generation(number), documents)


async def _put(
    session: WriteSession, tables: Generation, documents: Sequence[SearchDocument]
) -> None:
    newest = {one.id: one for one in sorted(documents, key=lambda one: one.version)}
    kept = await _versions(session, tables, newest)
    new = [one for one in newest.values() if one.version >= kept.get(one.id, one.version)]
    await _delete(session, tables, [one.id for one in new if one.id in kept])
    await _insert(session, tables.documents, map(_document, new))
    listed = [one for one in new if one.is_listed]
    told = [{"rowid": one.id, **texts(one)} for one in listed]
    for table in (tables.words, tables.heads):
        names = [column.name for column in table.c]
        await _insert(session, table, ({name: one[name] for name in names} for one in told))
    await _insert(session, tables.labels, map(_labels, listed))
    await _insert(session, tables.facts, (row for one in listed for row in _facts(one)))


async def _versions(
    session: ReadSession, tables: Generation, ids: Collection[int]
) -> dict[int, int]:
    columns = tables.documents.c
    asked = select(columns.id, columns.version).where(columns.id.in_(ids))
    return dict(await session.rows(lambda id_, version: (id_, version), asked))


async def _delete(session: WriteSession, tables: Generation, ids: Sequence[int]) -> None:
    if not ids:
        return
    for column in (
        tables.documents.c.id,
        tables.words.c.rowid,
        tables.heads.c.rowid,
        tables.labels.c.id,
        tables.facts.c.document_id,
    ):
        await session.update(delete(column.table).where(column.in_(ids)))


async def _insert(session: WriteSession, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
    given = list(rows)
    if given:
        await session.insert(table, *given)


def _document(one: SearchDocument) -> dict[str, Any]:
    return {
        "id": one.id,
        "version": one.version,
        "is_listed": one.is_listed,
        "min_price_minor": one.min_price_minor,
        "title_key": one.title_key,
    }


def _labels(one: SearchDocument) -> dict[str, Any]:
    return {"id": one.id, "told": json.dumps(labels(one), ensure_ascii=False)}


def _facts(one: SearchDocument) -> list[dict[str, Any]]:
    return [
        {
            "key": key_number(fact.key),
            "kind": fact.kind.value,
            "value": fact.value,
            "document_id": one.id,
        }
        for fact in facts(one)
    ]


def _prepare(connection: Connection) -> None:
    if connection.execute(_numbers_asked()).first() is None:
        generation(_FIRST).create(connection)
        connection.execute(insert(generations).values(id=1, current=_FIRST))


def _begin(connection: Connection) -> int:
    """Make empty tables; those of a rebuild that was broken off are dropped."""
    current, building = connection.execute(_numbers_asked()).one()
    if building is not None:
        generation(building).drop(connection)
    number: int = max(current, building or 0) + 1
    generation(number).create(connection)
    connection.execute(update(generations).values(building=number))
    return number


def _take_place(connection: Connection, number: int) -> None:
    current, building = connection.execute(_numbers_asked()).one()
    if building != number:
        raise RebuildOvertaken
    connection.execute(update(generations).values(current=number, building=None))
    generation(current).drop(connection)


def _give_up(connection: Connection, number: int) -> None:
    _current_number, building = connection.execute(_numbers_asked()).one()
    if building == number:
        connection.execute(update(generations).values(building=None))
        generation(number).drop(connection)

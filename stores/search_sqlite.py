"""Search in a SQLite file of its own."""

from collections.abc import AsyncIterator, Collection, Sequence
from typing import Any

from sqlalchemy import Table, delete, func, select

from stores.search import STORE, Hits, SearchDocument, SearchQuery
from stores.search_fields import texts
from stores.search_sqlite_query import find
from stores.search_sqlite_tables import (
    CREATE_WORDS,
    document_categories,
    document_specs,
    documents,
    tables,
    words,
)
from stores.sql import Database, WriteSession

#: SQLite takes so many values in one statement, and more.
_CHUNK = 500
#: How long documents in bulk may take.
_BULK_SECONDS = 60.0


class SqliteSearch:
    """One file; each document is replaced whole, so a reader never sees half of one."""

    def __init__(self, url: str, timeout_seconds: float) -> None:
        """Open the file of `url` when first asked."""
        self._database = Database(url, timeout_seconds=timeout_seconds, name=STORE, tables=tables)

    async def find(self, query: SearchQuery) -> Hits:
        """Ask in one read transaction."""
        async with self._database.read() as session:
            return await find(session, query)

    async def put(self, documents: Sequence[SearchDocument]) -> None:
        """Write those that are not older than what is kept."""
        await self._bulk(documents)

    async def rebuild(self, documents: AsyncIterator[Sequence[SearchDocument]]) -> int:
        """Take in everything, then drop what was there before and is not among it."""
        before = set(await self._ids())
        seen: set[int] = set()
        async for some in documents:
            await self._bulk(some)
            seen |= {one.id for one in some}
        await self._drop(sorted(before - seen))
        return len(seen)

    async def versions(self, ids: Sequence[int]) -> dict[int, int]:
        """Read them in one statement."""
        async with self._database.read() as session:
            return dict(await session.rows(lambda *pair: pair, _versions(ids)))

    async def count(self) -> int:
        """Count in one statement."""
        listed = select(func.count()).where(documents.c.is_listed)
        async with self._database.read() as session:
            return await session.row(int, listed) or 0

    async def prepare(self) -> None:
        """Create the tables."""
        await self._database.create_tables()
        await self._database.run_sync(lambda connection: connection.exec_driver_sql(CREATE_WORDS))

    async def ping(self) -> None:
        """Ask for nothing."""
        await self._database.ping()

    async def close(self) -> None:
        """Close the file."""
        await self._database.close()

    async def _bulk(self, some: Sequence[SearchDocument]) -> None:
        for start in range(0, len(some), _CHUNK):
            newest = {one.id: one for one in sorted(some[start:][:_CHUNK], key=_version)}
            await self._database.transact(
                lambda session, new=newest: _put(session, new),  # type: ignore[misc]
                seconds=_BULK_SECONDS,
            )

    async def _ids(self) -> list[int]:
        async with self._database.read() as session:
            return await session.rows(int, select(documents.c.id))

    async def _drop(self, ids: Sequence[int]) -> None:
        for start in range(0, len(ids), _CHUNK):
            gone = ids[start:][:_CHUNK]
            await self._database.transact(
                lambda session, gone=gone: _delete(session, gone),  # type: ignore[misc]
                seconds=_BULK_SECONDS,
            )


def _version(document: SearchDocument) -> int:
    return document.version


def _versions(ids: Collection[int]) -> Any:
    return select(documents.c.id, documents.c.version).where(documents.c.id.in_(ids))


async def _put(session: WriteSession, given: dict[int, SearchDocument]) -> None:
    kept = dict(await session.rows(lambda *pair: pair, _versions(given)))
    new = [one for one in given.values() if one.version >= kept.get(one.id, 0)]
    await _delete(session, [one.id for one in new if one.id in kept])
    await _insert(session, documents, [_document(one) for one in new])
    listed = [one for one in new if one.is_listed]
    await _insert(session, words, [{"rowid": one.id, **texts(one)} for one in listed])
    await _insert(session, document_categories, [row for one in listed for row in _shelves(one)])
    await _insert(session, document_specs, [row for one in listed for row in _specs(one)])


async def _delete(session: WriteSession, ids: Sequence[int]) -> None:
    if not ids:
        return
    for column in (
        documents.c.id,
        words.c.rowid,
        document_categories.c.document_id,
        document_specs.c.document_id,
    ):
        await session.update(delete(column.table).where(column.in_(ids)))


async def _insert(session: WriteSession, table: Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        await session.insert(table, *rows)


def _document(one: SearchDocument) -> dict[str, Any]:
    return {
        "id": one.id,
        "version": one.version,
        "is_listed": one.is_listed,
        "merchant_id": one.merchant_id,
        "brand": one.brand,
        "min_price_minor": one.min_price_minor,
        "is_available": one.is_available,
        "title_key": one.title_key,
    }


def _shelves(one: SearchDocument) -> list[dict[str, Any]]:
    return [{"slug": slug, "document_id": one.id} for slug in dict.fromkeys(one.category_slugs)]


def _specs(one: SearchDocument) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for spec in one.specs:
        told = {"document_id": one.id, "key": spec.key, "label": spec.label, "unit": spec.unit}
        values = spec.values or (None,)
        number = None if spec.number is None else float(spec.number)
        rows += [
            {**told, "value": value, "number": number, "is_true": spec.is_true} for value in values
        ]
    return rows

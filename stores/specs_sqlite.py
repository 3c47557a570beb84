"""Documents of specs as JSON in a file of their own, so that write locks do not meet."""

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import Column, MetaData, Select, Table, Text, delete, select

from stores.columns import id_column
from stores.kept import among
from stores.specs import STORE, Documents, from_plain, to_plain
from stores.sql import Database, WriteSession

_tables = MetaData()
_documents = Table("spec_documents", _tables, id_column(), Column("body", Text, nullable=False))

_BY_IDS = select(_documents.c.id, _documents.c.body).where(among(_documents.c.id, "ids"))


class SqliteSpecs:
    """One table: id and JSON text."""

    def __init__(self, url: str, timeout_seconds: float) -> None:
        """Open the file of `url` when first asked."""
        self._database = Database(url, timeout_seconds=timeout_seconds, name=STORE, tables=_tables)

    async def by_ids(self, ids: Collection[int]) -> Documents:
        """Read them in one statement."""
        async with self._database.read() as session:
            found = await session.rows(lambda *row: row, _BY_IDS, {"ids": list(ids)})
        return {id_: from_plain(json.loads(body)) for id_, body in found}

    async def put(self, documents: Documents) -> None:
        """Insert those that do not exist."""

        async def work(session: WriteSession) -> None:
            known = set(await session.rows(int, _known(documents)))
            new = [
                {"id": id_, "body": json.dumps(to_plain(specs), ensure_ascii=False)}
                for id_, specs in documents.items()
                if id_ not in known
            ]
            if new:
                await session.insert(_documents, *new)

        await self._database.transact(work)

    async def ids_after(self, id_: int, limit: int) -> list[int]:
        """Read ids in order."""
        statement = select(_documents.c.id).where(_documents.c.id > id_)
        async with self._database.read() as session:
            return await session.rows(int, statement.order_by(_documents.c.id).limit(limit))

    async def remove(self, ids: Collection[int]) -> None:
        """Delete them in one transaction."""
        gone = delete(_documents).where(_documents.c.id.in_(ids))
        await self._database.transact(lambda session: session.update(gone))

    async def prepare(self) -> None:
        """Create the table."""
        await self._database.create_tables()

    async def ping(self) -> None:
        """Ask for nothing."""
        await self._database.ping()

    async def close(self) -> None:
        """Close the file."""
        await self._database.close()


def _known(documents: Documents) -> Select[Any]:
    return select(_documents.c.id).where(_documents.c.id.in_(documents))

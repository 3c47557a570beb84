"""The driver's own cursor, on a connection of SQLAlchemy's: for statements that are kept."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeAlias, TypeVar

from sqlalchemy import Insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from stores.kept import Kept, Parameters, Reading, Writing, alike, kept

R = TypeVar("R")

_Call: TypeAlias = Callable[[Any, str, Sequence[Any]], Awaitable[R]]

#: Told the text of every statement that runs here: no event of SQLAlchemy tells of it.
watchers: list[Callable[[str], None]] = []


class DriverCursor:
    """Runs statements that are kept. Every method raises DBAPIError, as the connection does."""

    def __init__(self, connection: AsyncConnection, *, is_alone: bool = False) -> None:
        """Run them on `connection`; those that stand alone, in no transaction, may be repeated."""
        self._connection, self._is_alone = connection, is_alone
        self._dialect = alike(connection.dialect)
        self._is_sqlite = self._dialect.name == "sqlite"

    async def rows(
        self, make: Callable[..., R], statement: Reading, parameters: Parameters
    ) -> list[R]:
        """Return each row as `make` of its columns, in their order."""
        known = kept(statement, self._dialect)
        found = await self._run(_sqlite_rows if self._is_sqlite else _rows, known, parameters)
        return known.made(make, found)

    async def changed(self, statement: Writing, parameters: Parameters) -> int:
        """Return how many rows the statement matched, changed or not."""
        return await self._run(_changed, kept(statement, self._dialect), parameters)

    async def add(self, statement: Insert, rows: Sequence[Parameters]) -> None:
        """Insert rows of the same columns, at least one."""
        known = kept(statement, self._dialect, tuple(rows[0]))
        _, values = known.filled(rows[0])
        if len(rows) == 1:
            await self._guarded(_changed, known.text, values)
        else:
            more = [known.filled(row)[1] for row in rows[1:]]
            await self._guarded(_added, known.text, [values, *more])

    async def _run(self, call: _Call[R], statement: Kept, parameters: Parameters) -> R:
        text, values = statement.filled(parameters)
        try:
            return await self._guarded(call, text, values)
        except DBAPIError as error:
            if not (error.connection_invalidated and self._is_alone):
                raise
        # The server had closed it since it was used last: another is opened, or the server is away.
        await self._connection.get_raw_connection()
        return await self._guarded(call, text, values)

    async def _guarded(self, call: _Call[R], text: str, values: Sequence[Any]) -> R:
        for watch in watchers:
            watch(text)
        driver = self._connection.sync_connection.connection.driver_connection  # type: ignore[union-attr]  # It is open.
        try:
            return await call(driver, text, values)
        except self._dialect.loaded_dbapi.Error as error:
            is_lost = self._dialect.is_disconnect(error, None, None)
            if is_lost:
                await self._connection.invalidate(error)
            raise DBAPIError(text, values, error, connection_invalidated=is_lost) from error
        except asyncio.CancelledError as error:
            # It may run on: the connection is not given back, and its end is seen to.
            await self._connection.invalidate(error)
            raise


async def _rows(driver: Any, text: str, values: Sequence[Any]) -> Sequence[Sequence[Any]]:
    async with driver.cursor() as cursor:
        await cursor.execute(text, values)
        found: Sequence[Sequence[Any]] = await cursor.fetchall()
        return found


async def _sqlite_rows(driver: Any, text: str, values: Sequence[Any]) -> Sequence[Sequence[Any]]:
    # One way to its thread and back, not three.
    found: Sequence[Sequence[Any]] = await driver.execute_fetchall(text, values)
    return found


async def _added(driver: Any, text: str, rows: Sequence[Sequence[Any]]) -> None:
    async with driver.cursor() as cursor:
        await cursor.executemany(text, rows)


async def _changed(driver: Any, text: str, values: Sequence[Any]) -> int:
    async with driver.cursor() as cursor:
        await cursor.execute(text, values)
        count: int = cursor.rowcount
        return count

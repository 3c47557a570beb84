"""Files of SQLite, opened for certain: whoever is cut off meanwhile leaves no thread behind."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from aiosqlite import Connection

_PRAGMAS = """
PRAGMA busy_timeout=1000; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;
"""
#: Rows that are fetched at once by whoever goes through them; nobody here does.
_CHUNK = 64


async def opened_file(path: str, remember: Callable[[asyncio.Future[Any]], None]) -> Connection:
    """Return a connection to a file, with what each needs set; nothing begins by itself there.

    Whoever waits may be cut off: `remember` is told of what shuts the file then.
    """
    driver = Connection(partial(_open, path), _CHUNK)
    # A process that is told to end does so.
    driver._thread.daemon = True  # noqa: SLF001  SQLAlchemy does the same.
    opening = asyncio.ensure_future(_begun(driver))
    try:
        return await asyncio.shield(opening)
    except asyncio.CancelledError:
        remember(asyncio.ensure_future(_shut(opening)))
        raise


def _open(path: str) -> sqlite3.Connection:
    # The driver's own transactions begin too late; the engine begins them instead.
    raw = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        raw.executescript(_PRAGMAS)
    except sqlite3.Error:
        raw.close()
        raise
    return raw


async def _begun(driver: Connection) -> Connection:
    try:
        return await driver
    except sqlite3.Error:
        # Its thread tells this loop that it ends, which may not be closed by then.
        await asyncio.to_thread(driver._thread.join)  # noqa: SLF001
        raise


async def _shut(opening: asyncio.Future[Connection]) -> None:
    with suppress(sqlite3.Error):
        await (await opening).close()

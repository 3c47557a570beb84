"""A file is shut for certain, whoever is cut off while it is opened."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiosqlite

from stores import drivers
from stores.sqlite_files import opened_file
from tests.eventually import eventually

#: Turns of the loop after which whoever waits is cut off.
TURNS = 20


async def left(opening: Callable[[], Awaitable[Any]], shut: set[asyncio.Future[Any]]) -> int:
    """Return how many threads are left by those who were cut off, one turn later each."""
    before = set(threading.enumerate())
    for turns in range(1, TURNS):
        task = asyncio.ensure_future(opening())
        for _ in range(turns):
            await asyncio.sleep(0)
        if not task.cancel():
            await task.result().close()
        await asyncio.gather(task, *shut, return_exceptions=True)
    return len([one for one in threading.enumerate() if one not in before and one.is_alive()])


async def test_whoever_is_cut_off_leaves_no_thread(tmp_path: Path) -> None:
    shut = set[asyncio.Future[Any]]()

    async def threads() -> int:
        return await left(lambda: opened_file(str(tmp_path / "a.db"), shut.add), shut)

    await eventually(threads, 0)
    assert shut, "Nobody was cut off."


async def test_twin_that_leaves_it_to_the_driver_leaves_threads(tmp_path: Path) -> None:
    made: list[aiosqlite.Connection] = []

    async def opened() -> aiosqlite.Connection:
        made.append(aiosqlite.connect(tmp_path / "a.db"))
        return await made[-1]

    assert await left(opened, set()) > 0
    for one in made:
        await one.close()


def test_nobody_waits_for_what_a_closed_loop_left() -> None:
    async def begin() -> None:
        drivers._remember(asyncio.get_running_loop().create_future())

    async def wait() -> None:
        async with asyncio.timeout(drivers._KILL_SECONDS / 2):
            await drivers.cut_off_ended()

    before = set(drivers._ends)
    asyncio.run(begin())
    try:
        asyncio.run(wait())
    finally:
        drivers._ends.intersection_update(before)

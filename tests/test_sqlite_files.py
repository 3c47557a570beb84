"""A file is shut for certain, whoever is cut off while it is opened."""

import asyncio
import sqlite3
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import aiosqlite
import pytest

from stores import drivers
from stores.sqlite_files import opened_file
from tests.eventually import eventually

_SLOW_SECONDS = 0.2


class SlowFiles:
    """Files that take their time to open."""

    def __init__(self) -> None:
        self.at_work = 0
        self._connect = sqlite3.connect

    def connect(self, *told: Any, **more: Any) -> sqlite3.Connection:
        self.at_work += 1
        time.sleep(_SLOW_SECONDS)
        try:
            opened: sqlite3.Connection = self._connect(*told, **more)
            return opened
        finally:
            self.at_work -= 1

    async def left(self, opening: Coroutine[Any, Any, Any], shut: set[asyncio.Future[Any]]) -> int:
        """Return how many are at work still when whoever opened one was cut off, and that is over.

        A thread that ends later tells a loop that may be closed by then.
        """
        task = asyncio.ensure_future(opening)
        await eventually(self._busy, 1)
        task.cancel()
        await asyncio.wait([task])
        await asyncio.gather(*shut)
        assert task.cancelled()
        return self.at_work

    async def _busy(self) -> int:
        return self.at_work


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> SlowFiles:
    slow = SlowFiles()
    monkeypatch.setattr(sqlite3, "connect", slow.connect)
    return slow


async def test_file_is_shut_when_whoever_opened_it_was_cut_off(
    files: SlowFiles, tmp_path: Path
) -> None:
    shut = set[asyncio.Future[Any]]()

    assert await files.left(opened_file(str(tmp_path / "a.db"), shut.add), shut) == 0
    assert len(shut) == 1


async def test_twin_that_leaves_it_to_the_driver_does_not_know_when(
    files: SlowFiles, tmp_path: Path
) -> None:
    driver = aiosqlite.connect(tmp_path / "a.db")

    async def opened() -> aiosqlite.Connection:
        return await driver

    assert await files.left(opened(), set()) == 1
    await asyncio.to_thread(driver._thread.join)


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

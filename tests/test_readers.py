"""Connections for reading are kept at hand for a moment, and lost to nobody."""

import asyncio
import time
from collections.abc import Generator
from contextlib import AsyncExitStack, contextmanager

import pytest
from sqlalchemy import bindparam, event, literal, select
from sqlalchemy.engine import Engine

from stores import liveness, readers
from stores.sql import Database
from tests.conftest import ENGINES

ONE = select(literal(1)).where(literal(1) == bindparam("one"))


async def read(database: Database) -> list[int]:
    async with database.read() as session:
        return await session.rows(int, ONE, {"one": 1})


@contextmanager
def taken_out() -> Generator[list[object]]:
    """Yield what is taken out of a pool meanwhile."""
    seen: list[object] = []

    def note(connection: object, *_: object) -> None:
        seen.append(connection)

    event.listen(Engine, "checkout", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "checkout", note)


async def test_reads_of_one_moment_take_one_connection_out_once(database: Database) -> None:
    with taken_out() as seen:
        assert [await read(database) for _ in range(5)] == [[1]] * 5

    assert len(seen) <= 1


async def test_reads_at_once_have_a_connection_each(database: Database) -> None:
    async with AsyncExitStack() as stack:
        sessions = [await stack.enter_async_context(database.read()) for _ in range(4)]
        connections = {id(one._connection) for one in sessions}

    assert len(connections) == 4


async def test_connection_goes_back_when_its_moment_is_over(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readers, "_AT_HAND_SECONDS", 0)
    with taken_out() as seen:
        for _ in range(3):
            await read(database)

    assert len(seen) == 3


async def test_connection_whose_transaction_was_begun_goes_back(database: Database) -> None:
    await read(database)
    with taken_out() as seen:
        for _ in range(2):
            async with database.read() as session:
                await session.rows(int, select(literal(1)))
            await read(database)

    assert len(seen) == 2


async def _ninth(database: Database) -> float:
    """Return how long the ninth waits whose eight before read again at once."""
    is_over = asyncio.Event()

    async def busy() -> None:
        while not is_over.is_set():
            async with database.read():
                await asyncio.sleep(0.01)

    eight = [asyncio.create_task(busy()) for _ in range(8)]
    await asyncio.sleep(0.05)
    began = time.monotonic()
    try:
        await read(database)
    finally:
        is_over.set()
        await asyncio.gather(*eight)
    return time.monotonic() - began


@pytest.mark.parametrize("sql_url", ENGINES[1:], indirect=True)
async def test_who_waits_for_the_pool_is_given_what_comes_back(database: Database) -> None:
    assert await _ninth(database) < 1


@pytest.mark.parametrize("sql_url", ENGINES[1:], indirect=True)
async def test_long_idle_connection_is_asked_before_it_is_used(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await _asked_after_a_pause(database, monkeypatch) == 1


@pytest.mark.parametrize("sql_url", ENGINES[1:], indirect=True)
async def test_twin_that_tells_no_pool_when_it_was_used_is_not_asked(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def close(reader: readers.Reader) -> None:
        await reader.connection.close()

    monkeypatch.setattr(readers, "_close", close)

    assert await _asked_after_a_pause(database, monkeypatch) == 0


async def _asked_after_a_pause(database: Database, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(readers, "_AT_HAND_SECONDS", 0.05)
    monkeypatch.setattr(liveness, "_TRUSTED_SECONDS", 0.05)
    await read(database)
    asked: list[object] = []
    monkeypatch.setattr(database._fresh._engine.dialect, "do_ping", asked.append)
    await asyncio.sleep(0.1)
    await read(database)
    return len(asked)


async def test_closed_readers_hold_nothing(database: Database) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(3):
            await stack.enter_async_context(database.read())
    assert len(database._fresh._at_hand) == 3
    await database.close()

    assert database._fresh._at_hand == []

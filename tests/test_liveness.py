"""Connections that a server has closed while they lay in the pool, and statements cut off there."""

import asyncio
import time
from typing import Any

import pytest
from sqlalchemy import bindparam, func, literal, select

from stores import drivers, liveness, sql
from stores.driver_cursor import DriverCursor
from stores.errors import StoreUnavailable
from stores.liveness import Liveness
from stores.sql import Database
from tests.conftest import ENGINES

pytestmark = pytest.mark.parametrize("sql_url", ENGINES[1:], indirect=True)

ONE = select(literal(1)).where(literal(1) == bindparam("one"))
ASLEEP = select(func.sleep(bindparam("seconds")))


async def read(database: Database) -> list[int]:
    async with database.read() as session:
        return await session.rows(int, ONE, {"one": 1})


async def closed_by_the_server(database: Database) -> None:
    """Open some connections for reading, and let the server close them."""
    await asyncio.gather(*(read(database) for _ in range(4)))
    await database.run_sync(_kill_others)


def _kill_others(connection: Any) -> None:
    here, me = connection.engine.url.database, connection.connection.driver_connection.thread_id()
    found = connection.exec_driver_sql("SHOW PROCESSLIST").mappings().all()
    for one in found:
        if one["db"] == here and one["Id"] != me:
            connection.exec_driver_sql(f"KILL {one['Id']}")


async def test_connection_that_was_closed_meanwhile_is_replaced(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(liveness, "_TRUSTED_SECONDS", 0)
    await closed_by_the_server(database)

    assert [await read(database) for _ in range(5)] == [[1]] * 5


async def test_connection_that_was_closed_a_moment_ago_costs_no_read(database: Database) -> None:
    await closed_by_the_server(database)

    assert [await read(database) for _ in range(5)] == [[1]] * 5


async def test_twin_that_neither_asks_nor_repeats_fails_for_each(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Liveness, "__call__", lambda *_told: None)
    monkeypatch.setattr(sql, "DriverCursor", lambda connection, **_how: DriverCursor(connection))
    await closed_by_the_server(database)
    # All of them at once, so that none is opened anew for another.
    found = await asyncio.gather(*(read(database) for _ in range(4)), return_exceptions=True)

    assert [type(one) for one in found] == [StoreUnavailable] * 4


async def test_kept_statement_that_is_cut_off_ends(database: Database) -> None:
    assert await _runs_on_after_a_second(database) is False


async def test_twin_that_kills_no_kept_statement_leaves_it_running(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drivers, "_kill_mysql", lambda *_event: None)

    assert await _runs_on_after_a_second(database) is True


async def _runs_on_after_a_second(database: Database) -> bool:
    async def sleep() -> None:
        async with database.read() as session:
            await session.rows(int, ASLEEP, {"seconds": 6})

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(sleep(), 0.3)
    began = time.monotonic()
    while is_running := await database.run_sync(_is_asleep):
        if time.monotonic() - began > 1:
            break
        await asyncio.sleep(0.05)
    return is_running


def _is_asleep(connection: Any) -> bool:
    here = connection.engine.url.database
    found = connection.exec_driver_sql("SHOW FULL PROCESSLIST").mappings()
    return any(row["db"] == here and "sleep(" in (row["Info"] or "") for row in found)

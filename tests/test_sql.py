"""What the relational store promises on every engine."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, MetaData, Table, func, literal, select

from stores import drivers, sql, users
from stores.columns import Instant, Plain, key, prose, words
from stores.drivers import UniqueViolation
from stores.errors import StoreUnavailable
from stores.inventory import inventory_levels
from stores.sql import Database, OperationDatabase, WriteSession
from stores.users import Role, User
from tests import migrated
from tests.conftest import ENGINES
from tests.proxy import door
from tests.servers import free_port

NOW = datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC)

on_servers = pytest.mark.parametrize("sql_url", ENGINES[1:], indirect=True)


def level(id_: int) -> dict[str, object]:
    numbers = {"variant_id": id_, "warehouse_id": 1, "on_hand": 1_000, "reserved": 0}
    return {"id": id_, "version": 1, "updated_at": NOW, "log_id": 1} | numbers


@pytest.fixture
async def stock(database: Database) -> Database:
    """A store with a thousand units of the variants 1 and 2."""
    await database.transact(lambda session: session.insert(inventory_levels, level(1), level(2)))
    return database


async def reserve_one(session: WriteSession, variant: int = 1) -> int:
    columns = inventory_levels.c
    mine = inventory_levels.update().where(columns.variant_id == variant)
    return await session.update(mine.values(reserved=columns.reserved + 1))


async def reserved(database: Database) -> list[int]:
    """Return the reserved units of each variant."""
    async with database.read() as session:
        columns = inventory_levels.c
        return await session.rows(int, select(columns.reserved).order_by(columns.variant_id))


# Writes, whole and at once.


async def test_no_update_of_a_hundred_at_once_is_lost(stock: Database) -> None:
    await asyncio.gather(*(stock.transact(reserve_one) for _ in range(100)))

    assert await reserved(stock) == [100, 0]


@on_servers
@pytest.mark.parametrize("driver", ["asyncmy", "aiomysql"])
async def test_both_drivers_lose_nothing(sql_url: str, driver: str) -> None:
    opened = Database(sql_url.replace("asyncmy", driver), timeout_seconds=5)
    await opened.transact(lambda session: session.insert(inventory_levels, level(1)))
    await asyncio.gather(*(opened.transact(reserve_one) for _ in range(20)))

    assert await reserved(opened) == [20]
    await opened.close()


async def test_matched_rows_count_even_if_nothing_changed(stock: Database) -> None:
    same = inventory_levels.update().where(inventory_levels.c.id == 1).values(on_hand=1_000)
    nobody = inventory_levels.update().where(inventory_levels.c.id == 9).values(on_hand=1_000)

    assert await stock.transact(lambda session: session.update(same)) == 1
    assert await stock.transact(lambda session: session.update(nobody)) == 0


async def test_work_that_fails_leaves_nothing(stock: Database) -> None:
    async def work(session: WriteSession) -> None:
        await reserve_one(session)
        raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        await stock.transact(work)
    assert await reserved(stock) == [0, 0]


async def test_work_goes_on_after_a_key_that_exists(stock: Database) -> None:
    async def work(session: WriteSession) -> None:
        await reserve_one(session, 1)
        with pytest.raises(UniqueViolation):
            await session.insert(inventory_levels, level(1))
        await reserve_one(session, 2)

    await stock.transact(work)
    assert await reserved(stock) == [1, 1]


async def test_write_that_is_cut_off_holds_no_lock(stock: Database) -> None:
    async def slow(session: WriteSession) -> None:
        await reserve_one(session)
        await asyncio.sleep(30)

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(stock.transact(slow), 0.1)
    assert await asyncio.wait_for(stock.transact(reserve_one), 2) == 1
    assert await reserved(stock) == [1, 0]


async def test_write_that_takes_too_long_is_given_up(stock: Database) -> None:
    async def slow(session: WriteSession) -> None:
        await reserve_one(session)
        await asyncio.sleep(30)

    began = time.monotonic()
    with pytest.raises(StoreUnavailable):
        await stock.transact(slow, seconds=0.2)
    assert time.monotonic() - began < 1
    assert await reserved(stock) == [0, 0]


# Statements that are cut off.


async def test_statement_that_is_cut_off_ends(tmp_path: Path) -> None:
    assert await _seconds_of_a_statement_cut_off(tmp_path) < 0.5


@pytest.mark.slow
async def test_twin_that_interrupts_nothing_waits_for_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drivers, "_interrupt_sqlite", lambda *_event: None)

    assert await _seconds_of_a_statement_cut_off(tmp_path) > 0.5


async def _seconds_of_a_statement_cut_off(tmp_path: Path) -> float:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/shop.db", timeout_seconds=9)
    numbers = select(literal(1).label("n")).cte("numbers", recursive=True)
    numbers = numbers.union_all(select(numbers.c.n + 1).where(numbers.c.n < 4_000_000))
    endless = select(func.max(numbers.c.n))
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(database.transact(lambda session: session.row(int, endless)), 0.1)
    await database.close()
    return time.monotonic() - began


@on_servers
@pytest.mark.parametrize("driver", ["asyncmy", "aiomysql"])
async def test_statement_that_is_cut_off_ends_on_the_server(
    stock: Database, sql_url: str, driver: str
) -> None:
    opened = Database(sql_url.replace("asyncmy", driver), timeout_seconds=5)

    assert await _is_asleep_after_a_second(opened) is False
    assert await asyncio.wait_for(stock.transact(reserve_one), 2) == 1
    assert await reserved(stock) == [1, 0]
    await opened.close()


@on_servers
async def test_twin_that_kills_nothing_leaves_it_running(
    stock: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drivers, "_kill_mysql", lambda *_event: None)

    assert await _is_asleep_after_a_second(stock) is True
    with pytest.raises(StoreUnavailable):
        await stock.transact(reserve_one, seconds=1)


async def _is_asleep_after_a_second(database: Database) -> bool:
    """Cut off a write that sleeps with a lock, and look for it on the server for a second."""

    async def work(session: WriteSession) -> None:
        await reserve_one(session)
        await session.row(int, select(func.sleep(6)))

    with pytest.raises(StoreUnavailable):
        await database.transact(work, seconds=0.3)
    began = time.monotonic()
    while is_asleep := await database.run_sync(_is_asleep):
        if time.monotonic() - began > 1:
            break
        await asyncio.sleep(0.05)
    return is_asleep


def _is_asleep(connection: Any) -> bool:
    # Those of other databases are other tests'.
    here = connection.engine.url.database
    found = connection.exec_driver_sql("SHOW FULL PROCESSLIST").mappings()
    return any(row["db"] == here and "sleep(" in (row["Info"] or "") for row in found)


# Writers that meet.


async def test_what_a_writer_read_is_true_until_it_writes(tmp_path: Path) -> None:
    assert await _sum_of_forty_writers(tmp_path) == 40


async def test_twin_that_begins_no_transaction_loses_updates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drivers, "_begin_sqlite", lambda _connection: None)

    assert await _sum_of_forty_writers(tmp_path) < 40


async def _sum_of_forty_writers(tmp_path: Path) -> int:
    """Let writers of two processes, as it were, read a number and write the next."""
    url = f"sqlite+aiosqlite:///{tmp_path}/shop.db"
    first, second = Database(url, timeout_seconds=9), Database(url, timeout_seconds=9)
    await first.create_tables()
    await first.transact(lambda session: session.insert(inventory_levels, level(1)))
    await asyncio.gather(*(side.transact(_count_up) for side in (first, second) * 20))
    [found] = await reserved(first)
    await first.close()
    await second.close()
    return found


async def _count_up(session: WriteSession) -> int:
    seen = await session.row(int, select(inventory_levels.c.reserved))
    assert seen is not None
    return await session.update(inventory_levels.update().values(reserved=seen + 1))


@on_servers
async def test_deadlocked_writes_both_succeed(stock: Database) -> None:
    assert await _cross(stock) == [1, 1]
    assert await reserved(stock) == [2, 2]


@on_servers
async def test_twin_without_a_retry_loses_a_deadlocked_write(
    stock: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql, "ATTEMPTS", 1)

    assert StoreUnavailable in map(type, await _cross(stock))
    assert await reserved(stock) == [1, 1]


async def _cross(database: Database) -> list[int | BaseException]:
    """Let two writers take two rows in opposite sequence; return what became of each."""
    has_first = {1: asyncio.Event(), 2: asyncio.Event()}

    async def work(session: WriteSession, first: int, second: int) -> int:
        await reserve_one(session, first)
        has_first[first].set()
        await has_first[second].wait()
        return await reserve_one(session, second)

    ends = await asyncio.gather(
        database.transact(lambda session: work(session, 1, 2)),
        database.transact(lambda session: work(session, 2, 1)),
        return_exceptions=True,
    )
    return list(ends)


# A store that is away.


async def test_server_that_is_away_is_told_at_once() -> None:
    url = f"mysql+asyncmy://root@127.0.0.1:{free_port()}/shop"
    opened = Database(url, timeout_seconds=5)
    began = time.monotonic()

    with pytest.raises(StoreUnavailable):
        await opened.ping()
    with pytest.raises(StoreUnavailable):
        await opened.transact(reserve_one)
    assert time.monotonic() - began < 1
    await opened.close()


@on_servers
@pytest.mark.parametrize("driver", ["asyncmy", "aiomysql"])
@pytest.mark.parametrize("how", ["shut", "stuck"])
async def test_server_that_comes_back_is_used_again(
    stock: Database, sql_url: str, driver: str, how: str
) -> None:
    async with door(sql_url.replace("asyncmy", driver)) as (its, url):
        opened = Database(url, timeout_seconds=0.5)
        await opened.transact(reserve_one)
        its.stick() if how == "stuck" else await its.shut()
        await _all_are_told_in_time(opened)
        if how == "stuck":
            await its.shut()
        await its.open()

        assert await opened.transact(reserve_one) == 1
        assert await reserved(stock) == [2, 0]
        await opened.close()


async def _all_are_told_in_time(database: Database) -> None:
    """Ask more at once than there are connections."""
    began = time.monotonic()
    ends = await asyncio.gather(
        *(database.ping() for _ in range(10)),
        *(database.transact(reserve_one) for _ in range(10)),
        return_exceptions=True,
    )
    assert set(map(type, ends)) == {StoreUnavailable}
    assert time.monotonic() - began < 3


@on_servers
async def test_server_that_sticks_within_a_write_is_told_in_time(
    stock: Database, sql_url: str
) -> None:
    async with door(sql_url) as (its, url):
        opened = Database(url, timeout_seconds=0.5)

        async def work(session: WriteSession) -> None:
            await reserve_one(session)
            its.stick()
            await asyncio.sleep(30)

        began = time.monotonic()
        with pytest.raises(StoreUnavailable):
            await opened.transact(work)
        await opened.close()
        assert time.monotonic() - began < 4
    assert await reserved(stock) == [0, 0]


@on_servers
async def test_stuck_server_does_not_hold_up_the_end(stock: Database, sql_url: str) -> None:
    async with door(sql_url) as (its, url):
        opened = Database(url, timeout_seconds=0.5)
        await asyncio.gather(*(opened.transact(reserve_one) for _ in range(8)))
        its.stick()
        began = time.monotonic()
        await opened.close()
        assert time.monotonic() - began < 2
    assert await reserved(stock) == [8, 0]


@on_servers
async def test_ninth_who_asks_at_once_waits_two_seconds_at_most(database: Database) -> None:
    async with AsyncExitStack() as held:
        for _ in range(8):
            await held.enter_async_context(database.read())
        began = time.monotonic()
        with pytest.raises(StoreUnavailable):
            await database.ping()
        assert 1.5 < time.monotonic() - began < 3
    await database.ping()


async def test_file_that_another_process_writes_to_is_told_in_time(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/shop.db"
    first, second = Database(url, timeout_seconds=30), Database(url, timeout_seconds=0.5)
    await first.create_tables()
    is_writing, may_end = asyncio.Event(), asyncio.Event()

    async def work(session: WriteSession) -> None:
        await session.insert(inventory_levels, level(1))
        is_writing.set()
        await may_end.wait()

    writing = asyncio.create_task(first.transact(work))
    await is_writing.wait()
    began = time.monotonic()
    with pytest.raises(StoreUnavailable):
        await second.transact(reserve_one)
    assert await reserved(second) == []
    assert time.monotonic() - began < 2
    may_end.set()
    await writing
    assert await second.transact(reserve_one) == 1
    await first.close()
    await second.close()


# The replica.


@pytest.fixture
async def replicated(sql_url: str, tmp_path: Path) -> AsyncGenerator[Database]:
    """A store whose replica has the tables, and never gets a row."""
    replica_url = f"sqlite+aiosqlite:///{tmp_path}/replica.db"
    for url in (sql_url, replica_url):
        await migrated.upgrade(url)
    opened = Database(sql_url, replica_url, timeout_seconds=5)
    yield opened
    await opened.close()


async def test_operation_reads_the_replica_until_it_writes(replicated: Database) -> None:
    operation = OperationDatabase(replicated)

    assert await _count(operation) == [0]
    await operation.transact(lambda session: session.insert(inventory_levels, level(1)))
    assert await _count(operation) == [1]
    assert await _count(OperationDatabase(replicated)) == [0]


async def test_twin_that_always_reads_the_replica_misses_its_own_write(
    replicated: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(OperationDatabase, "read", lambda self: self._database.read())
    operation = OperationDatabase(replicated)

    await operation.transact(lambda session: session.insert(inventory_levels, level(1)))
    assert await _count(operation) == [0]


async def _count(operation: OperationDatabase) -> list[int]:
    async with operation.read() as session:
        return await session.rows(int, select(func.count()).select_from(inventory_levels))


# Texts and instants.

_tables = MetaData()
_notes = Table(
    "notes",
    _tables,
    Column("name", key(64), primary_key=True),
    Column("title", words(100), nullable=False),
    Column("body", prose(), nullable=False),
    Column("facts", Plain, nullable=False),
    Column("at", Instant, nullable=False),
)
#: Names that are different, though a database may find them equal.
NAMES = ["a", "A", "a ", "a  ", " a", "ä", "Ä", "a\u0308", "ss", "ß", "茶", "茶 ", "🫖", "🍵", "%"]


def note(name: str) -> tuple[Any, ...]:
    title = f' {name}\t龙井 🍵 it\'s \\ "100%" '
    facts = {"name": name, "list": [1, True, None, "🍵"], "long": "茶" * 30_000}
    return name, title, f"{title}\r\n" + "茶🍵x" * 20_000, facts, NOW


async def test_texts_and_instants_come_back_as_they_were(empty_sql_url: str) -> None:
    opened = Database(empty_sql_url, timeout_seconds=5, tables=_tables)
    await opened.create_tables()
    columns = [column.name for column in _notes.columns]
    rows = [dict(zip(columns, note(name), strict=True)) for name in NAMES]
    await opened.transact(lambda session: session.insert(_notes, *rows))
    async with opened.read() as session:
        found = {
            name: await session.rows(lambda *row: row, select(_notes).where(_notes.c.name == name))
            for name in NAMES
        }
    await opened.close()

    assert found == {name: [note(name)] for name in NAMES}


async def test_users_whose_subjects_differ_by_a_space_are_two(database: Database) -> None:
    people = [User(n, subject, 1, NOW, NOW, (Role.OWNER,)) for n, subject in enumerate(["x", "x "])]

    async def work(session: WriteSession) -> None:
        for person in people:
            await users.add_if_new(session, person)

    await database.transact(work)
    async with database.read() as session:
        found = [await users.by_subject(session, one) for one in ("x", "x ", "X")]

    assert found == [*people, None]

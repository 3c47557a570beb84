"""Statements that are kept do on the driver's cursor what they do by SQLAlchemy."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import (
    BindParameter,
    Column,
    MetaData,
    Table,
    bindparam,
    delete,
    insert,
    literal,
    select,
    update,
)

from stores.columns import Instant, Plain, key, prose
from stores.drivers import UniqueViolation
from stores.kept import Reading, alike, kept
from stores.sql import Database, WriteSession
from tests.statements import told

NOW = datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC)

things = Table(
    "kept_things",
    MetaData(),
    Column("name", key(60), primary_key=True),
    Column("text", prose()),
    Column("plain", Plain, nullable=True),
    Column("at", Instant, nullable=True),
)
ROWS: list[dict[str, object]] = [
    {"name": "a", "text": "50 % off, 'quoted' \\ back", "plain": {"k": [1, "é"]}, "at": NOW},
    {"name": "b", "text": "茶", "plain": None, "at": None},
    {"name": "c ", "text": "", "plain": [], "at": NOW},
]
_NAMES: BindParameter[Any] = bindparam("names", expanding=True)
BY_NAMES = select(*things.c).where(things.c.name.in_(_NAMES)).order_by(things.c.name)
RENAME = update(things).where(things.c.name == bindparam("old")).values(name=bindparam("new"))


def row(*columns: Any) -> tuple[Any, ...]:
    return columns


@pytest.fixture
async def shelf(database: Database) -> Database:
    """A store with three things, one of which has a blank at the end of its name."""
    await database.run_sync(things.create)
    await database.transact(lambda session: session.insert(things, *ROWS))
    return database


async def read(shelf: Database, statement: Reading, **parameters: object) -> list[Any]:
    async with shelf.read() as session:
        return await session.rows(row, statement, parameters)


KEPT: dict[str, tuple[Reading, dict[str, object]]] = {
    "all": (BY_NAMES, {"names": ["a", "b", "c "]}),
    "one": (BY_NAMES, {"names": ["b"]}),
    "a blank counts": (BY_NAMES, {"names": ["c"]}),
    "none": (BY_NAMES, {"names": []}),
    "by instant": (select(things.c.name).where(things.c.at == bindparam("at")), {"at": NOW}),
    "per cent": (select(things.c.name).where(things.c.text.like("50 %%off%")), {}),
    "its own values": (select(things.c.name, literal(7)).where(things.c.name != "b"), {}),
    "its own list": (select(things.c.name).where(things.c.name.in_(["a", "b"])), {}),
    "limit": (select(things.c.name).order_by(things.c.name).limit(bindparam("n")), {"n": 2}),
    "two lists": (
        select(things.c.name).where(
            things.c.name.in_(_NAMES), things.c.text.in_(bindparam("texts", expanding=True))
        ),
        {"texts": ["茶", ""], "names": ["a", "b"]},
    ),
    "union": (
        select(things.c.name, things.c.at)
        .where(things.c.name == bindparam("one"))
        .union_all(select(things.c.name, things.c.at).where(things.c.name == bindparam("two"))),
        {"two": "b", "one": "a"},
    ),
}


@pytest.mark.parametrize("case", KEPT)
async def test_kept_statement_gives_the_rows_that_sqlalchemy_gives(
    shelf: Database, case: str
) -> None:
    statement, parameters = KEPT[case]
    async with shelf.read() as session:
        made = await session._connection.execute(statement, parameters)
        expected = [tuple(one) for one in made]
        assert await session.rows(row, statement, parameters) == expected


async def test_kept_statement_is_compiled_once(
    shelf: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await read(shelf, BY_NAMES, names=["a"])
    before = kept.cache_info().misses
    for count in range(1, 4):
        await read(shelf, BY_NAMES, names=["a"] * count)

    assert kept.cache_info().misses == before


async def test_instants_and_texts_are_written_as_they_are_read(shelf: Database) -> None:
    move = update(things).where(things.c.name == bindparam("who"))
    move = move.values(at=bindparam("then"), plain=bindparam("what"))
    given = {"who": "b", "then": NOW, "what": {"per": "100 %"}}

    assert await shelf.transact(lambda session: session.update(move, given)) == 1
    assert await read(shelf, BY_NAMES, names=["b"]) == [("b", "茶", {"per": "100 %"}, NOW)]


async def test_matched_rows_count_even_if_nothing_changed(shelf: Database) -> None:
    async def work(session: WriteSession) -> list[int]:
        names = [("a", "a"), ("nobody", "x"), ("b", "d")]
        return [await session.update(RENAME, {"old": old, "new": new}) for old, new in names]

    assert await shelf.transact(work) == [1, 0, 1]


async def test_kept_write_tells_of_a_key_that_exists_and_goes_on(shelf: Database) -> None:
    async def work(session: WriteSession) -> None:
        with pytest.raises(UniqueViolation):
            await session.update(RENAME, {"old": "a", "new": "b"})
        await session.update(RENAME, {"old": "a", "new": "z"})

    await shelf.transact(work)
    assert [one[0] for one in await read(shelf, BY_NAMES, names=["a", "z"])] == ["z"]


async def test_kept_write_belongs_to_its_transaction(shelf: Database) -> None:
    async def work(session: WriteSession) -> None:
        assert await session.update(
            delete(things).where(things.c.name == bindparam("n")), {"n": "a"}
        )
        raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        await shelf.transact(work)
    assert len(await read(shelf, BY_NAMES, names=["a"])) == 1


async def test_kept_statement_is_seen_by_those_who_count(shelf: Database) -> None:
    seen: list[str] = []
    with told(seen.append):
        await read(shelf, BY_NAMES, names=["a", "b"])

    assert len(seen) == 1
    assert "kept_things" in seen[0]


def test_statement_is_compiled_once_for_engines_that_write_alike() -> None:
    urls = ("sqlite+aiosqlite:///a", "sqlite+aiosqlite:///b", "mysql+asyncmy://host/a")
    one, same, other = (Database(url, timeout_seconds=1)._primary.dialect for url in urls)

    assert one is not same, "Engines share dialects themselves now."
    assert kept(BY_NAMES, alike(one)) is kept(BY_NAMES, alike(same))
    assert kept(BY_NAMES, alike(one)).mark != kept(BY_NAMES, alike(other)).mark


def test_column_that_fills_itself_in_is_refused() -> None:
    table = Table("t", MetaData(), Column("n", things.c.name.type, default="x"), Column("m", Plain))
    dialect = Database("sqlite+aiosqlite:///x", timeout_seconds=1)._primary.dialect
    with pytest.raises(TypeError, match="Name every column"):
        kept(insert(table).values(m=bindparam("m")), dialect)

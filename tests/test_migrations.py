"""The migrations make what the stores declare, take all of it back, and say where they are."""

import logging
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Index, MetaData, UniqueConstraint, inspect

from mallgraph import migrations
from stores import shop
from stores.columns import metadata
from stores.sql import Database


@pytest.fixture
async def empty(empty_sql_url: str) -> Any:
    """A store without tables."""
    opened = Database(empty_sql_url, timeout_seconds=5)
    yield opened
    await opened.close()


def _found(connection: Connection) -> dict[str, Any]:
    known = inspect(connection)
    names = set(known.get_table_names()) - {"alembic_version"}
    return {name: _shape(known, name) for name in sorted(names)}


def _shape(known: Any, table: str) -> dict[str, Any]:
    # MySQL shows a unique key among the indexes too.
    uniques = {(u["name"], *u["column_names"]) for u in known.get_unique_constraints(table)}
    indexes = {(i["name"], *i["column_names"]) for i in known.get_indexes(table)}
    return {
        "columns": [(c["name"], c["nullable"]) for c in known.get_columns(table)],
        "key": known.get_pk_constraint(table)["constrained_columns"],
        "uniques": uniques,
        "indexes": indexes - uniques,
    }


def _declared(tables: MetaData) -> dict[str, Any]:
    return {table.name: _declared_shape(table) for table in tables.sorted_tables}


def _declared_shape(table: Any) -> dict[str, Any]:
    keys = [one for one in table.constraints if isinstance(one, UniqueConstraint)]
    return {
        "columns": [(column.name, column.nullable) for column in table.columns],
        "key": [column.name for column in table.primary_key.columns],
        "uniques": {_named(one) for one in keys},
        "indexes": {_named(one) for one in table.indexes},
    }


def _named(one: Index | UniqueConstraint) -> tuple[str, ...]:
    return (_name_of(one), *(column.name for column in one.columns))


def _name_of(one: Any) -> str:
    if isinstance(one.name, str) and not getattr(one.name, "_is_template", False):
        columns = "_".join(column.name for column in one.columns)
        return one.name if one.name != columns else f"uq_{one.table.name}_{columns}"
    return f"uq_{one.table.name}_{'_'.join(column.name for column in one.columns)}"


def _differences(connection: Connection) -> list[Any]:
    return list(compare_metadata(MigrationContext.configure(connection), metadata))


async def test_newest_revision_has_the_tables_of_the_stores(empty: Database) -> None:
    await migrations.upgrade(empty)

    assert await empty.run_sync(_found) == dict(sorted(_declared(metadata).items()))
    assert await empty.run_sync(_differences) == []


async def test_way_down_leaves_nothing_and_the_way_up_goes_again(empty: Database) -> None:
    await migrations.upgrade(empty)
    first = await empty.run_sync(_found)
    await migrations.downgrade(empty, "base")

    assert await empty.run_sync(_found) == {}
    await migrations.upgrade(empty)
    assert await empty.run_sync(_found) == first


async def test_store_says_whether_its_tables_are_of_this_release(empty: Database) -> None:
    assert (await migrations.current(empty), await migrations.is_current(empty)) == (None, False)
    await migrations.upgrade(empty)
    assert await migrations.current(empty) == migrations.newest()
    assert await migrations.is_current(empty)
    await migrations.downgrade(empty, "base")
    assert not await migrations.is_current(empty)


async def test_shop_is_made_once(database: Database) -> None:
    assert await migrations.ensure_shop(database, "CNY", "茶")
    async with database.read() as session:
        first = await shop.get(session)
    assert not await migrations.ensure_shop(database, "EUR", "Other")
    async with database.read() as session:
        assert await shop.get(session) == first

    assert first is not None
    assert (first.currency_code, first.name, first.version) == ("CNY", "茶", 1)


async def test_way_up_warns_of_nothing(empty: Database, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        await migrations.upgrade(empty)

    assert caplog.messages == []

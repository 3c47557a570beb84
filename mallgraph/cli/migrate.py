"""`mallgraph migrate`: the tables of this release, and the shop's own row."""

import asyncio
from typing import Annotated

import typer

from mallgraph import migrations
from mallgraph.cli import give_up
from mallgraph.configuration import load
from stores.health import address, kind
from stores.money import EXPONENTS
from stores.settings import Settings
from stores.sql import Database


def _currency(code: str) -> str:
    if code not in EXPONENTS:
        raise typer.BadParameter(f"{code} is no currency by ISO 4217, such as EUR.")
    return code


def command(
    to: Annotated[str, typer.Option(help="A revision of the tables, such as 0001.")] = "head",
    *,
    down: Annotated[
        bool, typer.Option("--down", help="Go back to --to; what newer tables hold is lost.")
    ] = False,
    currency: Annotated[
        str,
        typer.Option(
            help="Currency of a new shop, by ISO 4217; it stays for good.", callback=_currency
        ),
    ] = "EUR",
) -> None:
    """Bring the relational store to the tables of this release; safe to run again.

    A shop that is new gets its own row: its name, its currency and its limits.
    """
    if down and to == "head":
        give_up("Say how far back: `mallgraph migrate --down --to 0001`, or `--to base`.")
    asyncio.run(_migrate(load(), to, currency, is_down=down))


async def _migrate(settings: Settings, to: str, currency: str, *, is_down: bool) -> None:
    database = Database(settings.sql(), timeout_seconds=settings.store_timeout_seconds)
    try:
        await _move(database, to, is_down=is_down)
        if await migrations.is_current(database):
            await migrations.ensure_shop(database, currency)
        revision = await migrations.current(database)
        typer.echo(f"{address(settings.sql())} is at revision {revision or 'base'}.")
    finally:
        await database.close()


async def _move(database: Database, to: str, *, is_down: bool) -> None:
    from alembic.util import CommandError  # noqa: PLC0415  Serving needs none of it.

    try:
        await (migrations.downgrade if is_down else migrations.upgrade)(database, to)
    except CommandError as error:
        give_up(f"{error}; the files in migrations/versions are named by their revision.")


async def made_ready(settings: Settings) -> None:
    """Migrate a shop in files by itself; a shop on a server must have been migrated.

    Ends the process otherwise. Raises StoreUnavailable.
    """
    database = Database(settings.sql(), timeout_seconds=settings.store_timeout_seconds)
    try:
        if await migrations.is_current(database):
            return
        if kind(settings.sql()) != "sqlite":
            give_up("The tables are not those of this release: run `mallgraph migrate` first.")
        await migrations.upgrade(database)
        await migrations.ensure_shop(database)
    finally:
        await database.close()

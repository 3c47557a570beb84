"""`mallgraph migrate`: the tables of this release, and the shop's own row."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Annotated

import typer

from mallgraph import migrations
from mallgraph.cli import give_up
from mallgraph.configuration import load
from stores import walks
from stores.accounts_open import open_database
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

    A shop that is new gets its own row: its name, its currency and its limits. Accounts in a
    database of their own are brought to the same tables.
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
        await _tell(database, settings.sql())
        if settings.accounts_url:
            await _move_accounts(settings, database, to, is_down=is_down)
    finally:
        await database.close()


async def _move_accounts(settings: Settings, shop: Database, to: str, *, is_down: bool) -> None:
    async with _accounts(settings) as (accounts, url):
        await _move(accounts, to, is_down=is_down)
        await _tell(accounts, url)
        if await migrations.is_current(shop):
            await _refuse_two_ledgers(shop)


@asynccontextmanager
async def _accounts(settings: Settings) -> AsyncGenerator[tuple[Database, str]]:
    """Yield the accounts' own database, which the settings name, and its URL."""
    url = settings.accounts_url.get_secret_value() if settings.accounts_url else ""
    accounts = open_database(url, settings.store_timeout_seconds)
    try:
        yield accounts, url
    finally:
        await accounts.close()


async def _tell(database: Database, url: str) -> None:
    revision = await migrations.current(database)
    typer.echo(f"{address(url)} is at revision {revision or 'base'}.")


async def _refuse_two_ledgers(shop: Database) -> None:
    async with shop.read() as session:
        is_used = await walks.ACCOUNTS.after(session, None, 1)
    if is_used:
        give_up(
            "The shop's own database has accounts already: copy its tables ledger_accounts, "
            "ledger_transactions and ledger_entries to MALLGRAPH_ACCOUNTS_URL, and empty them in "
            "the shop, while it is closed; or leave that setting out."
        )


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
        if not await migrations.is_current(database):
            await _make(database, settings.sql())
            await migrations.ensure_shop(database)
        if settings.accounts_url:
            await _refuse_two_ledgers(database)
    finally:
        await database.close()
    if settings.accounts_url:
        async with _accounts(settings) as (accounts, url):
            if not await migrations.is_current(accounts):
                await _make(accounts, url)


async def _make(database: Database, url: str) -> None:
    if kind(url) != "sqlite":
        give_up("The tables are not those of this release: run `mallgraph migrate` first.")
    await migrations.upgrade(database)

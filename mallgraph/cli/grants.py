"""`mallgraph grants`: what the shop's own user of the relational store needs, as SQL."""

import asyncio
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from mallgraph.cli import WRONG_USE, give_up
from mallgraph.configuration import load
from stores import grants
from stores.settings import Settings
from stores.settings_accounts import AccountsBy
from stores.sql import Database


def command(
    user: Annotated[str, typer.Argument(help="Who runs the shop: NAME, or NAME@HOST.")],
) -> None:
    """Print the GRANTs for a user who can run the shop, and change no entry of the ledger.

    For MySQL and MariaDB. The tables are made by another user, with `mallgraph migrate`; give the
    rights again after a release that brings new ones.
    """
    name, _, host = user.partition("@")
    settings = load()
    files = [whose for whose, url in _urls(settings).items() if not grants.has_users(url)]
    if len(files) == len(_urls(settings)):
        give_up("SQLite has no grants: whoever may write the file may do anything.", WRONG_USE)
    try:
        told = asyncio.run(_statements(settings, name, host or "%"))
    except ValueError as error:
        give_up(str(error), WRONG_USE)
    for statement in told:
        typer.echo(f"{statement};")
    for whose in files:
        sys.stderr.write(f"{whose} lies in SQLite, which has no grants; nothing is needed there.\n")


def _urls(settings: Settings) -> dict[str, str]:
    """Return where what is granted lies, by whose database it is."""
    told = {"The shop": settings.sql()}
    if settings.accounts_url is not None:
        told["The ledger"] = settings.accounts_url.get_secret_value()
    return told


async def _statements(settings: Settings, user: str, host: str) -> Sequence[str]:
    is_xa = settings.accounts_by is AccountsBy.XA
    told: list[str] = []
    for whose, url in _urls(settings).items():
        if grants.has_users(url):
            is_branched = is_xa and whose == "The ledger"
            told += await _of(url, settings, user, host, is_xa=is_branched)
    return told


async def _of(
    url: str, settings: Settings, user: str, host: str, *, is_xa: bool = False
) -> Sequence[str]:
    database = Database(url, timeout_seconds=settings.store_timeout_seconds)
    try:
        told = await grants.statements(database, url, user, host)
        return [*told, *await grants.of_recovery(database, user, host)] if is_xa else told
    finally:
        await database.close()

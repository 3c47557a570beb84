"""`mallgraph grants`: what the shop's own user of the relational store needs, as SQL."""

import asyncio
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
    try:
        told = asyncio.run(_statements(load(), name, host or "%"))
    except ValueError as error:
        give_up(str(error), WRONG_USE)
    for statement in told:
        typer.echo(f"{statement};")


async def _statements(settings: Settings, user: str, host: str) -> Sequence[str]:
    told = await _of(settings.sql(), settings, user, host)
    if settings.accounts_url is None:
        return told
    is_xa = settings.accounts_by is AccountsBy.XA
    url = settings.accounts_url.get_secret_value()
    return [*told, *await _of(url, settings, user, host, is_xa=is_xa)]


async def _of(
    url: str, settings: Settings, user: str, host: str, *, is_xa: bool = False
) -> Sequence[str]:
    database = Database(url, timeout_seconds=settings.store_timeout_seconds)
    try:
        told = await grants.statements(database, url, user, host)
        return [*told, *await grants.of_recovery(database, user, host)] if is_xa else told
    finally:
        await database.close()

"""`mallgraph grants`: what the shop's own user of the relational store needs, as SQL."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

import typer

from mallgraph.cli import WRONG_USE, give_up
from mallgraph.configuration import load
from stores import grants
from stores.settings import Settings
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
    accounts = settings.accounts_url
    urls = [settings.sql(), *([accounts.get_secret_value()] if accounts else [])]
    return [one for url in urls for one in await _of(url, settings, user, host)]


async def _of(url: str, settings: Settings, user: str, host: str) -> Sequence[str]:
    database = Database(url, timeout_seconds=settings.store_timeout_seconds)
    try:
        return await grants.statements(database, url, user, host)
    finally:
        await database.close()

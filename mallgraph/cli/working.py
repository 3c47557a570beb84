"""What commands that work on the shop share: its stores, and sentences when they cannot."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import NoReturn, TypeVar

import typer
from rich.console import Console

from jobs.at_work import at_work
from mallgraph import migrations
from resolvers.context import Mall
from stores import Stores, open_stores
from stores.errors import StoreUnavailable
from stores.settings import Settings

R = TypeVar("R")

CONSOLE = Console(stderr=True)
#: Exit code of a command that could not do its work.
FAILED = 2


def on_the_shop(work: Callable[[Mall], Awaitable[R]]) -> R:
    """Run `work` on the shop of the settings, or exit with 2 and a sentence why not."""
    try:
        return asyncio.run(_run(work))
    except StoreUnavailable as error:
        give_up(str(error))


def give_up(sentence: str) -> NoReturn:
    """Print why nothing can be done, and exit with 2."""
    CONSOLE.print(sentence, style="red", highlight=False)
    raise typer.Exit(FAILED)


async def _run(work: Callable[[Mall], Awaitable[R]]) -> R:
    settings = Settings()
    async with open_stores(settings) as stores:
        await _prepare(stores)
        mall = Mall(stores, settings)
        async with at_work(mall):
            return await work(mall)


async def _prepare(stores: Stores) -> None:
    if not await migrations.is_current(stores.database):
        give_up("The shop's tables are missing or of another release. Run: mallgraph migrate")
    await stores.specs.prepare()
    await stores.search.prepare()

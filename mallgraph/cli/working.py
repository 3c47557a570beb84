"""What commands that work on the shop share: its stores, opened and ready."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from rich.console import Console

from jobs.at_work import at_work
from mallgraph.cli.migrate import made_ready
from mallgraph.configuration import load
from resolvers.context import Mall
from stores import open_stores

R = TypeVar("R")

CONSOLE = Console(stderr=True)


def on_the_shop(work: Callable[[Mall], Awaitable[R]]) -> R:
    """Run `work` on the shop of the settings; a shop in files is made if need be.

    Ends the process if a shop on servers is not migrated. Raises StoreUnavailable.
    """
    return asyncio.run(_run(work))


async def _run(work: Callable[[Mall], Awaitable[R]]) -> R:
    settings = load()
    await made_ready(settings)
    async with open_stores(settings) as stores:
        await stores.specs.prepare()
        await stores.search.prepare()
        await stores.carts.prepare()
        mall = Mall(stores, settings)
        async with at_work(mall):
            return await work(mall)

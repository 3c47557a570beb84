"""`mallgraph reindex`: the search index anew, from all products."""

import time

from rich import progress
from rich.console import Console

from jobs import search_index
from mallgraph.cli.working import CONSOLE, on_the_shop
from resolvers.context import Mall


def command() -> None:
    """Build the search index anew beside the old one, which serves until then."""
    began = time.monotonic()
    count = on_the_shop(_reindex)
    Console().print(f"{count:,} products indexed in {time.monotonic() - began:,.1f} s.")


async def _reindex(mall: Mall) -> int:
    columns = (
        progress.TextColumn("reindex"),
        progress.BarColumn(),
        progress.MofNCompleteColumn(),
        progress.TimeElapsedColumn(),
    )
    with progress.Progress(*columns, console=CONSOLE) as shown:
        task = shown.add_task("reindex", total=await search_index.count(mall))
        return await search_index.reindex(mall, lambda read: shown.update(task, completed=read))

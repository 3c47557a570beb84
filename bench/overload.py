"""More requests than a worker can answer: those it answers are answered soon, the others at once.

    PYTHONPATH=. .venv/bin/python bench/overload.py DATA
    PYTHONPATH=. .venv/bin/python bench/overload.py mallgraph/demo/catalogue.jsonl --times 1,4,8

DATA is that of `bench/pages.py`. First some connections ask for a page again and again: that is
what one worker can answer. Then so many times as many requests come in each second, evenly,
whatever became of those before. Each is answered, or told by a 503 when to come again; anything
else ends the command with 1. A time counts from the moment at which the request was due. The load
comes from this process, on another core than the worker. Linux only.
"""

import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import overload_load
import pages_answers
import pages_documents
import pages_load
import pages_servers
import pages_shop
import pages_table
import pages_wanted
import typer
import uvloop
from overload_load import Crowd
from pages_progress import telling
from pages_servers import Server
from rich.console import Console
from rich.table import Table

_CONSOLE = Console()
_CONNECTIONS = 16
_SHOWN = 3


def main(
    data: Annotated[Path, typer.Argument(metavar="DATA", exists=True, help="As of pages.py.")],
    page: Annotated[
        str, typer.Option(help=f"One of {','.join(pages_documents.NAMES)}.")
    ] = "list20",
    times: Annotated[str, typer.Option(help="How often what can be answered comes.")] = "0.5,1,2,4",
    seconds: Annotated[float, typer.Option(min=1, help="For each of them.")] = 10.0,
    database: Annotated[str, typer.Option(help="Where the catalogue is kept.")] = "bench_pages",
) -> None:
    """Print what becomes of requests while more and more come."""
    # Stopped, it must not leave a server behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    wanted = [float(one) for one in times.split(",")]
    with telling() as tell:
        filled = pages_shop.embedded if data.is_file() else pages_shop.on_servers(database)
        with filled(data, tell) as shop, pages_servers.started("mallgraph", shop) as server:
            tell("Measuring.")
            most, crowds = uvloop.run(_measured(server, page, wanted, seconds))
    _CONSOLE.print(pages_table.versions(["mallgraph"], shop.stores))
    _CONSOLE.print(_table(page, most, dict(zip(wanted, crowds, strict=True)), seconds))
    if wrong := [told for crowd in crowds for told in crowd.wrong]:
        _CONSOLE.print(f"{len(wrong)} are neither: {wrong[:_SHOWN]}", style="red", markup=False)
        raise typer.Exit(1)


async def _measured(
    server: Server, name: str, times: Sequence[float], seconds: float
) -> tuple[float, list[Crowd]]:
    """Return how many requests a second are answered at most, and what became of each crowd."""
    page = pages_documents.pages(await pages_wanted.wanted(server))[name]
    request = pages_answers.request(server, page)
    await pages_load.run(server.port, request, 1, _CONNECTIONS)
    began = time.perf_counter()
    answered = await pages_load.run(server.port, request, seconds, _CONNECTIONS)
    most = len(answered) / (time.perf_counter() - began)
    return most, [
        await overload_load.come(server.port, request, most * one, seconds) for one in times
    ]


def _table(page: str, most: float, crowds: dict[float, Crowd], seconds: float) -> Table:
    table = Table("load", title=f"{page}: at most {most:,.0f} requests/s are answered")
    for heading in ("sent/s", "late p99 ms", "answered/s", "p50 ms", "p99 ms", "503", "503 p99"):
        table.add_column(heading, justify="right")
    for times, crowd in crowds.items():
        sent = len(crowd.answered) + len(crowd.refused) + len(crowd.wrong)
        table.add_row(
            f"{times:g} x",
            f"{sent / seconds:,.0f}",
            _share(crowd.late, 0.99),
            f"{len(crowd.answered) / seconds:,.0f}",
            _share(crowd.answered, 0.5),
            _share(crowd.answered, 0.99),
            f"{len(crowd.refused) / sent:.0%}",
            _share(crowd.refused, 0.99),
        )
    return table


def _share(seconds: Sequence[float], share: float) -> str:
    told = sorted(seconds)
    return f"{told[int(len(told) * share)] * 1_000:.0f}" if told else ""


if __name__ == "__main__":
    typer.run(main)

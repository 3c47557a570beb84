"""What the pages of a shop cost to read: by hand, by plain Strawberry, by mercurius, by mallgraph.

    PYTHONPATH=. .venv/bin/python bench/pages.py DATA
    PYTHONPATH=. .venv/bin/python bench/pages.py DATA --pages list20,cart --servers hand,mallgraph
    PYTHONPATH=. .venv/bin/python bench/pages.py mallgraph/demo/catalogue.jsonl --seconds 1

DATA is the folder of the public data: its catalogue is imported into MariaDB, MongoDB and
Elasticsearch, which are started if they do not run, and stays there for the next time. A file of
products is imported into files instead; then only the servers and pages that need no real stores
are measured.

`fragments` is mallgraph that keeps parts of its answers, which the round that warms up has filled.

Every server is one process, all on the same core over the same stores, and each is asked in its
turn while the others rest. Each must answer exactly what mallgraph answers before anything is
measured. The load comes from this process. Linux only, as its scheduler tells the CPU.
"""

import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import pages_documents
import pages_plot
import pages_servers
import pages_shop
import pages_table
import typer
from pages_answers import OtherAnswer
from pages_load import BadAnswer
from pages_measure import Figures, against
from pages_progress import telling
from pages_run import Run
from rich.console import Console

_CONSOLE = Console()
#: What files are enough for.
_EMBEDDED_SERVERS = ("hand", "mallgraph", "fragments")
_EMBEDDED_PAGES = tuple(name for name in pages_documents.NAMES if name != "search")


def main(  # noqa: PLR0913, PLR0917  The options of a command.
    data: Annotated[
        Path,
        typer.Argument(metavar="DATA", exists=True, help="Folder of the data, or a product file."),
    ],
    pages: Annotated[
        str | None, typer.Option(help=f"Some of {','.join(pages_documents.NAMES)}.")
    ] = None,
    servers: Annotated[
        str | None, typer.Option(help=f"Some of {','.join(pages_servers.NAMES)}.")
    ] = None,
    seconds: Annotated[
        float, typer.Option(min=0, help="For each server and page; 0 only compares the answers.")
    ] = 5.0,
    connections: Annotated[int, typer.Option(min=1, max=64, help="Requests at once.")] = 4,
    plot: Annotated[Path | None, typer.Option(help="Draw the ratios into this SVG.")] = None,
    database: Annotated[str, typer.Option(help="Where the catalogue is kept.")] = "bench_pages",
) -> None:
    """Measure what pages cost to read, and print it beside the versions of everything."""
    # Stopped, it must not leave a server behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    files = data.is_file()
    run = Run(
        _chosen(servers, _EMBEDDED_SERVERS if files else pages_servers.NAMES),
        _chosen(pages, _EMBEDDED_PAGES if files else pages_documents.NAMES),
        seconds,
        connections,
    )
    found: list[Figures] = []
    with telling() as tell:
        filled = pages_shop.embedded if files else pages_shop.on_servers(database)
        with filled(data, tell) as shop:
            wrong = _collect(found, run.measured(shop, tell))
    _CONSOLE.print(pages_table.versions(run.servers, shop.stores))
    if found:
        _CONSOLE.print(pages_table.figures(found, run.yardstick))
    if wrong:
        _CONSOLE.print(wrong, style="red", markup=False, highlight=False)
        raise typer.Exit(1)
    _CONSOLE.print("All answer the same.", style="green")
    if plot and found:
        plot.write_text(pages_plot.svg(against(found, run.yardstick), run.yardstick))


def _collect(found: list[Figures], measured: Iterator[list[Figures]]) -> str | None:
    """Collect what is measured until something is wrong; return what."""
    try:
        for page in measured:
            found.extend(page)
    except (OtherAnswer, BadAnswer) as error:
        return str(error)
    return None


def _chosen(names: str | None, known: tuple[str, ...]) -> tuple[str, ...]:
    chosen = tuple(names.split(",")) if names else known
    for name in chosen:
        if name not in known:
            raise typer.BadParameter(f"{name} is none of {', '.join(known)}.")
    return chosen


if __name__ == "__main__":
    typer.run(main)

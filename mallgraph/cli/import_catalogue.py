"""`mallgraph import`: files of products into the shop."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from jobs.import_catalogue import Report, Unreadable, import_file
from mallgraph.cli import give_up
from mallgraph.cli.import_bar import bar
from mallgraph.cli.working import CONSOLE, on_the_shop
from resolvers.context import Mall
from stores.errors import ShopError

#: Exit codes: rows were left out, or a file or a store was out of reach.
REFUSED, UNDONE = 1, 2
SHOWN = 20

Reports = dict[Path, Report]


def command(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE", help="JSON lines, also packed as .gz.")
    ],
    errors: Annotated[
        Path | None, typer.Option(help="Write every refused row to this file, as JSON lines.")
    ] = None,
    *,
    index: Annotated[
        bool, typer.Option(help="Wait until search finds the products; the server does it too.")
    ] = True,
) -> None:
    """Import products; what is in the shop already is not written again.

    Exits with 0 if every row went in, 1 if rows were refused, 2 if a file or a store is away.
    """
    reports: Reports = {}
    try:
        on_the_shop(lambda mall: _import(mall, files, reports, with_index=index))
    except (Unreadable, ShopError) as error:
        _tell(reports, errors)
        give_up(str(error), UNDONE)
    _tell(reports, errors)
    if any(report.refused for report in reports.values()):
        raise typer.Exit(REFUSED)


def tell_index(reports: Sequence[Report]) -> None:
    """Say so when search does not find everything yet."""
    if not all(report.is_indexed for report in reports):
        sentence = "Search finds what is new as soon as a running server has told the index."
        CONSOLE.print(sentence, style="yellow")


async def _import(mall: Mall, files: Sequence[Path], reports: Reports, *, with_index: bool) -> None:
    for path in files:
        with bar(path) as progress:
            reports[path] = await import_file(mall, path, progress=progress, with_index=with_index)


def _tell(reports: Reports, errors: Path | None) -> None:
    if not reports:
        return
    Console().print(summary(reports))
    _tell_refused(reports)
    tell_index(list(reports.values()))
    if errors:
        _write(errors, reports)


def summary(reports: Reports) -> Table:
    """Return a table of what became of the rows of each file."""
    table = Table("file", "added", "changed", "unchanged", "refused")
    for path, report in reports.items():
        lines = len({one.line for one in report.refused})
        counts = (report.added, report.changed, report.unchanged, lines)
        table.add_row(path.name, *(f"{count:,}" for count in counts))
    return table


def _tell_refused(reports: Reports) -> None:
    told = [(path, one) for path, report in reports.items() for one in report.refused]
    for path, one in told[:SHOWN]:
        where = f"{path.name}:{one.line}" + (f" {one.field}" if one.field else "")
        CONSOLE.print(f"{where}: {one.reason}", highlight=False, markup=False)
    if len(told) > SHOWN:
        CONSOLE.print(f"… and {len(told) - SHOWN:,} more; --errors FILE writes them all.")


def _write(errors: Path, reports: Reports) -> None:
    with errors.open("w", encoding="utf-8") as file:
        for path, report in reports.items():
            for one in report.refused:
                line = {"file": str(path)} | asdict(one)
                file.write(json.dumps(line, ensure_ascii=False) + "\n")

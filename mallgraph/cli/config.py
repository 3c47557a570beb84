"""`mallgraph config`: every setting, and what is wrong."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from mallgraph import configuration
from mallgraph.cli import FAILED, WRONG_USE


def command(
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Print only what is wrong; exit with 1 if anything is.")
    ] = False,
) -> None:
    """Show every setting: its value without passwords, where that comes from, and what it means.

    A setting is an environment variable, or a line of the file .env in the current folder.
    """
    found = configuration.problems()
    if not check:
        Console().print(_table())
    for problem in found:
        typer.echo(problem, err=True)
    if found:
        raise typer.Exit(FAILED if check else WRONG_USE)
    if check:
        typer.echo("All settings are right.")


def _table() -> Table:
    table = Table("setting", "value", "from", "meaning", show_lines=True)
    # A name that is cut could not be copied.
    table.columns[0].no_wrap = True
    for row in configuration.rows():
        table.add_row(*map(Text, (row.variable, row.value, row.origin, row.description)))
    return table

"""`mallgraph config`: every setting, and what is wrong."""

import shutil
import textwrap
from typing import Annotated

import typer

from mallgraph import configuration
from mallgraph.cli import FAILED, WRONG_USE

_INDENT = " " * 4


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
        typer.echo("\n".join(map(_told, configuration.rows())))
    for problem in found:
        typer.echo(problem, err=True)
    if found:
        raise typer.Exit(FAILED if check else WRONG_USE)
    if check:
        typer.echo("All settings are right.")


def _told(row: configuration.Row) -> str:
    """Return a setting on a line of its own, as nobody can copy what a table has cut."""
    name = typer.style(row.variable, bold=True)
    value = f"{name}={row.value} ({row.origin})" if row.value else f"{name} is not set"
    meaning = textwrap.fill(
        row.description,
        shutil.get_terminal_size().columns,
        initial_indent=_INDENT,
        subsequent_indent=_INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return f"{value}\n{meaning}"

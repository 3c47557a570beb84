"""`mallgraph schema`: what clients build on, and whether a change would break them."""

import difflib
from pathlib import Path
from typing import Annotated

import typer
from graphql import (
    GraphQLSyntaxError,
    build_schema,
    find_breaking_changes,
    find_dangerous_changes,
)

from graph.schema import sdl
from mallgraph.cli import FAILED, give_up

FILE = Path("schema.graphql")


def command(
    *,
    write: Annotated[
        bool, typer.Option("--write", help="Write the file, unless that breaks clients.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Exit with 1 if the file is not the schema.")
    ] = False,
    allow_breaking: Annotated[
        bool, typer.Option("--allow-breaking", help="Write even what breaks clients.")
    ] = False,
    file: Annotated[Path, typer.Option(help="Where the schema is kept.")] = FILE,
) -> None:
    """Print the GraphQL schema, or keep schema.graphql in step with it."""
    now = sdl()
    before = file.read_text(encoding="utf-8") if file.exists() else None
    if check:
        _check(file, before, now)
    elif write:
        _write(file, before, now, allow_breaking=allow_breaking)
    else:
        typer.echo(now, nl=False)


def _check(file: Path, before: str | None, now: str) -> None:
    if before is None:
        give_up(f"{file} is missing: run `mallgraph schema --write`.")
    if before == now:
        typer.echo(f"{file} is the schema.")
        return
    told = _breaking(file, before, now) + _dangerous(before, now)
    typer.echo("\n".join(told or _differences(before, now)))
    typer.echo(f"{file} differs: run `mallgraph schema --write` if that is meant.", err=True)
    raise typer.Exit(FAILED)


def _write(file: Path, before: str | None, now: str, *, allow_breaking: bool) -> None:
    broken = _breaking(file, before, now) if before and not allow_breaking else []
    if broken:
        typer.echo("\n".join(broken), err=True)
        give_up(f"{file} stays as it is; --allow-breaking writes it all the same.")
    file.write_text(now, encoding="utf-8")
    typer.echo(f"{file} is written." if before != now else f"{file} was the schema already.")


def _breaking(file: Path, before: str, now: str) -> list[str]:
    try:
        old = build_schema(before)
    except (GraphQLSyntaxError, TypeError) as error:
        give_up(f"{file} is no schema: {error}")
    return [f"breaking: {one.description}" for one in find_breaking_changes(old, build_schema(now))]


def _dangerous(before: str, now: str) -> list[str]:
    found = find_dangerous_changes(build_schema(before), build_schema(now))
    return [f"dangerous: {one.description}" for one in found]


def _differences(before: str, now: str) -> list[str]:
    lines = difflib.unified_diff(before.splitlines(), now.splitlines(), "file", "schema", "", "", 0)
    return list(lines)[2:]

"""`mallgraph servers`: the real databases, started on this machine by one command."""

import json
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from mallgraph import servers
from mallgraph.servers import settings

app = typer.Typer(
    help="Start and stop real servers for development, without containers.",
    no_args_is_help=True,
    add_completion=False,
)
_STEP_WIDTH = 60


def _known(name: str) -> str:
    if name not in servers.SERVERS:
        raise typer.BadParameter(f"{name} is none of {', '.join(servers.SERVERS)}.")
    return name


def _known_all(names: list[str] | None) -> list[str]:
    return list(dict.fromkeys(map(_known, names or servers.SERVERS)))


Names = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[NAMES]...",
        help=f"Some of {', '.join(servers.SERVERS)}; all if left out.",
        callback=_known_all,
        show_default=False,
    ),
]
Folder = Annotated[Path, typer.Option("--dir", help="Where the servers' data and logs lie.")]
Cache = Annotated[
    Path | None,
    typer.Option(help="Where downloads are kept; the user's cache folder if left out."),
]
_FOLDER = Path(".mallgraph/servers")


@app.command()
def up(
    names: Names = None,
    folder: Folder = _FOLDER,
    cache: Cache = None,
    install: Annotated[bool, typer.Option(help="Install what is missing.")] = True,  # noqa: FBT002
    env: Annotated[Path | None, typer.Option(help="Write the settings to this file, too.")] = None,
) -> None:
    """Start servers, install them first where needed, and print their URLs as settings."""
    place = servers.Place(folder, cache or servers.cache_folder(), install)
    with _messages(), _progress(names or []) as (tell, done):
        outcomes = servers.up(names or [], place, tell, done)
    with _messages():
        _show_settings(folder, env)
    _fail_if_any(outcomes)


@app.command()
def down(names: Names = None, folder: Folder = _FOLDER) -> None:
    """Stop servers that `up` started here; their data stays for the next `up`."""
    place = servers.Place(folder, servers.cache_folder())
    with _messages(), _progress(names or []) as (_tell, done):
        outcomes = servers.down(names or [], place, done)
    _fail_if_any(outcomes)


@app.command()
def status(
    names: Names = None,
    folder: Folder = _FOLDER,
    cache: Cache = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,  # noqa: FBT002
) -> None:
    """Tell which servers run here, where, and with how much memory."""
    place = servers.Place(folder, cache or servers.cache_folder())
    with _messages():
        rows = servers.status(names or [], place)
    if as_json:
        typer.echo(json.dumps([asdict(row) for row in rows], indent=2))
    else:
        Console().print(_table(rows))


@contextmanager
def _messages() -> Generator[None]:
    """Turn what went wrong into a sentence and status 1."""
    try:
        yield
    except (servers.ServerError, OSError) as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(1) from error


@contextmanager
def _progress(
    names: list[str],
) -> Generator[tuple[Callable[[str, str], None], Callable[[servers.Outcome], None]]]:
    """One line for each server, with what is being done, as callbacks of `up`."""
    columns = (SpinnerColumn(finished_text="•"), "{task.description:13}")
    console = Console(stderr=True)
    step = TextColumn("{task.fields[step]}", markup=False)
    with Progress(*columns, step, TimeElapsedColumn(), console=console) as progress:
        tasks = {name: progress.add_task(name, total=1, step="") for name in names}

        def tell(name: str, said: str) -> None:
            progress.update(tasks[name], step=said[:_STEP_WIDTH])

        def done(outcome: servers.Outcome) -> None:
            _finish(progress, tasks[outcome.name], outcome)

        yield tell, done


def _finish(progress: Progress, task: TaskID, outcome: servers.Outcome) -> None:
    progress.update(task, step=outcome.said, completed=1)


def _show_settings(folder: Path, env: Path | None) -> None:
    lines = settings.lines(servers.read(folder).values())
    for line in lines:
        typer.echo(line if line.startswith("#") else f"export {line}")
    if env:
        env.parent.mkdir(parents=True, exist_ok=True)
        env.write_text("".join(f"{line}\n" for line in lines))


def _fail_if_any(outcomes: list[servers.Outcome]) -> None:
    failed = [outcome for outcome in outcomes if outcome.error]
    for outcome in failed:
        typer.echo(f"\n{outcome.name}: {outcome.error}", err=True)
        if outcome.log:
            typer.echo(f"The end of its log:\n{outcome.log}", err=True)
    if failed:
        raise typer.Exit(1)


def _table(rows: list[servers.Status]) -> Table:
    table = Table("server", "state", "version", "pid", "port", "memory", box=None)
    table.add_column("url", overflow="fold")
    for row in rows:
        memory = f"{row.memory_mb} MB" if row.memory_mb else ""
        numbers = [str(value or "") for value in (row.pid, row.port)]
        table.add_row(row.name, row.state, row.version, *numbers, memory, row.url)
    return table


if __name__ == "__main__":
    app()

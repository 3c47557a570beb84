"""`mallgraph verify`: whether all stores agree, and copies mended that do not."""

import asyncio
import json
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich import progress
from rich.console import Console
from rich.table import Table

from jobs.at_work import at_work
from jobs.verify import CHECKS, Report, UnknownCheck, named, verify
from jobs.verify_run import Tally
from mallgraph import migrations
from mallgraph.cli import give_up
from mallgraph.cli.working import CONSOLE
from mallgraph.configuration import load
from resolvers.context import Mall
from stores import Stores, open_stores
from stores.errors import ShopError, StoreUnavailable

#: Exit codes: something differs, or it could not be told.
DIFFERENT, UNTOLD = 1, 2

_NAMES = ", ".join(check.name for check in CHECKS)


def _known(names: list[str] | None) -> list[str] | None:
    try:
        named(names)
    except UnknownCheck as error:
        raise typer.BadParameter(str(error)) from error
    return names


def command(
    check: Annotated[
        list[str] | None,
        typer.Option(help=f"Run this check only: {_NAMES}. Again for several.", callback=_known),
    ] = None,
    *,
    repair: Annotated[
        bool,
        typer.Option(
            "--repair",
            help="Make copies again from what they are copies of: lists, words, prices of "
            "products, documents of search, what carts hold of orders, and what levels reserve.",
        ),
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the report as JSON, for programs.")
    ] = False,
) -> None:
    """Check that all stores agree, while the shop is open; nothing is changed without --repair.

    What differs is looked at again, and counts only if it stays. Orders, movements and snapshots
    are never changed.

    Exits with 0 if all is right, or was mended; 1 if something differs; 2 if it could not be
    told, as a store does not answer.
    """
    try:
        report = asyncio.run(_verify(check or None, is_repairing=repair))
    except ShopError as error:
        give_up(str(error), UNTOLD)
    if as_json:
        typer.echo(json.dumps(_plain(report), ensure_ascii=False, indent=2))
    else:
        _tell(report)
    if not report.is_whole:
        raise typer.Exit(UNTOLD)
    raise typer.Exit(0 if report.is_clean else DIFFERENT)


async def _verify(only: Sequence[str] | None, *, is_repairing: bool) -> Report:
    settings = load()
    async with open_stores(settings) as stores:
        # Looking changes nothing, so it makes no tables either.
        homes = {stores.database, stores.accounts.database}
        if not all([await migrations.is_current(one) for one in homes]):
            give_up("The tables are not those of this release: run `mallgraph migrate`.", UNTOLD)
        await _prepare(stores)
        mall = Mall(stores, settings)
        # Only what is mended gets ids.
        async with at_work(mall) if is_repairing else nullcontext():
            with _bar() as shown:
                return await _shown(mall, only, shown, is_repairing=is_repairing)


async def _prepare(stores: Stores) -> None:
    # One that is away ends its own checks only.
    for store in (stores.specs, stores.search, stores.carts):
        with suppress(StoreUnavailable):
            await store.prepare()


def _bar() -> progress.Progress:
    columns = (
        progress.TextColumn("verify"),
        progress.BarColumn(),
        progress.MofNCompleteColumn(),
        progress.TextColumn("{task.description}"),
        progress.TimeElapsedColumn(),
    )
    return progress.Progress(*columns, console=CONSOLE)


async def _shown(
    mall: Mall, only: Sequence[str] | None, shown: progress.Progress, *, is_repairing: bool
) -> Report:
    names = [check.name for check in named(only)]
    task = shown.add_task("", total=len(names))

    def move_on(tally: Tally) -> None:
        done = names.index(tally.check) + tally.is_done
        shown.update(task, completed=done, description=f"{tally.check}: {tally.looked_at:,}")

    return await verify(mall, only, repair=is_repairing, progress=move_on)


def _tell(report: Report) -> None:
    table = Table("check")
    for column in ("looked at", "differing", "mended"):
        table.add_column(column, justify="right")
    for one in report.tallies:
        counts = (one.looked_at, one.differing, one.mended)
        table.add_row(one.check, *(f"{count:,}" for count in counts))
    Console().print(table)
    for one in report.tallies:
        _tell_one(one)


def _tell_one(tally: Tally) -> None:
    lines = [f"{one.key}: {one.expected}, but found {one.found}" for one in tally.samples]
    lines += tally.done
    if tally.differing > len({one.key for one in tally.samples}):
        lines.append("… and more; these are the first.")
    if tally.stopped:
        lines.append(f"not finished: {tally.stopped}")
    for line in lines:
        Console(soft_wrap=True).print(f"{tally.check}  {line}", highlight=False, markup=False)


def _plain(report: Report) -> dict[str, Any]:
    return {
        "isClean": report.is_clean,
        "isWhole": report.is_whole,
        "checks": [_plain_tally(one) for one in report.tallies],
    }


def _plain_tally(tally: Tally) -> dict[str, Any]:
    return {
        "check": tally.check,
        "lookedAt": tally.looked_at,
        "differing": tally.differing,
        "mended": tally.mended,
        "samples": [asdict(one) for one in tally.samples],
        "done": tally.done,
        "stopped": tally.stopped,
    }

"""Whether time tells what is another shopper's from what is not there: it must not.

    PYTHONPATH=. .venv/bin/python -m bench.foreign_ids [--samples 60] [--only order]

In a small embedded shop bob asks for IDs of ann's and the staff's, and for IDs of nothing,
wherever an argument takes one: the two in turns, now this one first, now that. Of each place the
kinds of ID are kept that take the most statements there; what is refused unread is left out.
Printed are the medians, their difference, and by the ranks of all samples (Mann and Whitney) how
far they lie apart in standard deviations. Of so many rows a few lie 2 apart by chance; those beyond
4 are marked, and the command ends with 1 if there are any.
"""

import asyncio
import math
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from tests.foreign import Pair, Scene, scene
from tests.shopping import few, fill, open_shop, settings
from tests.statements import told

#: Standard deviations that nobody reaches by chance.
APART = 4.0
_CONSOLE = Console(width=140)


@dataclass(frozen=True, slots=True)
class Measured:
    """What both answers took, in microseconds."""

    pair: Pair
    statements: int
    foreign: list[float]
    missing: list[float]

    @property
    def apart(self) -> float:
        """How far the ranks lie from those of two that are alike, in standard deviations."""
        ranked = sorted([(one, 1) for one in self.foreign] + [(one, 0) for one in self.missing])
        ours, theirs = len(self.foreign), len(self.missing)
        ranks = sum(rank for rank, (_, is_foreign) in enumerate(ranked, 1) if is_foreign)
        middle = ours * (ours + theirs + 1) / 2
        return (ranks - middle) / math.sqrt(ours * theirs * (ours + theirs + 1) / 12)


def main(
    samples: Annotated[int, typer.Option(min=10, help="Of each of both.")] = 60,
    only: Annotated[str, typer.Option(help="Part of the name of a field.")] = "",
) -> None:
    """Print what foreign and missing IDs take."""
    # Lines of the log would be measured as well.
    found = asyncio.run(_measured(samples, only))
    _CONSOLE.print(_table(found))
    sys.exit(any(abs(one.apart) > APART for one in found))


async def _measured(samples: int, only: str) -> list[Measured]:
    with tempfile.TemporaryDirectory() as folder:
        chosen = settings(Path(folder)).model_copy(update={"log_level": "error"})
        await fill(chosen, few())
        async with open_shop(chosen) as shop:
            found = await scene(shop)
            wanted = [one for one in await _read(found) if only in one[0].place.field]
            return [
                await _one(found, pair, statements, samples)
                for pair, statements in track(wanted, "Asking", console=_CONSOLE, transient=True)
            ]


async def _read(found: Scene) -> list[tuple[Pair, int]]:
    """Return the pairs that take the most statements at their place, and how many."""
    counted = [(pair, await _statements(found, pair)) for pair in found.pairs]
    kept = []
    for _, group in groupby(counted, key=lambda one: one[0].place):
        of_place = list(group)
        most = max(many for _, many in of_place)
        kept += [one for one in of_place if 0 < one[1] == most]
    return kept


async def _statements(found: Scene, pair: Pair) -> int:
    seen: list[str] = []
    await found.answer(pair.place, pair.missing)
    with told(seen.append):
        await found.answer(pair.place, pair.missing)
    return len(seen)


async def _one(found: Scene, pair: Pair, statements: int, samples: int) -> Measured:
    took: dict[str, list[float]] = {pair.foreign[0]: [], pair.missing: []}
    for number in range(samples + 2):
        turn = list(took) if number % 2 else list(took)[::-1]
        for id_ in turn:
            began = time.perf_counter()
            await found.answer(pair.place, id_)
            took[id_].append((time.perf_counter() - began) * 1e6)
    # The first of each is there to warm up.
    foreign, missing = (one[2:] for one in took.values())
    return Measured(pair, statements, foreign, missing)


def _table(found: list[Measured]) -> Table:
    table = Table("place", "kind", "statements", "foreign µs", "missing µs", "difference", "apart")
    for column in table.columns[2:]:
        column.justify = "right"
    for one in found:
        medians = statistics.median(one.foreign), statistics.median(one.missing)
        numbers = [f"{median:.0f}" for median in (*medians, medians[0] - medians[1])]
        mark = " !" if abs(one.apart) > APART else ""
        place = f"{one.pair.place.field}({'.'.join(one.pair.place.steps)})"
        table.add_row(
            place, one.pair.kind, str(one.statements), *numbers, f"{one.apart:+.1f}{mark}"
        )
    return table


if __name__ == "__main__":
    typer.run(main)

"""What was acknowledged is there, after the shop or its database was killed in any moment."""

import asyncio
import itertools
from pathlib import Path

import pytest

from stores.ledger import ledger_transactions
from stores.settings import Settings
from tests import ledger_books
from tests.faults.ground import FAIR, IS_LONG, Ground, ground
from tests.faults.test_bank import STOCK, Bank

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600 if IS_LONG else 120)]

WRITES, KILLS = (2_000, 5) if IS_LONG else (60, 1)
WRITERS = 8


async def written(its: Ground, writes: int, kills: int) -> set[str]:
    """Let eight write at once until the shop was killed and so many were acknowledged; return them.

    Whatever is refused, which a twin may do, is followed by another.
    """
    bank, numbers, known = Bank(its), itertools.count(), set[str]()
    await bank.open(accounts=2)
    killing = asyncio.create_task(its.killed(kills, writes, lambda: len(known)))

    async def write() -> None:
        while len(known) < writes or not killing.done():
            number = next(numbers)
            source, to = bank.accounts[number % 2], bank.accounts[1 - number % 2]
            payload = await bank.post(f"write-{number}", source, to, 1)
            if payload["userErrors"] == []:
                known.add(f"write-{number}")

    await asyncio.gather(*(write() for _ in range(WRITERS)), killing)
    # Whatever comes late by itself has come.
    await asyncio.sleep(1)
    return known


async def missing(its: Ground, known: set[str]) -> set[str]:
    """Return what was acknowledged and is not there."""
    rows = await ledger_books.rows(its.database, ledger_transactions)
    return known - {row["reference"] for row in rows}


async def test_no_acknowledged_write_is_missing(place: Settings, tmp_path: Path) -> None:
    async with ground(place, tmp_path, STOCK, weather=FAIR) as its:
        known = await written(its, WRITES, KILLS)
        its.report("durability")

        assert len(known) >= WRITES
        assert await missing(its, known) == set()
        assert await its.faults() == []


@pytest.mark.parametrize("place", ["embedded"], indirect=True)
async def test_twin_that_answers_before_it_commits_loses_some(
    place: Settings, tmp_path: Path
) -> None:
    twin = "answer_before_commit"
    async with ground(place, tmp_path, STOCK, weather=FAIR, twin=twin) as its:
        known = await written(its, 30, 1)
        its.report("twin of durability")

        assert await missing(its, known) != set()

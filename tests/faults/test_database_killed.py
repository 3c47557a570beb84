"""The database is killed while a bank works: no cent is lost or made, what was written stays."""

import asyncio
from pathlib import Path

import pytest

from stores.ledger import ledger_transactions
from tests import ledger_books, shopping
from tests.faults.database import database_of_its_own
from tests.faults.ground import IS_LONG, ground
from tests.faults.test_bank import ACCOUNTS, CUT_OFF, EACH, EXPECTED, STOCK, Bank, watched

pytestmark = [
    pytest.mark.slow,
    pytest.mark.server,
    pytest.mark.timeout(600 if IS_LONG else 120),
]

TRANSFERS, KILLS = (5_000, 3) if IS_LONG else (60, 1)


async def test_no_cent_and_no_acknowledged_transfer_is_lost_when_the_database_is_killed(
    tmp_path: Path,
) -> None:
    async with database_of_its_own(tmp_path / "mariadb") as mariadb:
        place = shopping.settings(tmp_path, sql_url=mariadb.url)
        async with ground(place, tmp_path, STOCK) as its:
            bank = Bank(its)
            await bank.open()
            async with watched(its) as sums:
                killing = its.killed(KILLS, TRANSFERS, lambda: bank.done, mariadb)
                await asyncio.gather(bank.run(TRANSFERS), killing)
            its.report(f"bank, its database killed {mariadb.kills} times")

            assert (mariadb.kills, its.server.kills) == (KILLS, 0)
            assert sums == [ACCOUNTS * EACH]
            rows = await ledger_books.rows(its.database, ledger_transactions)
            assert {row["reference"] for row in rows} == bank.written
            assert await ledger_books.faults(its.database) == []
            assert await its.faults() == []
            assert its.client.seen.keys() <= EXPECTED | CUT_OFF
            assert len(bank.written) > TRANSFERS / 4

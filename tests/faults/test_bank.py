"""A bank: many transfers at once, looked at all the time, in a shop that is killed."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from graph import nodes
from stores.errors import StoreUnavailable
from stores.ledger import ledger_transactions
from stores.ledger_accounts import AccountKind, ledger_accounts, of_shop
from stores.settings import Settings
from tests import ledger_books
from tests.faults.client import AGAIN
from tests.faults.ground import FAIR, IS_LONG, Ground, ground

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600 if IS_LONG else 120)]

TRANSFERS, KILLS = (5_000, 3) if IS_LONG else (60, 1)
ACCOUNTS, CLIENTS = 10, 16 if IS_LONG else 8
#: A shop has something to sell, of each of its merchants.
STOCK = {"red": 1, "blue": 1}
#: What each has in the beginning.
EACH = 1_000
CASH = nodes.encode("Account", of_shop(AccountKind.PROVIDER_CLEARING, 0).id)
#: What an answer may say; anything else is a bug.
EXPECTED = AGAIN | {"INSUFFICIENT_BALANCE", "LOG_ID_CONFLICT"}
CUT_OFF = {"ReadError", "RemoteProtocolError", "ConnectError", "WriteError", "ReadTimeout"}

POST = """mutation ($key: ID!, $logId: BigInt, $input: PostLedgerTransactionInput!) {
  postLedgerTransaction(idempotencyKey: $key, logId: $logId, input: $input) {
    transaction { id } isReplay userErrors { code } } }"""


class Bank:
    """Ten accounts, and clerks who move money between them."""

    def __init__(self, its: Ground) -> None:
        """Open with nobody."""
        self.its = its
        self.accounts: list[str] = []
        self.written: set[str] = set()
        self.done = 0

    async def open(self, accounts: int = ACCOUNTS) -> None:
        """Give each account its money."""
        for number in range(accounts):
            me = await self.its.client.ask("{ me { account { id } } }", f"holder-{number}")
            account = me["me"]["account"]["id"]
            self.accounts.append(account)
            payload = await self.post(f"open-{number}", CASH, account, EACH)
            assert payload["userErrors"] == []

    async def run(self, transfers: int) -> None:
        """Let the clerks work, all at once, until so many transfers were tried."""
        waiting = iter(range(transfers))

        async def clerk() -> None:
            for number in waiting:
                await self._transfer(number)
                self.done += 1

        await asyncio.gather(*(clerk() for _ in range(CLIENTS)))

    async def _transfer(self, number: int) -> None:
        source, to = self.its.dice.sample(self.accounts, 2)
        guard: dict[str, Any] = {}
        if self.its.dice.random() < 0.1:
            # One that may post only behind what it has seen.
            asked = "query ($id: ID!) { account(id: $id) { logId } }"
            seen = await self.its.client.ask(asked, "ola", id=source)
            guard = {"comparedAccountId": source, "logId": seen["account"]["logId"]}
        await self.post(f"move-{number}", source, to, self.its.dice.randint(1, EACH), **guard)

    async def post(
        self, name: str, source: str, to: str, amount: int, **guard: Any
    ) -> dict[str, Any]:
        """Move cents, until there is an answer, and return the payload."""
        input_ = {
            "reference": name,
            "kind": "ADJUSTMENT",
            "entries": [_entry(source, "DEBIT", amount), _entry(to, "CREDIT", amount)],
        }
        log_id = guard.pop("logId", None)
        payload = await self.its.client.mutate(
            POST, "ola", name, logId=log_id, input=input_ | guard
        )
        if payload["transaction"]:
            self.written.add(name)
        return payload


def _entry(account: str, side: str, cents: int) -> dict[str, Any]:
    amount = {"amount": f"{cents // 100}.{cents % 100:02}", "currencyCode": "EUR"}
    return {"accountId": account, "side": side, "amount": amount}


@asynccontextmanager
async def watched(its: Ground) -> AsyncGenerator[list[int]]:
    """Sum up what everybody has, every 50 ms; each sum that was seen is in the list once."""
    seen: list[int] = []
    columns = ledger_accounts.c
    sums = select(func.sum(columns.credits_minor - columns.debits_minor)).where(
        columns.kind == AccountKind.CUSTOMER_BALANCE.value
    )

    async def watch() -> None:
        while True:
            # One that was killed tells nothing; it is asked again.
            with suppress(StoreUnavailable):
                async with its.database.read(fresh=True) as session:
                    found = int(await session.row(lambda rest: rest or 0, sums) or 0)
                if found not in seen:
                    seen.append(found)
            await asyncio.sleep(0.05)

    watching = asyncio.create_task(watch())
    try:
        yield seen
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching


async def test_no_cent_is_lost_or_made_while_many_transfer_and_the_shop_is_killed(
    place: Settings, tmp_path: Path
) -> None:
    async with ground(place, tmp_path, STOCK) as its:
        bank = Bank(its)
        await bank.open()
        async with watched(its) as sums:
            killing = its.killed(KILLS, TRANSFERS, lambda: bank.done)
            await asyncio.gather(bank.run(TRANSFERS), killing)
        its.report(f"bank, {len(bank.written)} written")

        assert sums == [ACCOUNTS * EACH]
        assert await ledger_books.faults(its.database) == []
        assert await its.faults() == []
        rows = await ledger_books.rows(its.database, ledger_transactions)
        assert {row["reference"] for row in rows} == bank.written
        assert its.client.seen.keys() <= EXPECTED | CUT_OFF
        assert len(bank.written) > TRANSFERS / 4


@pytest.mark.parametrize("place", ["embedded"], indirect=True)
async def test_twin_that_does_not_compare_what_it_read_loses_money(
    place: Settings, tmp_path: Path
) -> None:
    twin = "post_blindly"
    async with ground(place, tmp_path, STOCK, weather=FAIR, twin=twin) as its:
        bank = Bank(its)
        await bank.open()
        await bank.run(40)
        its.report("twin of the bank")

        assert await ledger_books.faults(its.database) != []
        assert await its.faults() != []

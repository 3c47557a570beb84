"""Postings for tests, and what the ledger must agree on, worked out without any code of it."""

import itertools
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from stores import ledger
from stores.ledger import (
    Draft,
    Posting,
    Transaction,
    TransactionKind,
    credit,
    debit,
    ledger_entries,
    ledger_transactions,
)
from stores.ledger_accounts import Place, ledger_accounts
from stores.sql import Database

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


@dataclass
class Clerk:
    """Posts to a ledger; each posting has the next number for a reference."""

    database: Database
    numbers: Any = field(default_factory=lambda: itertools.count(10_001))

    def posting(self, drafts: Sequence[Draft], **told: Any) -> Posting:
        """Return a posting of these entries."""
        id_ = next(self.numbers)
        transaction = Transaction(
            **{
                "id": id_,
                "kind": TransactionKind.ADJUSTMENT.value,
                "reference": f"statement {id_}",
                "occurred_at": NOON,
                **told,
            }
        )
        return Posting(transaction, drafts, [next(self.numbers) for _ in drafts], "EUR")

    async def post(self, *drafts: Draft, **told: Any) -> Posting:
        """Post entries in a transaction of their own."""
        posting = self.posting(drafts, **told)
        await self.database.transact(lambda session: ledger.post(session, posting))
        return posting

    async def move(self, source: Place, to: Place, amount: int) -> Posting:
        """Take from an account that grows on the right, and give to another one."""
        return await self.post(debit(source, amount), credit(to, amount))


async def rows(database: Database, table: Any) -> list[dict[str, Any]]:
    """Return all rows of a table."""
    names = [column.name for column in table.c]
    async with database.read(fresh=True) as session:
        return await session.rows(lambda *row: dict(zip(names, row, strict=True)), select(table))


async def faults(database: Database) -> list[str]:
    """Return a sentence for each thing in the ledger that does not agree."""
    entries = await rows(database, ledger_entries)
    accounts = {one["id"]: one for one in await rows(database, ledger_accounts)}
    known = {one["id"] for one in await rows(database, ledger_transactions)}
    return [
        *_logs(accounts, entries),
        *_balances(accounts, entries),
        *_sums(known, entries),
    ]


def _logs(accounts: dict[int, Any], entries: list[Any]) -> list[str]:
    logs: dict[int, list[int]] = defaultdict(list)
    for one in entries:
        logs[one["account_id"]].append(one["log_id"])
    return [
        f"Account {id_} is at {account['log_id']}; its log is {sorted(logs[id_])}."
        for id_, account in accounts.items()
        if sorted(logs[id_]) != list(range(1, account["log_id"] + 1))
    ]


def _balances(accounts: dict[int, Any], entries: list[Any]) -> list[str]:
    told: Counter[tuple[int, str]] = Counter()
    for one in entries:
        told[one["account_id"], one["side"]] += one["amount_minor"]
    found = []
    for id_, account in accounts.items():
        sums = account["debits_minor"], account["credits_minor"]
        if sums != (told[id_, "DEBIT"], told[id_, "CREDIT"]):
            found.append(f"Account {id_} says {sums}; its entries say otherwise.")
        if account["kind"] == "CUSTOMER_BALANCE" and sums[0] > sums[1]:
            found.append(f"Account {id_} is below zero.")
    return found


def _sums(known: set[int], entries: list[Any]) -> list[str]:
    rest: Counter[int] = Counter()
    for one in entries:
        rest[one["transaction_id"]] += one["amount_minor"] * (1 if one["side"] == "DEBIT" else -1)
    wrong = [f"Transaction {id_} is off by {off}." for id_, off in rest.items() if off]
    lost = known ^ rest.keys()
    return wrong + ([f"Transactions without entries, or the reverse: {lost}."] if lost else [])

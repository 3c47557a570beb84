"""What is read of the ledger, each once per operation."""

from collections.abc import Collection
from datetime import datetime

from loaders.batch import KeyLoader
from loaders.lists import AskedLoader
from stores import ledger_accounts, ledger_reads
from stores.ledger import Entry, Transaction
from stores.ledger_accounts import Account
from stores.sql import OperationDatabase


class LedgerLoaders:
    """Accounts, their balances of earlier times, entries and transactions."""

    def __init__(self, database: OperationDatabase) -> None:
        """Read through the operation's view of the database."""
        self._database = database
        self.account_by_id: KeyLoader[int, Account | None] = KeyLoader(self._accounts, missing=None)
        self.balances_at: AskedLoader[datetime, int] = AskedLoader(self._balances, missing=0)
        self.entry_by_id: KeyLoader[int, Entry | None] = KeyLoader(self._entries, missing=None)
        self.entries_of: KeyLoader[int, list[Entry]] = KeyLoader(self._entries_of, missing=[])
        self.transaction_by_id: KeyLoader[int, Transaction | None] = KeyLoader(
            self._transactions, missing=None
        )
        self.reversal_of: KeyLoader[int, Transaction | None] = KeyLoader(
            self._reversals, missing=None
        )

    async def _accounts(self, ids: Collection[int]) -> dict[int, Account | None]:
        async with self._database.read() as session:
            return {**await ledger_accounts.by_ids(session, ids)}

    async def _balances(self, at: datetime, ids: list[int]) -> dict[int, int]:
        async with self._database.read() as session:
            return await ledger_reads.balances_at(session, ids, at)

    async def _entries(self, ids: Collection[int]) -> dict[int, Entry | None]:
        async with self._database.read() as session:
            return {**await ledger_reads.entries_by_ids(session, ids)}

    async def _entries_of(self, ids: Collection[int]) -> dict[int, list[Entry]]:
        async with self._database.read() as session:
            return await ledger_reads.entries_of(session, ids)

    async def _transactions(self, ids: Collection[int]) -> dict[int, Transaction | None]:
        async with self._database.read() as session:
            return {**await ledger_reads.transactions_by_ids(session, ids)}

    async def _reversals(self, ids: Collection[int]) -> dict[int, Transaction | None]:
        async with self._database.read() as session:
            return {**await ledger_reads.reversals(session, ids)}

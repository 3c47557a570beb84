"""Messages to the accounts' database: written with what decides them, carried out at once or later.

The local message table: a row of `transfers` is committed with the decision or not at all. Right
behind the commit it is carried out, so that whoever asks next sees it; if that fails, or the
process dies, whoever comes next does it.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog

from stores import account_branches, ledger, ledger_reads, transfers
from stores.accounts_home import Name, Taking
from stores.drivers import Retryable, UniqueViolation
from stores.errors import StoreUnavailable
from stores.ledger import EntrySide, Posting
from stores.ledger_accounts import AccountKind
from stores.sql import Database, OperationDatabase, WriteSession
from stores.transfers import Transfer, TransferKind, bare, of_posting, posting_of

BATCH = 100

_log = structlog.get_logger()


class AccountsByMessages:
    """Posts by messages; the money of a balance is taken before anything is decided."""

    def __init__(self, shop: Database, accounts: Database, taking: Taking) -> None:
        """Lead from the shop's database to that of the accounts."""
        self.database, self._shop = accounts, shop
        self.taking: Taking | None = taking

    def seen_by(self, operation: OperationDatabase) -> OperationDatabase:  # noqa: ARG002  Not it.
        """Return the accounts' database, which has no replica."""
        return OperationDatabase(self.database, is_fresh=True)

    async def post(self, session: WriteSession, posting: Posting) -> None:
        """Decide that it is posted; what takes from a shopper was held before."""
        kind = TransferKind.CONFIRM if _takes(posting) else TransferKind.POST
        await self._send(session, of_posting(kind, posting))

    async def cancel(self, session: WriteSession, name: Name, at: datetime) -> None:
        """Decide that what is held, or may yet be, is let go."""
        await self._send(session, bare(TransferKind.CANCEL, name.id, name.reference, at))

    async def _send(self, session: WriteSession, transfer: Transfer) -> None:
        await transfers.add(session, transfer)
        session.enlist(_Letter(self, transfer))

    async def deliver(self, transfer: Transfer) -> None:
        """Carry out a decision, and forget it. Raises StoreUnavailable."""
        await self.database.transact(partial(_carried, transfer))
        await self._shop.transact(partial(transfers.done, id_=transfer.id))

    async def go_on(self, now: datetime) -> int:
        """Carry out what is overdue; return how much was. Raises StoreUnavailable."""
        async with self._shop.read(fresh=True) as session:
            waiting = await transfers.due(session, now, BATCH)
        return sum([await self._patiently(one, now) for one in waiting])

    async def close(self) -> None:
        """Close the accounts' database."""
        await self.database.close()

    async def _patiently(self, transfer: Transfer, now: datetime) -> bool:
        try:
            await self.deliver(transfer)
        except StoreUnavailable:
            raise
        except Exception:  # noqa: BLE001  One that cannot go on must not keep the others' money.
            _log.exception("transfer_does_not_go_on", id=transfer.id, cure="mallgraph verify")
            at = now + transfers.PATIENCE
            await self._shop.transact(partial(transfers.later, id_=transfer.id, at=at))
            return False
        return True


def _takes(posting: Posting) -> bool:
    wallet = AccountKind.CUSTOMER_BALANCE
    return any(one.place.kind is wallet and one.side is EntrySide.DEBIT for one in posting.drafts)


async def _carried(transfer: Transfer, session: WriteSession) -> None:
    try:
        await _carry(transfer, session)
    except UniqueViolation as error:
        # Somebody else carried it out in this moment: seen by a look from the beginning.
        raise Retryable from error


async def _carry(transfer: Transfer, session: WriteSession) -> None:
    match TransferKind(transfer.kind):
        case TransferKind.CANCEL:
            at = transfer.created_at
            await account_branches.cancel(session, transfer.reference, at)
        case TransferKind.CONFIRM:
            await account_branches.confirm(session, posting_of(transfer.posting or {}))
        case TransferKind.POST:
            await post_once(session, posting_of(transfer.posting or {}))
        case TransferKind.COMMIT | TransferKind.ABORT:
            raise ValueError("Decided by XA, and not to be carried out by a message.")


async def post_once(session: WriteSession, posting: Posting) -> None:
    """Post what was not posted before, by its reference."""
    if await ledger_reads.by_reference(session, posting.transaction.reference) is None:
        await ledger.post(session, posting)


@dataclass(frozen=True, slots=True)
class _Letter:
    """A decision that is enlisted in its own transaction, to be carried out behind it."""

    accounts: AccountsByMessages
    transfer: Transfer

    async def prepare(self) -> None:
        """Do nothing: the row is all that it needs."""

    async def committed(self) -> None:
        """Carry it out; if that fails, it is overdue soon."""
        try:
            await self.accounts.deliver(self.transfer)
        except Exception as error:  # noqa: BLE001  What was decided must not fail here.
            _log.warning("transfer_waits", id=self.transfer.id, error=repr(error))

    async def rolled_back(self) -> None:
        """Do nothing: there is no row."""

    async def in_doubt(self) -> None:
        """Do nothing: the row is there or is not."""

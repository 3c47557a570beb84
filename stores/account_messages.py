"""Messages to the accounts' database: written with what decides them, carried out at once or later.

The local message table: a row of `transfers` is committed with the decision or not at all. Right
behind the commit it is carried out, so that whoever asks next sees it; if that fails, or the
process dies, whoever comes next does it.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog

from stores import ledger, ledger_reads, transfers
from stores.drivers import Retryable, UniqueViolation
from stores.errors import StoreUnavailable
from stores.ledger import Posting
from stores.sql import Database, WriteSession
from stores.transfers import Transfer

BATCH = 100

_log = structlog.get_logger()

#: Does, within a transaction of the accounts' database, what was decided; maybe again.
Carry = Callable[[WriteSession, Transfer], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Messages:
    """The way of decisions from the shop's database to that of the accounts."""

    shop: Database
    accounts: Database
    carry: Carry

    async def send(self, session: WriteSession, transfer: Transfer) -> None:
        """Decide, as part of a transaction of the shop."""
        await transfers.add(session, transfer)
        session.enlist(_Letter(self, transfer))

    async def deliver(self, transfer: Transfer) -> None:
        """Carry out a decision, and forget it. Raises StoreUnavailable."""
        await self.accounts.transact(partial(_carried, self.carry, transfer))
        await self.shop.transact(partial(transfers.done, id_=transfer.id))

    async def go_on(self, now: datetime) -> int:
        """Carry out what is overdue; return how much was. Raises StoreUnavailable."""
        async with self.shop.read(fresh=True) as session:
            waiting = await transfers.due(session, now, BATCH)
        return sum([await self._patiently(one, now) for one in waiting])

    async def _patiently(self, transfer: Transfer, now: datetime) -> bool:
        try:
            await self.deliver(transfer)
        except StoreUnavailable:
            raise
        except Exception:  # noqa: BLE001  One that cannot go on must not keep the others' money.
            _log.exception("transfer_does_not_go_on", id=transfer.id, cure="mallgraph verify")
            at = now + transfers.PATIENCE
            await self.shop.transact(partial(transfers.later, id_=transfer.id, at=at))
            return False
        return True


async def post_once(session: WriteSession, posting: Posting) -> None:
    """Post what was not posted before, by its reference."""
    if await ledger_reads.by_reference(session, posting.transaction.reference) is None:
        await ledger.post(session, posting)


async def _carried(carry: Carry, transfer: Transfer, session: WriteSession) -> None:
    try:
        await carry(session, transfer)
    except UniqueViolation as error:
        # Somebody else carried it out in this moment: seen by a look from the beginning.
        raise Retryable from error


@dataclass(frozen=True, slots=True)
class _Letter:
    """A decision that is enlisted in its own transaction, to be carried out behind it."""

    messages: Messages
    transfer: Transfer

    async def prepare(self) -> None:
        """Do nothing: the row is all that it needs."""

    async def committed(self) -> None:
        """Carry it out; if that fails, it is overdue soon."""
        try:
            await self.messages.deliver(self.transfer)
        except Exception as error:  # noqa: BLE001  What was decided must not fail here.
            _log.warning("transfer_waits", id=self.transfer.id, error=repr(error))

    async def rolled_back(self) -> None:
        """Do nothing: there is no row."""

    async def in_doubt(self) -> None:
        """Do nothing: the row is there or is not."""

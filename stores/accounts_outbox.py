"""Accounts in another database, by messages alone (local message table).

A message cannot be refused any more when it is read, so nothing that may be refused is decided by
one. The money of a payment is taken there first, posted for good into the shop's clearing account;
whether the order still wants it is decided afterwards. If not, it goes back as money does that came
too late: the shopper sees it go and come.
"""

from dataclasses import replace
from datetime import datetime
from functools import partial

from stores import account_branches, ledger
from stores.account_branches import Branch, BranchState
from stores.account_messages import Messages, post_once
from stores.accounts_home import Answer, Taking, Wanted
from stores.ledger import Posting
from stores.ledger_errors import InsufficientBalance
from stores.sql import Database, OperationDatabase, WriteSession
from stores.transfers import Transfer, TransferKind, of_posting, posting_of

_ANSWERS = {BranchState.TAKEN.value: Answer.TAKEN, BranchState.REFUSED.value: Answer.REFUSED}


class AccountsByOutbox:
    """Takes money by a transaction there, and posts all else by messages."""

    def __init__(self, shop: Database, accounts: Database) -> None:
        """Lead from the shop's database to that of the accounts."""
        self.database = accounts
        self.taking: Taking | None = TakenAtOnce(accounts)
        self._messages = Messages(shop, accounts, _post)
        self.go_on = self._messages.go_on
        self.close = accounts.close

    def seen_by(self, operation: OperationDatabase) -> OperationDatabase:  # noqa: ARG002  Not it.
        """Return the accounts' database, which has no replica."""
        return OperationDatabase(self.database, is_fresh=True)

    async def post(self, session: WriteSession, posting: Posting) -> None:
        """Post by a message."""
        await self._messages.send(session, of_posting(TransferKind.POST, posting))


async def _post(session: WriteSession, transfer: Transfer) -> None:
    await post_once(session, posting_of(transfer.posting or {}))


class TakenAtOnce:
    """Money that is posted before it is decided what for. The row of the branch is the arbiter."""

    def __init__(self, database: Database) -> None:
        """Take it in the accounts' database."""
        self._database = database

    async def take(self, wanted: Wanted, at: datetime) -> Answer:
        """Post what takes it, once, or refuse it for good."""
        try:
            return await self._database.transact(partial(_take, wanted, at))
        except InsufficientBalance:
            return await self.refuse(wanted, at)

    async def refuse(self, wanted: Wanted, at: datetime) -> Answer:
        """Refuse it, unless it was taken."""
        return await self._database.transact(partial(_refuse, wanted, at))

    async def let_go(self, session: WriteSession, wanted: Wanted, id_: int, at: datetime) -> None:
        """Do nothing: what was refused is refused already."""


def _branch(wanted: Wanted, at: datetime) -> Branch:
    draft = wanted.draft
    taken = BranchState.TAKEN.value
    return Branch(wanted.reference, taken, draft.place.id, draft.amount_minor, at)


async def _take(wanted: Wanted, at: datetime, session: WriteSession) -> Answer:
    mine = _branch(wanted, at)
    known = await account_branches.first(session, mine)
    if known is mine:
        await ledger.post(session, wanted.posting)
    return _ANSWERS[known.state]


async def _refuse(wanted: Wanted, at: datetime, session: WriteSession) -> Answer:
    refused = replace(_branch(wanted, at), state=BranchState.REFUSED.value)
    return _ANSWERS[(await account_branches.first(session, refused)).state]

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
from stores.accounts_home import ANSWERS, Answer, Wanted
from stores.ledger_errors import InsufficientBalance
from stores.sql import Database, WriteSession


class TakenAtOnce:
    """Money that is posted before it is decided what for. The row of the branch is the arbiter."""

    def __init__(self, accounts: Database) -> None:
        """Take it in the accounts' database."""
        self._accounts = accounts

    async def take(self, wanted: Wanted, at: datetime) -> Answer:
        """Post what takes it, once, or refuse it for good."""
        try:
            return await self._accounts.transact(partial(_take, wanted, at))
        except InsufficientBalance:
            return await self.refuse(wanted, at)

    async def refuse(self, wanted: Wanted, at: datetime) -> Answer:
        """Refuse it, unless it was taken."""
        return await self._accounts.transact(partial(_refuse, wanted, at))


def _branch(wanted: Wanted, at: datetime) -> Branch:
    draft = wanted.draft
    taken = BranchState.TAKEN.value
    return Branch(wanted.reference, taken, draft.place.id, draft.amount_minor, at)


async def _take(wanted: Wanted, at: datetime, session: WriteSession) -> Answer:
    mine = _branch(wanted, at)
    known = await account_branches.first(session, mine)
    if known is mine:
        await ledger.post(session, wanted.posting)
    return ANSWERS[BranchState(known.state)]


async def _refuse(wanted: Wanted, at: datetime, session: WriteSession) -> Answer:
    refused = replace(_branch(wanted, at), state=BranchState.REFUSED.value)
    known = await account_branches.first(session, refused)
    return ANSWERS[BranchState(known.state)]

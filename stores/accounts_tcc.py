"""Accounts in another database, by TCC: try, confirm, cancel.

1. Try: the amount is held on the shopper's account, and a branch says so.
2. The shop decides in one transaction of its own, with everything that the payment changes there,
   and a row of `transfers` that says CONFIRM or CANCEL.
3. Confirm posts what is held; cancel lets it go. Either is repeated until it is done.

Each step may be repeated, come late, or come without the one before: see `account_branches`.
Steps 2 and 3 are messages: see `account_messages`.
"""

from datetime import datetime
from functools import partial

from stores import account_branches
from stores.account_branches import Branch, BranchState
from stores.accounts_home import ANSWERS, Answer, Wanted
from stores.ledger_errors import InsufficientBalance
from stores.sql import Database


class HeldFirst:
    """Money that is held until it is decided upon."""

    def __init__(self, accounts: Database) -> None:
        """Hold it in the accounts' database."""
        self._accounts = accounts

    async def take(self, wanted: Wanted, at: datetime) -> Answer:
        """Hold it."""
        draft, tried = wanted.draft, BranchState.TRIED.value
        mine = Branch(wanted.reference, tried, draft.place.id, draft.amount_minor, at)
        try:
            state = await self._accounts.transact(partial(account_branches.hold, branch=mine))
        except InsufficientBalance:
            return Answer.REFUSED
        return ANSWERS[state]

    async def refuse(self, wanted: Wanted, at: datetime) -> Answer:  # noqa: ARG002  Nobody is asked.
        """Refuse it: the decision that follows cancels what may be held."""
        return Answer.REFUSED

"""Accounts in another database, by TCC: try, confirm, cancel.

1. Try: the amount is held on the shopper's account, and a branch says so.
2. The shop decides in one transaction of its own, with everything that the payment changes there,
   and a row of `transfers` that says CONFIRM or CANCEL.
3. Confirm posts what is held; cancel lets it go. Either is repeated until it is done.

Each step may be repeated, come late, or come without the one before: see `account_branches`.
"""

from datetime import datetime
from functools import partial

from stores import account_branches
from stores.account_branches import Branch, BranchState
from stores.account_messages import Messages, post_once
from stores.accounts_home import Answer, Taking, Wanted
from stores.ledger import EntrySide, Posting
from stores.ledger_accounts import AccountKind
from stores.ledger_errors import InsufficientBalance
from stores.sql import Database, OperationDatabase, WriteSession
from stores.transfers import Transfer, TransferKind, bare, of_posting, posting_of


class AccountsByTcc:
    """Holds money before it is decided upon, and posts all else by messages."""

    def __init__(self, shop: Database, accounts: Database) -> None:
        """Lead from the shop's database to that of the accounts."""
        self.database = accounts
        self._messages = Messages(shop, accounts, _carry)
        self.taking: Taking | None = HeldFirst(accounts, self._messages)
        self.go_on = self._messages.go_on
        self.close = accounts.close

    def seen_by(self, operation: OperationDatabase) -> OperationDatabase:  # noqa: ARG002  Not it.
        """Return the accounts' database, which has no replica."""
        return OperationDatabase(self.database, is_fresh=True)

    async def post(self, session: WriteSession, posting: Posting) -> None:
        """Decide that it is posted; what takes from a shopper was held before."""
        kind = TransferKind.CONFIRM if _takes(posting) else TransferKind.POST
        await self._messages.send(session, of_posting(kind, posting))


def _takes(posting: Posting) -> bool:
    wallet = AccountKind.CUSTOMER_BALANCE
    return any(one.place.kind is wallet and one.side is EntrySide.DEBIT for one in posting.drafts)


async def _carry(session: WriteSession, transfer: Transfer) -> None:
    if transfer.kind == TransferKind.CANCEL.value:
        await account_branches.cancel(session, transfer.reference, transfer.created_at)
        return
    posting = posting_of(transfer.posting or {})
    is_held = transfer.kind == TransferKind.CONFIRM.value
    await (account_branches.confirm if is_held else post_once)(session, posting)


class HeldFirst:
    """Money that is held until it is decided upon."""

    def __init__(self, database: Database, messages: Messages) -> None:
        """Hold it in the accounts' database."""
        self._database, self._messages = database, messages

    async def take(self, wanted: Wanted, at: datetime) -> Answer:
        """Hold it."""
        draft = wanted.draft
        tried = BranchState.TRIED.value
        mine = Branch(wanted.reference, tried, draft.place.id, draft.amount_minor, at)
        try:
            state = await self._database.transact(partial(account_branches.hold, branch=mine))
        except InsufficientBalance:
            return Answer.REFUSED
        # One that is confirmed was held; whoever asks then meets a payment that is decided.
        return Answer.REFUSED if state is BranchState.CANCELLED else Answer.HELD

    async def refuse(self, wanted: Wanted, at: datetime) -> Answer:  # noqa: ARG002  Nothing is asked.
        """Refuse it: the decision that follows cancels what may be held."""
        return Answer.REFUSED

    async def let_go(self, session: WriteSession, wanted: Wanted, id_: int, at: datetime) -> None:
        """Decide to cancel it."""
        transfer = bare(TransferKind.CANCEL, id_, wanted.reference, at)
        await self._messages.send(session, transfer)

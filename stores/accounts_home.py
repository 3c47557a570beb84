"""The accounts: where the ledger lies, and how a posting gets there with what decides it.

    await stores.accounts.post(session, posting)     # as part of a transaction of the shop
    async with stores.accounts.database.read() …     # the ledger

There are four kinds: the shop's own database, which is here, and three ways to agree with another
one. `accounts_xa` is one; two go by messages (`account_messages`), and differ in how the money of a
balance is taken: `accounts_outbox` and `accounts_tcc`. Nobody else knows which it is, but for one
question: `taking` is None if `post` itself refuses what a shopper's account does not hold. Where it
cannot, the money is taken first.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol

from stores import ledger
from stores.account_branches import BranchState
from stores.ledger import Draft, Posting
from stores.sql import Database, OperationDatabase, WriteSession

#: How the accounts' database is called where stores are.
STORE = "accounts"


class Answer(Enum):
    """What became of the money of a payment."""

    #: It is held, and waits for the decision.
    HELD = "HELD"
    #: It has been posted already.
    TAKEN = "TAKEN"
    #: It is not there, or was decided against.
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True)
class Name:
    """What is decided: the reference of a payment, under an id of its own."""

    id: int
    reference: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Money of a shopper's account: the name of the payment, and what takes it at once.

    The first entry of the posting is that of the shopper.
    """

    reference: str
    posting: Posting

    @property
    def draft(self) -> Draft:
        """Return the entry that the shopper's account is to have."""
        return self.posting.drafts[0]


#: What a branch in one of these states answers. One that is confirmed was held: whoever asks then
#: meets a payment that is decided.
ANSWERS = {
    BranchState.TRIED: Answer.HELD,
    BranchState.CONFIRMED: Answer.HELD,
    BranchState.TAKEN: Answer.TAKEN,
    BranchState.CANCELLED: Answer.REFUSED,
    BranchState.REFUSED: Answer.REFUSED,
}


class Taking(Protocol):
    """Money of balances is asked for before anything is decided; all of it may be repeated."""

    async def take(self, wanted: Wanted, at: datetime) -> Answer:
        """Take money, or hold it. Raises StoreUnavailable."""

    async def refuse(self, wanted: Wanted, at: datetime) -> Answer:
        """Refuse what nobody wants any more, unless it was taken. Raises StoreUnavailable."""


class Accounts(Protocol):
    """Where the ledger lies, and the way to it."""

    #: The ledger is read here.
    database: Database
    taking: Taking | None

    def seen_by(self, operation: OperationDatabase) -> OperationDatabase:
        """Return the ledger's database as an operation sees it."""

    async def post(self, session: WriteSession, posting: Posting) -> None:
        """Post with a transaction of the shop: both happen, maybe a moment apart, or neither.

        See `ledger.post`.
        """

    async def cancel(self, session: WriteSession, name: Name, at: datetime) -> None:
        """Decide, with a transaction of the shop, that money asked for by `taking` is not taken."""

    async def go_on(self, now: datetime) -> int:
        """Carry out what was decided and not carried out in time; return how much was.

        Raises StoreUnavailable.
        """

    async def close(self) -> None:
        """Close what was opened."""


class AccountsHere:
    """The ledger lies in the shop's own database: everything is one transaction."""

    taking: Taking | None = None

    def __init__(self, database: Database) -> None:
        """Post in the shop's database, which stays the caller's to close."""
        self.database = database

    def seen_by(self, operation: OperationDatabase) -> OperationDatabase:
        """Return the shop's database, as the operation sees it."""
        return operation

    async def post(self, session: WriteSession, posting: Posting) -> None:
        """Post at once."""
        await ledger.post(session, posting)

    async def cancel(self, session: WriteSession, name: Name, at: datetime) -> None:
        """Do nothing: nobody asks for money before it is decided upon."""

    async def go_on(self, now: datetime) -> int:  # noqa: ARG002  There is never anything.
        """Return 0."""
        return 0

    async def close(self) -> None:
        """Close nothing."""

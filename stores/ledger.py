"""The ledger: what was posted to accounts, in double entry, written once and never changed.

    await ledger.post(session, posting, currency)

Every posting balances. Each entry has the next number of its account, what is in the account
behind it, and a hash that is chained to the one before, so that nothing can be taken out or changed
unseen. The account takes the entry only if its newest one is still the one that was seen; so no
entry is lost, at READ COMMITTED and at REPEATABLE READ alike.
"""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import Enum

import orjson
from sqlalchemy import BigInteger, Column, Index, Table, UniqueConstraint

from stores import ledger_accounts
from stores.columns import Instant, as_row, id_column, key, metadata, microseconds, prose, words
from stores.drivers import Retryable
from stores.errors import LimitExceeded
from stores.ledger_accounts import HASH_LENGTH, MAX_SUM, Account, AccountKind, Place
from stores.ledger_errors import InsufficientBalance, LogIdConflict, UnbalancedEntries
from stores.rows import row
from stores.sql import WriteSession

MEMO_LENGTH = 200
REFERENCE_LENGTH = 64
KIND_LENGTH = 20

ledger_transactions = Table(
    "ledger_transactions",
    metadata,
    id_column(),
    Column("kind", key(KIND_LENGTH), nullable=False),
    Column("reference", key(REFERENCE_LENGTH), nullable=False, unique=True),
    Column("occurred_at", Instant, nullable=False),
    Column("actor_id", BigInteger, nullable=True),
    # What it is the opposite of: each is reversed once at most.
    Column("reverses_id", BigInteger, nullable=True, unique=True),
    Column("reason", prose(), nullable=True),
)

ledger_entries = Table(
    "ledger_entries",
    metadata,
    id_column(),
    Column("account_id", BigInteger, nullable=False),
    Column("log_id", BigInteger, nullable=False),
    Column("transaction_id", BigInteger, nullable=False),
    Column("side", key(6), nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("balance_after_minor", BigInteger, nullable=False),
    Column("previous_hash", key(HASH_LENGTH), nullable=False),
    Column("hash", key(HASH_LENGTH), nullable=False),
    Column("occurred_at", Instant, nullable=False),
    Column("memo", words(MEMO_LENGTH), nullable=True),
    UniqueConstraint("account_id", "log_id"),
    Index("ix_ledger_entries_transaction_id", "transaction_id"),
    Index("ix_ledger_entries_account_id_occurred_at", "account_id", "occurred_at"),
    Index("ix_ledger_entries_occurred_at", "occurred_at"),
)


class EntrySide(Enum):
    """Side of an entry."""

    DEBIT = "DEBIT"
    CREDIT = "CREDIT"

    @property
    def opposite(self) -> "EntrySide":
        """Return the other side."""
        return EntrySide.CREDIT if self is EntrySide.DEBIT else EntrySide.DEBIT


class TransactionKind(Enum):
    """Why money moved."""

    PAYMENT = "PAYMENT"
    REFUND = "REFUND"
    DEPOSIT = "DEPOSIT"
    WITHDRAWAL = "WITHDRAWAL"
    SETTLEMENT = "SETTLEMENT"
    FEE = "FEE"
    ADJUSTMENT = "ADJUSTMENT"
    REVERSAL = "REVERSAL"


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry to post; the amount is positive, in minor units."""

    place: Place
    side: EntrySide
    amount_minor: int
    memo: str | None = None


@row
class Transaction:
    """Entries that belong together; nobody acted if the shop itself did it."""

    id: int
    kind: str
    #: Unique in the whole ledger.
    reference: str
    occurred_at: datetime
    actor_id: int | None = None
    reverses_id: int | None = None
    reason: str | None = None


@row
class Entry:
    """A line of an account; hashes are of 64 hex digits."""

    id: int
    account_id: int
    log_id: int
    transaction_id: int
    side: str
    amount_minor: int
    balance_after_minor: int
    previous_hash: str
    hash: str
    occurred_at: datetime
    memo: str | None


@dataclass(frozen=True, slots=True)
class Posting:
    """A transaction and its entries, each with an id of its own; in the shop's currency.

    With `compared`, an account and the number of its newest entry, it is posted only behind that.
    """

    transaction: Transaction
    drafts: Sequence[Draft]
    ids: Sequence[int]
    currency: str
    compared: tuple[int, int] | None = None


TRANSACTION_COLUMNS = [ledger_transactions.c[field.name] for field in fields(Transaction)]
ENTRY_COLUMNS = [ledger_entries.c[field.name] for field in fields(Entry)]


def debit(place: Place, amount_minor: int, memo: str | None = None) -> Draft:
    """Return an entry on the left."""
    return Draft(place, EntrySide.DEBIT, amount_minor, memo)


def credit(place: Place, amount_minor: int, memo: str | None = None) -> Draft:
    """Return an entry on the right."""
    return Draft(place, EntrySide.CREDIT, amount_minor, memo)


async def post(session: WriteSession, posting: Posting) -> None:
    """Write a transaction; the last thing that a transaction of the database does.

    Raises UnbalancedEntries, LogIdConflict for an account that was to be compared,
    InsufficientBalance for a shopper's account that would fall below zero, LimitExceeded for one
    that would pass 64 bits, and UniqueViolation for a reference that was used, or a transaction
    that was reversed before. A newer entry in any of the accounts begins all of the work again.
    """
    _check(posting)
    await session.insert(ledger_transactions, as_row(posting.transaction))
    written: list[Entry] = []
    # In one order for everybody, so that nobody waits in a circle.
    for place, drafts in sorted(_by_place(posting).items(), key=lambda item: item[0].id):
        written += await _append(session, posting, place, drafts)
    await session.insert(ledger_entries, *map(as_row, written))


def hash_of(entry: Entry) -> str:
    """Return the hash of an entry: over all that it says, and the hash of the one before."""
    told = [
        entry.account_id,
        entry.log_id,
        entry.transaction_id,
        entry.side,
        entry.amount_minor,
        entry.balance_after_minor,
        microseconds(entry.occurred_at),
        entry.memo,
        entry.previous_hash,
    ]
    return hashlib.sha256(orjson.dumps(told)).hexdigest()


def _check(posting: Posting) -> None:
    sums = dict.fromkeys(EntrySide, 0)
    for draft in posting.drafts:
        if draft.amount_minor <= 0:
            raise ValueError("An amount is positive.")
        sums[draft.side] += draft.amount_minor
    debits, credits_ = sums[EntrySide.DEBIT], sums[EntrySide.CREDIT]
    if debits != credits_ or not debits:
        raise UnbalancedEntries(debits, credits_)


_Drafts = Sequence[tuple[int, Draft]]


def _by_place(posting: Posting) -> dict[Place, _Drafts]:
    found: dict[Place, list[tuple[int, Draft]]] = defaultdict(list)
    for id_, draft in zip(posting.ids, posting.drafts, strict=True):
        found[draft.place].append((id_, draft))
    return {**found}


async def _append(
    session: WriteSession, posting: Posting, place: Place, drafts: _Drafts
) -> list[Entry]:
    """Move an account on, and return the entries that it was moved by, to be written."""
    seen = await ledger_accounts.opened(session, place, posting.currency)
    _compare(posting, seen)
    account, entries = seen, []
    # The time in an account never goes back, whichever clock told it.
    at = max(posting.transaction.occurred_at, seen.updated_at)
    for id_, draft in drafts:
        account = _after(account, draft, at)
        entry = _entry(posting, id_, draft, account)
        account = replace(account, head_hash=entry.hash)
        entries.append(entry)
    _check_sums(seen, account)
    if not await ledger_accounts.move(session, seen, account):
        raise Retryable
    return entries


def _compare(posting: Posting, seen: Account) -> None:
    compared, log_id = posting.compared or (None, None)
    if compared == seen.id and log_id != seen.log_id:
        raise LogIdConflict(seen.log_id, seen)


def _after(account: Account, draft: Draft, at: datetime) -> Account:
    is_debit, amount = draft.side is EntrySide.DEBIT, draft.amount_minor
    return replace(
        account,
        log_id=account.log_id + 1,
        debits_minor=account.debits_minor + (amount if is_debit else 0),
        credits_minor=account.credits_minor + (0 if is_debit else amount),
        updated_at=at,
    )


def _entry(posting: Posting, id_: int, draft: Draft, after: Account) -> Entry:
    entry = Entry(
        id=id_,
        account_id=after.id,
        log_id=after.log_id,
        transaction_id=posting.transaction.id,
        side=draft.side.value,
        amount_minor=draft.amount_minor,
        balance_after_minor=after.balance_minor,
        previous_hash=after.head_hash,
        hash="",
        occurred_at=after.updated_at,
        memo=draft.memo,
    )
    return replace(entry, hash=hash_of(entry))


def _check_sums(before: Account, after: Account) -> None:
    is_wallet = after.place.kind is AccountKind.CUSTOMER_BALANCE
    if is_wallet and after.available_minor < 0:
        raise InsufficientBalance(maximum_minor=before.available_minor)
    if max(after.debits_minor, after.credits_minor) > MAX_SUM:
        raise LimitExceeded("No account counts that far; post less, or to another one.")

"""Accounts of the ledger: whose money is where.

Everybody has an account from the beginning, with a number that can be told without looking: that
of a shopper is the shopper's id, that of a merchant is the merchant's, and the shop's own ones are
counted from 1. The row of an account is written by its first posting.
"""

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from enum import Enum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    Table,
    bindparam,
    func,
    select,
    update,
)

from stores.columns import Instant, as_row, id_column, key, metadata
from stores.drivers import Retryable, UniqueViolation
from stores.kept import among
from stores.rows import row
from stores.sql import ReadSession, WriteSession

#: Accounts of the shop are kept in so many parts, each with a log of its own: with one, all orders
#: of the shop would wait for one row.
STRIPES = 16
#: What the first entry of an account is chained to.
NO_HASH = "0" * 64
HASH_LENGTH = 64
KIND_LENGTH = 20
#: More than any account ever moves: the database counts in 64 bits.
MAX_SUM = 9 * 10**18

ledger_accounts = Table(
    "ledger_accounts",
    metadata,
    id_column(),
    Column("kind", key(KIND_LENGTH), nullable=False),
    Column("currency_code", key(3), nullable=False),
    Column("log_id", BigInteger, nullable=False),
    Column("debits_minor", BigInteger, nullable=False),
    Column("credits_minor", BigInteger, nullable=False),
    Column("head_hash", key(HASH_LENGTH), nullable=False),
    Column("updated_at", Instant, nullable=False),
    # Of a shopper's account: what a payment has taken hold of that is not posted yet.
    Column("held_minor", BigInteger, nullable=False, server_default="0"),
    CheckConstraint(
        "kind <> 'CUSTOMER_BALANCE' OR credits_minor >= debits_minor", name="no_overdraft"
    ),
    CheckConstraint(
        "held_minor = 0 OR (held_minor > 0 AND credits_minor - debits_minor >= held_minor)",
        name="held_at_most",
    ),
    Index("ix_ledger_accounts_kind", "kind"),
)


class AccountKind(Enum):
    """Kind of account."""

    CUSTOMER_BALANCE = "CUSTOMER_BALANCE"
    MERCHANT_RECEIVABLE = "MERCHANT_RECEIVABLE"
    PROVIDER_CLEARING = "PROVIDER_CLEARING"
    REVENUE = "REVENUE"
    TAX_PAYABLE = "TAX_PAYABLE"
    SHIPPING_INCOME = "SHIPPING_INCOME"
    REFUND_EXPENSE = "REFUND_EXPENSE"
    PROMOTION_EXPENSE = "PROMOTION_EXPENSE"


#: The shop's own, in the order of their numbers.
OF_SHOP = (
    AccountKind.PROVIDER_CLEARING,
    AccountKind.REVENUE,
    AccountKind.TAX_PAYABLE,
    AccountKind.SHIPPING_INCOME,
    AccountKind.REFUND_EXPENSE,
    AccountKind.PROMOTION_EXPENSE,
)
#: Their balance is what was debited less what was credited; that of others is the opposite.
ON_THE_LEFT = frozenset(
    {AccountKind.PROVIDER_CLEARING, AccountKind.REFUND_EXPENSE, AccountKind.PROMOTION_EXPENSE}
)


@dataclass(frozen=True, slots=True)
class Place:
    """Which account: its kind, and its number."""

    kind: AccountKind
    id: int

    @property
    def stripe(self) -> int | None:
        """Return which part of an account of the shop it is, None for all others."""
        return (self.id - 1) % STRIPES if self.kind in OF_SHOP else None


def of_user(user_id: int) -> Place:
    """Return what a shopper can pay with."""
    return Place(AccountKind.CUSTOMER_BALANCE, user_id)


def of_merchant(merchant_id: int) -> Place:
    """Return what the shop owes a merchant."""
    return Place(AccountKind.MERCHANT_RECEIVABLE, merchant_id)


def of_shop(kind: AccountKind, stripe: int) -> Place:
    """Return a part of one of the shop's own accounts."""
    return Place(kind, OF_SHOP.index(kind) * STRIPES + stripe + 1)


def shop_place(id_: int) -> Place | None:
    """Return the account of the shop that has this number, None if it is nobody's or another's."""
    if not 1 <= id_ <= len(OF_SHOP) * STRIPES:
        return None
    return Place(OF_SHOP[(id_ - 1) // STRIPES], id_)


@row
class Account:
    """An account: its sums in minor units, and the number and the hash of its newest entry."""

    id: int
    kind: str
    currency_code: str
    log_id: int
    debits_minor: int
    credits_minor: int
    head_hash: str
    updated_at: datetime
    held_minor: int = 0

    @property
    def place(self) -> Place:
        """Return which account it is."""
        return Place(AccountKind(self.kind), self.id)

    @property
    def balance_minor(self) -> int:
        """Return what is in it, counted from the side on which accounts of its kind grow."""
        return balance(self.place.kind, self.debits_minor, self.credits_minor)

    @property
    def available_minor(self) -> int:
        """Return what is in it and not held."""
        return self.balance_minor - self.held_minor


def balance(kind: AccountKind, debits_minor: int, credits_minor: int) -> int:
    """Return the balance of sums, counted from the side on which accounts of a kind grow."""
    rest = debits_minor - credits_minor
    return rest if kind in ON_THE_LEFT else -rest


def empty(place: Place, currency: str) -> Account:
    """Return an account before its first entry."""
    began = datetime(1970, 1, 1, tzinfo=UTC)
    return Account(place.id, place.kind.value, currency, 0, 0, 0, NO_HASH, began)


_COLUMNS = [ledger_accounts.c[field.name] for field in fields(Account)]
_BY_IDS = select(*_COLUMNS).where(among(ledger_accounts.c.id, "ids"))
_IT = ledger_accounts.c
# A row that is left as it is, is locked as well.
_HOLD = update(ledger_accounts).where(_IT.id == bindparam("held")).values(log_id=_IT.log_id)
_MOVE = (
    update(ledger_accounts)
    .where(
        _IT.id == bindparam("moved"),
        # Whoever has posted meanwhile has raised it: what was read is then not what there is.
        # So with what is held, which is not free to be posted.
        _IT.log_id == bindparam("seen"),
        _IT.held_minor == bindparam("seen_held"),
    )
    .values(
        log_id=bindparam("new_log_id"),
        debits_minor=bindparam("new_debits"),
        credits_minor=bindparam("new_credits"),
        head_hash=bindparam("new_hash"),
        updated_at=bindparam("new_time"),
    )
)


async def by_ids(session: ReadSession, ids: Collection[int]) -> dict[int, Account]:
    """Return the accounts that something was posted to, by number."""
    found = await session.rows(Account, _BY_IDS, {"ids": list(ids)})
    return {account.id: account for account in found}


async def opened(session: WriteSession, place: Place, currency: str) -> Account:
    """Return an account; its row is written if there is none.

    Whoever came too late before holds the row while it is read, so as not to come too late again.
    """
    if session.is_again:
        await session.update(_HOLD, {"held": place.id})
    found = (await by_ids(session, [place.id])).get(place.id)
    if found is not None:
        return found
    new = empty(place, currency)
    try:
        await session.insert(ledger_accounts, as_row(new))
    except UniqueViolation as error:
        # Somebody else wrote it in this moment.
        raise Retryable from error
    return new


async def move(session: WriteSession, seen: Account, now: Account) -> bool:
    """Take an account from what was seen to what is now; False if it has a newer entry."""
    told = {
        "moved": seen.id,
        "seen": seen.log_id,
        "seen_held": seen.held_minor,
        "new_log_id": now.log_id,
        "new_debits": now.debits_minor,
        "new_credits": now.credits_minor,
        "new_hash": now.head_hash,
        "new_time": now.updated_at,
    }
    return await session.update(_MOVE, told) == 1


async def sums(session: ReadSession) -> dict[str, tuple[int, int]]:
    """Return what was debited and what was credited, by kind of account."""
    columns = _IT.kind, func.sum(_IT.debits_minor), func.sum(_IT.credits_minor)
    found = await session.rows(
        lambda kind, debits, credits_: (kind, (int(debits), int(credits_))),
        select(*columns).group_by(_IT.kind),
    )
    return dict(found)

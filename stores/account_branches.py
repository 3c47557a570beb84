"""Branches: the part of a payment that lies in the accounts' database, beside the ledger there.

    state = await hold(session, branch)               # try
    await confirm(session, posting)                     # post what was held
    await cancel(session, reference, at)                # let it go

The key of a row is the reference of what will be posted, and says what became of it for ever:
whoever comes first writes it, and everybody else finds it. So a call that is repeated does
nothing; one that is cancelled before it was tried (an empty cancel) leaves a row that refuses the
try, should it come late.
"""

from collections.abc import Collection
from dataclasses import fields
from datetime import datetime
from enum import Enum

from sqlalchemy import BigInteger, Column, Index, Table, bindparam, func, select, update

from stores import ledger, ledger_accounts
from stores.columns import Instant, as_row, key, metadata
from stores.drivers import Retryable, UniqueViolation
from stores.ledger import REFERENCE_LENGTH, Posting
from stores.ledger_errors import InsufficientBalance
from stores.rows import row
from stores.sql import ReadSession, WriteSession

account_branches = Table(
    "account_branches",
    metadata,
    Column("reference", key(REFERENCE_LENGTH), primary_key=True),
    Column("state", key(10), nullable=False),
    Column("account_id", BigInteger, nullable=True),
    Column("amount_minor", BigInteger, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Index("ix_account_branches_state_account_id", "state", "account_id"),
)


class BranchState(Enum):
    """What became of a branch."""

    #: The amount is held, and waits for a decision.
    TRIED = "TRIED"
    CONFIRMED = "CONFIRMED"
    CANCELLED = "CANCELLED"
    #: Posted at once, without being held.
    TAKEN = "TAKEN"
    #: The account had less, or nobody wants it any more.
    REFUSED = "REFUSED"


class NeverTried(Exception):
    """Something is confirmed that is not held: the coordinator has decided wrongly."""


@row
class Branch:
    """One branch; the amount is in minor units, and 0 if it was cancelled before it was tried."""

    reference: str
    state: str
    account_id: int | None
    amount_minor: int
    updated_at: datetime


_ACCOUNTS = ledger_accounts.ledger_accounts.c
_COLUMNS = [account_branches.c[field.name] for field in fields(Branch)]
_BY_REFERENCE = select(*_COLUMNS).where(account_branches.c.reference == bindparam("its_name"))


async def by_reference(session: ReadSession, reference: str) -> Branch | None:
    """Return the branch of a reference, None if nobody has heard of it."""
    return await session.row(Branch, _BY_REFERENCE, {"its_name": reference})


async def hold(session: WriteSession, branch: Branch) -> BranchState:
    """Hold an amount on a shopper's account, once, and return what became of the branch.

    That is another state than TRIED if it was decided before. Raises InsufficientBalance.
    """
    known = await first(session, branch)
    if known is not branch:
        return BranchState(known.state)
    account_id, amount = branch.account_id or 0, branch.amount_minor
    if not await _hold(session, account_id, amount):
        account = (await ledger_accounts.by_ids(session, [account_id])).get(account_id)
        raise InsufficientBalance(maximum_minor=account.available_minor if account else 0)
    return BranchState.TRIED


async def confirm(session: WriteSession, posting: Posting) -> None:
    """Post what was held, once. Raises NeverTried if nothing is."""
    reference = posting.transaction.reference
    branch = await by_reference(session, reference)
    if branch is None or branch.state == BranchState.CANCELLED.value:
        raise NeverTried(reference)
    if await _end(session, branch, BranchState.CONFIRMED, posting.transaction.occurred_at):
        await ledger.post(session, posting)


async def cancel(session: WriteSession, reference: str, at: datetime) -> None:
    """Let go what is held, once; what was never tried is refused from now on."""
    tombstone = Branch(reference, BranchState.CANCELLED.value, None, 0, at)
    known = await first(session, tombstone)
    if known is not tombstone:
        await _end(session, known, BranchState.CANCELLED, at)


async def first(session: WriteSession, branch: Branch) -> Branch:
    """Write a branch, or return what somebody wrote before."""
    try:
        await session.insert(account_branches, as_row(branch))
    except UniqueViolation as error:
        known = await by_reference(session, branch.reference)
        if known is None:
            # Whoever wrote it has not committed it, or took it back in this moment.
            raise Retryable from error
        return known
    return branch


async def held(session: ReadSession, account_ids: Collection[int]) -> dict[int, int]:
    """Return what is held on each account, in minor units, as its branches say."""
    columns = account_branches.c
    statement = (
        select(columns.account_id, func.sum(columns.amount_minor))
        .where(
            columns.state == BranchState.TRIED.value,
            columns.account_id.in_(account_ids),
        )
        .group_by(columns.account_id)
    )
    return dict(await session.rows(lambda id_, amount: (id_, int(amount)), statement))


async def by_references(session: ReadSession, references: Collection[str]) -> dict[str, Branch]:
    """Return the branches that exist, by reference."""
    statement = select(*_COLUMNS).where(account_branches.c.reference.in_(references))
    return {one.reference: one for one in await session.rows(Branch, statement)}


async def _end(session: WriteSession, branch: Branch, to: BranchState, at: datetime) -> bool:
    """Decide a branch that is tried, and hold its amount no longer; False if it was decided."""
    columns = account_branches.c
    tried = update(account_branches).where(
        columns.reference == branch.reference, columns.state == BranchState.TRIED.value
    )
    if await session.update(tried.values(state=to.value, updated_at=at)) != 1:
        return False
    await _release(session, branch.account_id or 0, branch.amount_minor)
    return True


async def _hold(session: WriteSession, id_: int, amount_minor: int) -> bool:
    """Hold an amount of a shopper's account; False if less is free."""
    free = _ACCOUNTS.credits_minor - _ACCOUNTS.debits_minor - _ACCOUNTS.held_minor
    it = update(ledger_accounts.ledger_accounts).where(_ACCOUNTS.id == id_, free >= amount_minor)
    return await session.update(it.values(held_minor=_ACCOUNTS.held_minor + amount_minor)) == 1


async def _release(session: WriteSession, id_: int, amount_minor: int) -> None:
    """Hold an amount no longer."""
    it = update(ledger_accounts.ledger_accounts).where(_ACCOUNTS.id == id_)
    await session.update(it.values(held_minor=_ACCOUNTS.held_minor - amount_minor))

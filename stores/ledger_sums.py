"""Sums over the ledger: what accounts must be equal to, worked out from their entries."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, case, func, or_, select

from stores import account_branches
from stores.ledger import ENTRY_COLUMNS, Entry, EntrySide, ledger_entries
from stores.ledger_accounts import NO_HASH, Account, by_ids, ledger_accounts
from stores.sql import ReadSession

_ENTRIES, _ACCOUNTS = ledger_entries.c, ledger_accounts.c


@dataclass(frozen=True, slots=True)
class AccountSums:
    """An account, and what its entries say of it; sums in minor units."""

    account: Account
    #: Entries: how many, and the number of the newest.
    logged: int = 0
    newest: int = 0
    debits: int = 0
    credits: int = 0
    #: Of the newest entry.
    balance_after: int = 0
    hash: str = NO_HASH
    #: By branches that wait.
    held: int = 0


async def by_accounts(session: ReadSession, ids: Collection[int]) -> dict[int, AccountSums]:
    """Return the sums of the accounts that exist; all at one moment only in such a session."""
    accounts = await by_ids(session, ids)
    sums = await _sums(session, ids)
    last = await _last(session, ids)
    held = await account_branches.held(session, ids)
    return {
        id_: replace(
            AccountSums(account, *sums.get(id_, (0, 0, 0, 0)), *last.get(id_, (0, NO_HASH))),
            held=held.get(id_, 0),
        )
        for id_, account in accounts.items()
    }


async def entries_behind(
    session: ReadSession, places: Sequence[tuple[int, int]]
) -> dict[tuple[int, int], Entry]:
    """Return the entries of accounts and numbers, and those right before each, by both."""
    logs: dict[int, list[int]] = defaultdict(list)
    for account_id, log_id in places:
        logs[account_id].append(log_id)
    ranges: list[ColumnElement[bool]] = [
        (_ENTRIES.account_id == id_) & _ENTRIES.log_id.between(min(some) - 1, max(some))
        for id_, some in logs.items()
    ]
    found = await session.rows(Entry, select(*ENTRY_COLUMNS).where(or_(*ranges)))
    return {(one.account_id, one.log_id): one for one in found}


async def _sums(session: ReadSession, ids: Collection[int]) -> dict[int, tuple[int, int, int, int]]:
    def of(side: EntrySide) -> ColumnElement[Any]:
        return func.sum(case((_ENTRIES.side == side.value, _ENTRIES.amount_minor), else_=0))

    columns = func.count(), func.max(_ENTRIES.log_id), of(EntrySide.DEBIT), of(EntrySide.CREDIT)
    statement = (
        select(_ENTRIES.account_id, *columns)
        .where(_ENTRIES.account_id.in_(ids))
        .group_by(_ENTRIES.account_id)
    )
    # MySQL sums up in decimals.
    found = await session.rows(lambda *told: [int(value) for value in told], statement)
    return {id_: (count, newest, left, right) for id_, count, newest, left, right in found}


async def _last(session: ReadSession, ids: Collection[int]) -> dict[int, Sequence[Any]]:
    joined = ledger_accounts.join(
        ledger_entries,
        (_ENTRIES.account_id == _ACCOUNTS.id) & (_ENTRIES.log_id == _ACCOUNTS.log_id),
    )
    columns = _ACCOUNTS.id, _ENTRIES.balance_after_minor, _ENTRIES.hash
    statement = select(*columns).select_from(joined).where(_ACCOUNTS.id.in_(ids))
    return dict(await session.rows(lambda id_, *told: (id_, told), statement))

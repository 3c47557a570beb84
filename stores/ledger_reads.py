"""Reading the ledger: entries, transactions, and balances of earlier times."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, literal, select, union_all

from stores.kept import among
from stores.keyset import Keyset, Window
from stores.ledger import (
    ENTRY_COLUMNS,
    TRANSACTION_COLUMNS,
    Entry,
    EntrySide,
    Transaction,
    ledger_entries,
    ledger_transactions,
)
from stores.ledger_accounts import ledger_accounts
from stores.sql import ReadSession

_ENTRIES, _TRANSACTIONS, _ACCOUNTS = ledger_entries.c, ledger_transactions.c, ledger_accounts.c
#: Newest first.
_ORDER = Keyset(_ENTRIES.log_id, descending=True)

_BY_IDS = select(*ENTRY_COLUMNS).where(among(_ENTRIES.id, "ids"))
_OF_TRANSACTIONS = (
    select(*ENTRY_COLUMNS)
    .where(among(_ENTRIES.transaction_id, "ids"))
    .order_by(_ENTRIES.transaction_id, _ENTRIES.id)
)
_TRANSACTIONS_BY_IDS = select(*TRANSACTION_COLUMNS).where(among(_TRANSACTIONS.id, "ids"))
_BY_REFERENCE = select(*TRANSACTION_COLUMNS).where(_TRANSACTIONS.reference == bindparam("its_name"))
_REVERSALS = select(*TRANSACTION_COLUMNS).where(among(_TRANSACTIONS.reverses_id, "ids"))


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """Conditions that entries of an account must all meet; None leaves one out."""

    occurred_from: datetime | None = None
    occurred_before: datetime | None = None


#: Lists of entries have one sequence.
NEWEST = "NEWEST"


async def entries_by_ids(session: ReadSession, ids: Collection[int]) -> dict[int, Entry]:
    """Return the entries that exist, by id."""
    return {one.id: one for one in await session.rows(Entry, _BY_IDS, {"ids": list(ids)})}


async def entries_of(session: ReadSession, ids: Collection[int]) -> dict[int, list[Entry]]:
    """Return the entries of each transaction, in the order in which they were told."""
    found: dict[int, list[Entry]] = defaultdict(list)
    for one in await session.rows(Entry, _OF_TRANSACTIONS, {"ids": list(ids)}):
        found[one.transaction_id].append(one)
    return found


async def transactions_by_ids(session: ReadSession, ids: Collection[int]) -> dict[int, Transaction]:
    """Return the transactions that exist, by id."""
    found = await session.rows(Transaction, _TRANSACTIONS_BY_IDS, {"ids": list(ids)})
    return {one.id: one for one in found}


async def by_reference(session: ReadSession, reference: str) -> Transaction | None:
    """Return the transaction of a reference, None if there is none."""
    return await session.row(Transaction, _BY_REFERENCE, {"its_name": reference})


async def reversals(session: ReadSession, ids: Collection[int]) -> dict[int, Transaction]:
    """Return what reversed each of these transactions, by the id of the one that was reversed."""
    found = await session.rows(Transaction, _REVERSALS, {"ids": list(ids)})
    return {one.reverses_id: one for one in found if one.reverses_id is not None}


async def pages(
    session: ReadSession, accounts: Sequence[int], wanted: EntryFilter, _sort: str, window: Window
) -> dict[int, list[Entry]]:
    """Return a page of the log of each account, newest first, in one statement."""
    each = [_page(one, wanted, window) for one in accounts]
    whole = each[0] if len(each) == 1 else union_all(*(select(one.subquery()) for one in each))
    found: dict[int, list[Entry]] = defaultdict(list)
    for one in await session.rows(Entry, whole):
        found[one.account_id].append(one)
    # A union has no order of its own.
    return {id_: sorted(some, key=lambda one: -one.log_id) for id_, some in found.items()}


async def counts(
    session: ReadSession, accounts: Sequence[int], wanted: EntryFilter
) -> dict[int, int]:
    """Return how many entries each account has, in one statement."""
    each = [_counted(one, wanted) for one in accounts]
    whole = each[0] if len(each) == 1 else union_all(*each)
    return dict(await session.rows(lambda one, count: (int(one), count), whole))


async def balances_at(
    session: ReadSession, accounts: Collection[int], at: datetime
) -> dict[int, int]:
    """Return what was in each account then, in minor units; none if nothing had been posted."""
    newest = (
        select(_ENTRIES.account_id, func.max(_ENTRIES.log_id).label("log_id"))
        .where(_ENTRIES.account_id.in_(accounts), _ENTRIES.occurred_at <= at)
        .group_by(_ENTRIES.account_id)
        .subquery()
    )
    joined = ledger_entries.join(
        newest,
        (newest.c.account_id == _ENTRIES.account_id) & (newest.c.log_id == _ENTRIES.log_id),
    )
    statement = select(_ENTRIES.account_id, _ENTRIES.balance_after_minor).select_from(joined)
    return dict(await session.rows(lambda one, balance: (one, balance), statement))


async def sums_until(session: ReadSession, at: datetime) -> dict[str, tuple[int, int]]:
    """Return what was debited and credited until then, by kind of account; reads every entry."""
    joined = ledger_entries.join(ledger_accounts, _ACCOUNTS.id == _ENTRIES.account_id)
    statement = (
        select(_ACCOUNTS.kind, _ENTRIES.side, func.sum(_ENTRIES.amount_minor))
        .select_from(joined)
        .where(_ENTRIES.occurred_at <= at)
        .group_by(_ACCOUNTS.kind, _ENTRIES.side)
    )
    return _both_sides(await session.rows(lambda *told: told, statement))


def _both_sides(rows: Iterable[tuple[Any, ...]]) -> dict[str, tuple[int, int]]:
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for kind, side, amount in rows:
        found[kind][side] = int(amount)
    names = EntrySide.DEBIT.value, EntrySide.CREDIT.value
    return {kind: (its.get(names[0], 0), its.get(names[1], 0)) for kind, its in found.items()}


def _page(account: int, wanted: EntryFilter, window: Window) -> Select[Any]:
    return (
        select(*ENTRY_COLUMNS)
        .where(*_conditions(account, wanted), _ORDER.inside(window))
        .order_by(*_ORDER.order(window))
        .limit(window.limit)
    )


def _counted(account: int, wanted: EntryFilter) -> Select[Any]:
    columns: list[Any] = [literal(account), func.count()]
    counted = select(*columns).select_from(ledger_entries)
    return counted.where(*_conditions(account, wanted))


def _conditions(account: int, wanted: EntryFilter) -> list[ColumnElement[bool]]:
    found = [_ENTRIES.account_id == account]
    if wanted.occurred_from is not None:
        found.append(_ENTRIES.occurred_at >= wanted.occurred_from)
    if wanted.occurred_before is not None:
        found.append(_ENTRIES.occurred_at < wanted.occurred_before)
    return found

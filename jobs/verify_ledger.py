"""The ledger: each account is what its entries say, their log has no gap, and their chain holds."""

from collections import Counter
from collections.abc import Iterator, Sequence

from jobs.verify_check import SECONDS, Check, Differences, compared, of_the_ledger, walking
from resolvers.context import Mall
from stores import ledger, ledger_accounts, ledger_reads, ledger_sums, walks
from stores.ledger import Entry, EntrySide, Transaction
from stores.ledger_accounts import NO_HASH, Account, AccountKind
from stores.ledger_sums import AccountSums

NAME, ENTRIES, TRANSACTIONS = "ledger", "ledger-entries", "ledger-transactions"

_Place = tuple[int, int]
_Facts = Iterator[tuple[str, object, object]]


async def _compare(mall: Mall, ids: Sequence[int]) -> Differences[int]:
    async with of_the_ledger(mall).moment(seconds=SECONDS) as session:
        accounts = await ledger_sums.by_accounts(session, ids)
    found = {id_: compared(NAME, id_, _facts(sums)) for id_, sums in accounts.items()}
    return {id_: differences for id_, differences in found.items() if differences}


def _facts(sums: AccountSums) -> _Facts:
    account = sums.account
    yield "number of the newest entry", sums.newest, account.log_id
    yield "entries", account.log_id, sums.logged
    yield "debits, by entries", sums.debits, account.debits_minor
    yield "credits, by entries", sums.credits, account.credits_minor
    yield "balance, after the newest entry", sums.balance_after, account.balance_minor
    yield "hash of the newest entry", sums.hash, account.head_hash
    is_wallet = account.place.kind is AccountKind.CUSTOMER_BALANCE
    yield "held, by branches", sums.held, account.held_minor
    yield "is below zero", False, is_wallet and account.balance_minor < 0


async def _compare_entries(mall: Mall, places: Sequence[_Place]) -> Differences[_Place]:
    async with of_the_ledger(mall).moment(seconds=SECONDS) as session:
        entries = await ledger_sums.entries_behind(session, places)
        accounts = await ledger_accounts.by_ids(session, {id_ for id_, _ in places})
        wanted = {one.transaction_id for one in entries.values()}
        known = await ledger_reads.transactions_by_ids(session, wanted)
    found = {}
    for place in places:
        if one := entries.get(place):
            before = entries.get((one.account_id, one.log_id - 1))
            has_transaction = "has a transaction", True, one.transaction_id in known
            facts = [has_transaction, *_chained(one, before, accounts.get(one.account_id))]
            name = f"{one.log_id} of account {one.account_id}"
            found[place] = compared(ENTRIES, name, facts)
    return {place: differences for place, differences in found.items() if differences}


def _chained(one: Entry, before: Entry | None, account: Account | None) -> _Facts:
    yield "hash", ledger.hash_of(one), one.hash
    yield "hash of the entry before", before.hash if before else NO_HASH, one.previous_hash
    yield "has the entry before", one.log_id > 1, before is not None
    yield "has an account", True, account is not None
    if account is not None:
        after = (before.balance_after_minor if before else 0) + _change(one, account)
        yield "balance after", after, one.balance_after_minor


def _change(one: Entry, account: Account) -> int:
    is_debit = one.side == EntrySide.DEBIT.value
    sides = (one.amount_minor, 0) if is_debit else (0, one.amount_minor)
    return ledger_accounts.balance(account.place.kind, *sides)


async def _compare_transactions(mall: Mall, ids: Sequence[int]) -> Differences[int]:
    async with of_the_ledger(mall).moment(seconds=SECONDS) as session:
        rows = await ledger_reads.transactions_by_ids(session, ids)
        reversed_ = {row.reverses_id for row in rows.values() if row.reverses_id is not None}
        entries = await ledger_reads.entries_of(session, {*rows, *reversed_})
    found = {
        id_: compared(TRANSACTIONS, row.reference, _sums(row, entries)) for id_, row in rows.items()
    }
    return {id_: differences for id_, differences in found.items() if differences}


def _sums(row: Transaction, entries: dict[int, list[Entry]]) -> _Facts:
    own = entries.get(row.id, [])
    debits, credits_ = (
        sum(one.amount_minor for one in own if one.side == side.value) for side in EntrySide
    )
    yield "has entries", True, bool(own)
    yield "debits", credits_, debits
    if row.reverses_id is not None:
        before = entries.get(row.reverses_id, [])
        yield "is the opposite", _amounts(before, is_opposite=True), _amounts(own)


def _amounts(entries: Sequence[Entry], *, is_opposite: bool = False) -> list[tuple[object, ...]]:
    told: Counter[tuple[int, str, int]] = Counter()
    for one in entries:
        side = EntrySide(one.side).opposite.value if is_opposite else one.side
        told[one.account_id, side, one.amount_minor] += 1
    return sorted(told.items())


LEDGER = Check(
    name=NAME,
    about="Each account is the sum of its entries, and at the number, the balance and the hash of "
    "the newest one; no shopper's account is below zero.",
    page=walking(walks.ACCOUNTS, of_the_ledger),
    compare=_compare,
)
LEDGER_ENTRIES = Check(
    name=ENTRIES,
    about="Each entry follows from the one before: number, balance and hash; nothing in it was "
    "changed.",
    page=walking(walks.LEDGER_ENTRIES, of_the_ledger),
    compare=_compare_entries,
)
LEDGER_TRANSACTIONS = Check(
    name=TRANSACTIONS,
    about="The entries of each transaction balance; a reversal is the opposite of what it "
    "reverses.",
    page=walking(walks.LEDGER_TRANSACTIONS, of_the_ledger),
    compare=_compare_transactions,
)

"""The ledger: double entry, numbers without gaps, a chain of hashes, and no overdraft."""

import asyncio
import hashlib
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import Update, bindparam, delete, false, text, update

from stores import ledger_accounts, ledger_reads
from stores.columns import microseconds
from stores.drivers import UniqueViolation
from stores.errors import LimitExceeded, StoreUnavailable
from stores.ledger import credit, debit, ledger_entries, ledger_transactions
from stores.ledger_accounts import Account, AccountKind, of_shop, of_user
from stores.ledger_errors import InsufficientBalance, UnbalancedEntries
from stores.sql import Database, WriteSession
from tests.ledger_books import NOON, Clerk, faults, rows

LEVELS = ("READ COMMITTED", "REPEATABLE READ")
ANN, BOB = of_user(9_001), of_user(9_002)
CASH = of_shop(AccountKind.PROVIDER_CLEARING, 3)
REVENUE, TAX = of_shop(AccountKind.REVENUE, 3), of_shop(AccountKind.TAX_PAYABLE, 3)


@pytest.fixture
def clerk(database: Database) -> Clerk:
    """Whoever posts to a ledger in which nothing stands."""
    return Clerk(database)


async def _empty(session: WriteSession) -> None:
    for table in (ledger_entries, ledger_transactions, ledger_accounts.ledger_accounts):
        await session.update(delete(table))


async def _log(clerk: Clerk) -> list[tuple[Any, ...]]:
    names = ("account_id", "log_id", "side", "amount_minor", "balance_after_minor")
    found = await rows(clerk.database, ledger_entries)
    return sorted(tuple(one[name] for name in names) for one in found)


async def test_entries_are_numbered_balanced_and_chained(clerk: Clerk) -> None:
    await clerk.post(debit(CASH, 1_000), credit(ANN, 1_000))
    await clerk.post(debit(ANN, 595), credit(REVENUE, 500), credit(TAX, 95, "19 %"))

    assert await _log(clerk) == [
        (CASH.id, 1, "DEBIT", 1_000, 1_000),
        (REVENUE.id, 1, "CREDIT", 500, 500),
        (TAX.id, 1, "CREDIT", 95, 95),
        (ANN.id, 1, "CREDIT", 1_000, 1_000),
        (ANN.id, 2, "DEBIT", 595, 405),
    ]
    entries = {
        (one["account_id"], one["log_id"]): one
        for one in await rows(clerk.database, ledger_entries)
    }
    async with clerk.database.read() as session:
        account = (await ledger_accounts.by_ids(session, [ANN.id]))[ANN.id]
    first, second = entries[ANN.id, 1], entries[ANN.id, 2]
    assert first["previous_hash"] == "0" * 64
    assert second["previous_hash"] == first["hash"]
    assert account.head_hash == second["hash"]
    assert [_hash(one) for one in (first, second)] == [first["hash"], second["hash"]]
    assert (account.balance_minor, account.log_id) == (405, 2)
    assert await faults(clerk.database) == []


def _hash(entry: dict[str, Any]) -> str:
    """Reckon a hash as docs/ledger.md says it."""
    names = ("account_id", "log_id", "transaction_id", "side", "amount_minor")
    told = [*(entry[name] for name in names), entry["balance_after_minor"]]
    told += [microseconds(entry["occurred_at"]), entry["memo"], entry["previous_hash"]]
    plain = json.dumps(told, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(plain.encode()).hexdigest()


async def test_what_is_refused_leaves_nothing_behind(clerk: Clerk) -> None:
    await clerk.post(debit(CASH, 100), credit(ANN, 100), reference="first")
    before = await _log(clerk)
    wrong: list[tuple[type[Exception], list[Any], dict[str, Any]]] = [
        (UnbalancedEntries, [debit(CASH, 100), credit(ANN, 99)], {}),
        (UnbalancedEntries, [], {}),
        (InsufficientBalance, [debit(ANN, 101), credit(REVENUE, 101)], {}),
        (UniqueViolation, [debit(CASH, 1), credit(ANN, 1)], {"reference": "first"}),
        (LimitExceeded, [debit(CASH, 9 * 10**18), credit(REVENUE, 9 * 10**18)], {}),
        (ValueError, [debit(CASH, 0), credit(ANN, 0)], {}),
    ]
    for error, drafts, told in wrong:
        with pytest.raises(error):
            await clerk.post(*drafts, **told)

    assert await _log(clerk) == before
    assert await faults(clerk.database) == []


async def test_database_itself_refuses_a_balance_below_zero(clerk: Clerk) -> None:
    await clerk.post(debit(CASH, 100), credit(ANN, 100))
    wrong = update(ledger_accounts.ledger_accounts).where(
        ledger_accounts.ledger_accounts.c.id == ANN.id
    )
    with pytest.raises(Exception, match="no_overdraft"):
        await clerk.database.transact(
            lambda session: session.update(wrong.values(debits_minor=101))
        )

    assert await faults(clerk.database) == []


async def test_time_in_an_account_never_goes_back(clerk: Clerk) -> None:
    await clerk.post(debit(CASH, 100), credit(ANN, 100))
    earlier = NOON.replace(hour=11)
    await clerk.post(debit(ANN, 30), credit(REVENUE, 30), occurred_at=earlier)

    async with clerk.database.read() as session:
        at = [await ledger_reads.balances_at(session, [ANN.id], time) for time in (earlier, NOON)]
    assert at == [{}, {ANN.id: 70}]


def _isolated(database: Database, level: str) -> None:
    """Let every writer of this database have another isolation level."""
    if database._primary.dialect.name != "sqlite":
        database._writing = database._writing.execution_options(isolation_level=level)


async def _at_once(clerk: Clerk, rounds: int = 12, clerks: int = 4) -> int:
    """Let several clerks move money at once, and return how many postings were written."""

    async def work(number: int) -> int:
        done = 0
        for turn in range(rounds):
            source, to = (ANN, BOB) if (number + turn) % 2 else (BOB, ANN)
            await clerk.move(source, to, 1 + turn)
            done += 1
        return done

    return sum(await asyncio.gather(*map(work, range(clerks))))


@pytest.mark.parametrize("level", LEVELS)
async def test_no_entry_is_lost_when_many_post_at_once(
    clerk: Clerk, level: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stores.sql.ATTEMPTS", 60)
    _isolated(clerk.database, level)
    await clerk.post(debit(CASH, 20_000), credit(ANN, 10_000), credit(BOB, 10_000))
    done = await _at_once(clerk)

    async with clerk.database.read(fresh=True) as session:
        found = await ledger_accounts.by_ids(session, [ANN.id, BOB.id])
    assert await faults(clerk.database) == []
    assert [found[place.id].log_id for place in (ANN, BOB)] == [done + 1, done + 1]
    assert sum(one.balance_minor for one in found.values()) == 20_000


async def _refused(clerk: Clerk) -> int:
    """Let sixteen move money at once; return how many postings were told to come again."""
    await clerk.post(debit(CASH, 20_000), credit(ANN, 10_000), credit(BOB, 10_000))
    refused = 0

    async def work(number: int) -> None:
        nonlocal refused
        for turn in range(5):
            source, to = (ANN, BOB) if (number + turn) % 2 else (BOB, ANN)
            try:
                await clerk.move(source, to, 1)
            except StoreUnavailable:
                refused += 1

    await asyncio.gather(*map(work, range(16)))
    return refused


async def test_whoever_was_too_late_once_holds_the_account_and_is_in_time(clerk: Clerk) -> None:
    assert await _refused(clerk) == 0
    assert await faults(clerk.database) == []


# SQLite has one writer at a time, who is never too late.
@pytest.mark.parametrize(
    "sql_url", [pytest.param("mariadb", marks=pytest.mark.server)], indirect=True
)
async def test_twin_that_holds_nothing_is_too_late_again_and_again(
    clerk: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = ledger_accounts._HOLD.where(false())
    monkeypatch.setattr(ledger_accounts, "_HOLD", nobody)

    assert await _refused(clerk) > 0


def _blind() -> Update:
    """Return what moves an account wherever it is by now."""
    guarded, columns = ledger_accounts._MOVE, ledger_accounts.ledger_accounts.c
    assert guarded._values is not None
    blind = update(ledger_accounts.ledger_accounts).where(columns.id == bindparam("moved"))
    return blind.values(dict(guarded._values))


def _slowly(read: Callable[..., Awaitable[Account]]) -> Callable[..., Awaitable[Account]]:
    """Return what reads an account, and thinks about it for a moment."""

    async def slow(*told: Any) -> Account:
        account = await read(*told)
        await asyncio.sleep(0.01)
        return account

    return slow


@asynccontextmanager
async def _unguarded(database: Database) -> AsyncGenerator[None]:
    """Take away the key of the entries while the block runs."""
    name = "uq_ledger_entries_account_id_log_id"
    drop = f"ALTER TABLE ledger_entries DROP INDEX {name}"
    await database.run_sync(lambda connection: connection.execute(text(drop)))
    try:
        yield
    finally:
        await database.transact(_empty)
        add = f"ALTER TABLE ledger_entries ADD CONSTRAINT {name} UNIQUE (account_id, log_id)"
        await database.run_sync(lambda connection: connection.execute(text(add)))


# SQLite has one writer at a time, and that is a guard of its own.
@pytest.mark.parametrize(
    "sql_url", [pytest.param("mariadb", marks=pytest.mark.server)], indirect=True
)
async def test_twin_that_does_not_compare_the_number_loses_entries(
    clerk: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_accounts, "_MOVE", _blind())
    monkeypatch.setattr(ledger_accounts, "opened", _slowly(ledger_accounts.opened))
    monkeypatch.setattr("stores.sql.ATTEMPTS", 60)
    async with _unguarded(clerk.database):
        for level in LEVELS:
            _isolated(clerk.database, level)
            await clerk.database.transact(_empty)
            await clerk.post(debit(CASH, 20_000), credit(ANN, 10_000), credit(BOB, 10_000))
            await _at_once(clerk)

            assert await faults(clerk.database) != [], level

"""Branches of TCC: each call may be repeated, come late, or come without the one before."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import update

from stores import account_branches, ledger_accounts
from stores.account_branches import Branch, BranchState, NeverTried, cancel, confirm, hold
from stores.drivers import UniqueViolation
from stores.ledger import credit, debit
from stores.ledger_accounts import AccountKind, of_shop, of_user
from stores.ledger_errors import InsufficientBalance
from stores.sql import Database, WriteSession
from tests.ledger_books import NOON, Clerk, faults, rows

ANN = of_user(9_001)
CASH, REVENUE = of_shop(AccountKind.PROVIDER_CLEARING, 3), of_shop(AccountKind.REVENUE, 3)
LATER = NOON + timedelta(seconds=5)
TRIED = BranchState.TRIED.value


class Till:
    """Ann's account with 10.00, and payments of 7.00 from it; each call is a transaction."""

    def __init__(self, database: Database) -> None:
        self.clerk, self.database = Clerk(database), database
        self.posting = self.clerk.posting(
            [debit(ANN, 700), credit(REVENUE, 700)], reference="shop:capture:1"
        )

    async def hold(self, reference: str = "shop:capture:1", amount: int = 700) -> BranchState:
        mine = Branch(reference, TRIED, ANN.id, amount, NOON)
        return await self.database.transact(partial(hold, branch=mine))

    async def confirm(self) -> None:
        await self.database.transact(partial(confirm, posting=self.posting))

    async def cancel(self) -> None:
        await self.database.transact(partial(cancel, reference="shop:capture:1", at=LATER))

    async def stands(self) -> tuple[int, int, list[str]]:
        """Return what Ann has, what of it is held, and the states of branches."""
        async with self.database.read() as session:
            account = (await ledger_accounts.by_ids(session, [ANN.id]))[ANN.id]
        found = await rows(self.database, account_branches.account_branches)
        return account.balance_minor, account.held_minor, [one["state"] for one in found]


@pytest.fixture
async def till(database: Database) -> Till:
    its = Till(database)
    await its.clerk.post(debit(CASH, 1_000), credit(ANN, 1_000))
    return its


async def test_what_is_held_is_not_free_until_it_is_confirmed_or_cancelled(till: Till) -> None:
    assert await till.hold() is BranchState.TRIED
    assert await till.stands() == (1_000, 700, ["TRIED"])
    with pytest.raises(InsufficientBalance) as refused:
        await till.hold("shop:capture:2", 301)
    with pytest.raises(InsufficientBalance):
        await till.clerk.post(debit(ANN, 301), credit(REVENUE, 301))
    assert refused.value.maximum_minor == 300
    await till.clerk.post(debit(ANN, 300), credit(REVENUE, 300))
    await till.confirm()

    assert await till.stands() == (0, 0, ["CONFIRMED"])
    assert await faults(till.database) == []


async def test_database_itself_holds_no_more_than_there_is(till: Till) -> None:
    table = ledger_accounts.ledger_accounts
    it = update(table).where(table.c.id == ANN.id)
    for held in (-1, 1_001):
        wrong = partial(WriteSession.update, statement=it.values(held_minor=held))
        with pytest.raises(Exception, match="held_at_most"):
            await till.database.transact(wrong)

    assert await till.stands() == (1_000, 0, [])


async def _repeat_try(till: Till) -> None:
    assert [await till.hold() for _ in range(2)] == [BranchState.TRIED] * 2
    assert await till.stands() == (1_000, 700, ["TRIED"])


async def _repeat_confirm(till: Till) -> None:
    await till.hold()
    for _ in range(2):
        await till.confirm()
    # Another payment holds what the second call would let go.
    await till.hold("shop:capture:2", 300)
    await till.confirm()
    assert await till.hold() is BranchState.CONFIRMED
    assert await till.stands() == (300, 300, ["CONFIRMED", "TRIED"])
    assert await faults(till.database) == []


async def _repeat_cancel(till: Till) -> None:
    await till.hold()
    await till.hold("shop:capture:2", 300)
    for _ in range(2):
        await till.cancel()
    assert await till.stands() == (1_000, 300, ["CANCELLED", "TRIED"])


async def _cancel_before_the_try(till: Till) -> None:
    await till.cancel()
    assert await till.stands() == (1_000, 0, ["CANCELLED"])


async def _try_behind_the_cancel(till: Till) -> None:
    await till.cancel()
    assert await till.hold() is BranchState.CANCELLED
    assert await till.stands() == (1_000, 0, ["CANCELLED"])


async def _confirm_behind_the_cancel(till: Till) -> None:
    await till.hold()
    await till.cancel()
    with pytest.raises(NeverTried):
        await till.confirm()
    assert await till.stands() == (1_000, 0, ["CANCELLED"])


async def _cancel_behind_the_confirm(till: Till) -> None:
    await till.hold()
    await till.confirm()
    await till.cancel()
    assert await till.stands() == (300, 0, ["CONFIRMED"])


Case = Callable[[Till], Awaitable[None]]

CASES: tuple[Case, ...] = (
    _repeat_try,
    _repeat_confirm,
    _repeat_cancel,
    _cancel_before_the_try,
    _try_behind_the_cancel,
    _confirm_behind_the_cancel,
    _cancel_behind_the_confirm,
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__.strip("_"))
async def test_call_that_is_repeated_late_or_alone_does_no_harm(till: Till, case: Case) -> None:
    await case(till)


async def test_late_try_at_the_same_moment_as_the_cancel_holds_nothing_for_long(
    till: Till,
) -> None:
    states = []
    for number in range(10):
        name = f"shop:capture:{number}"
        mine = Branch(name, TRIED, ANN.id, 10, NOON)

        state, _ = await asyncio.gather(
            till.database.transact(partial(hold, branch=mine)),
            till.database.transact(partial(cancel, reference=name, at=LATER)),
        )
        states.append(state)
    balance, held, found = await till.stands()

    assert set(states) <= {BranchState.TRIED, BranchState.CANCELLED}
    assert (balance, held, set(found)) == (1_000, 0, {"CANCELLED"})


def _forget_branches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remember no branch: whatever comes is the first of its kind."""

    async def always_first(session: WriteSession, branch: Branch) -> Branch:
        columns = account_branches.account_branches.c
        try:
            await session.insert(account_branches.account_branches, vars_of(branch))
        except UniqueViolation:
            same = update(account_branches.account_branches).where(
                columns.reference == branch.reference
            )
            await session.update(same.values(vars_of(branch)))
        return branch

    monkeypatch.setattr(account_branches, "first", always_first)


def vars_of(branch: Branch) -> dict[str, object]:
    return {name: getattr(branch, name) for name in branch.__dataclass_fields__}


def _leave_no_tombstone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do nothing when something is cancelled that was never tried."""

    async def only_what_is_there(session: WriteSession, reference: str, at: object) -> None:
        known = await account_branches.by_reference(session, reference)
        if known is not None:
            await account_branches._end(session, known, BranchState.CANCELLED, LATER)

    monkeypatch.setitem(globals(), "cancel", only_what_is_there)


def _decide_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """End a branch without a look at whether it has ended."""

    async def blindly(session: WriteSession, branch: Branch, to: BranchState, at: object) -> bool:
        columns = account_branches.account_branches.c
        same = update(account_branches.account_branches).where(
            columns.reference == branch.reference
        )
        await session.update(same.values(state=to.value))
        await account_branches._release(session, branch.account_id or 0, branch.amount_minor)
        return True

    monkeypatch.setattr(account_branches, "_end", blindly)


TWINS = [
    (_repeat_try, _forget_branches),
    (_repeat_confirm, _decide_again),
    (_repeat_cancel, _decide_again),
    (_cancel_before_the_try, _leave_no_tombstone),
    (_try_behind_the_cancel, _leave_no_tombstone),
    (_cancel_behind_the_confirm, _decide_again),
]


@pytest.mark.parametrize("sql_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("case", "twin"), TWINS, ids=lambda one: one.__name__.strip("_"))
async def test_without_its_guard_the_same_call_does_harm(
    till: Till,
    case: Case,
    twin: Callable[[pytest.MonkeyPatch], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    twin(monkeypatch)
    # The books differ, or more is held than there is.
    with pytest.raises(Exception, match=r"assert|CHECK|holds less"):
        await case(till)

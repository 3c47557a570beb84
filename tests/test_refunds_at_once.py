"""Never more goes back than came, however many ask at once."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import update

from stores import payments
from stores.payments import Payment
from stores.sql import Database, WriteSession
from tests.ledger_books import NOON, rows

CAPTURED, EACH, CROWD = 950, 100, 50


@pytest.fixture
async def paid(database: Database) -> Payment:
    """A payment of 9.50."""
    payment = Payment(
        id=7,
        version=1,
        created_at=NOON,
        updated_at=NOON,
        user_id=1,
        number="1",
        method="CARD",
        status="PAID",
        amount_minor=CAPTURED,
        request_id="payment-7",
        captured_minor=CAPTURED,
    )
    await database.transact(lambda session: payments.add(session, payment))
    return payment


async def crowd(database: Database, hold: Callable[[WriteSession], Awaitable[bool]]) -> int:
    """Let everybody set money aside at once; return how many could."""
    done = await asyncio.gather(*(database.transact(hold) for _ in range(CROWD)))
    return sum(done)


async def aside(database: Database) -> int:
    (row,) = await rows(database, payments.payments)
    return int(row["refunding_minor"])


async def test_of_fifty_who_have_seen_the_same_one_sets_money_aside(
    database: Database, paid: Payment
) -> None:
    async def hold(session: WriteSession) -> bool:
        return await payments.hold_refund(session, paid, EACH, NOON)

    assert (await crowd(database, hold), await aside(database)) == (1, EACH)


async def test_fifty_who_look_again_set_aside_no_more_than_came(
    database: Database, paid: Payment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stores.sql.ATTEMPTS", 60)

    async def hold(session: WriteSession) -> bool:
        while True:
            seen = (await payments.by_ids(session, [paid.id]))[paid.id]
            if await payments.hold_refund(session, seen, EACH, NOON):
                return True
            if seen.refundable_minor < EACH:
                return False

    assert (await crowd(database, hold), await aside(database)) == (9, 9 * EACH)


@pytest.mark.parametrize("sql_url", ["sqlite"], indirect=True)
async def test_twin_that_writes_what_it_has_reckoned_lets_fifty_have_it(
    database: Database, paid: Payment
) -> None:
    async def hold(session: WriteSession) -> bool:
        told: dict[str, Any] = {"refunding_minor": paid.refunding_minor + EACH}
        mine = update(payments.payments).where(payments.payments.c.id == paid.id)
        return await session.update(mine.values(**told)) == 1

    assert (await crowd(database, hold), await aside(database)) == (CROWD, EACH)

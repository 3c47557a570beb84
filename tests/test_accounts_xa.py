"""XA: a branch ends as the transaction ends that it belongs to, whoever sleeps meanwhile."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.engine import make_url
from structlog.testing import capture_logs

from stores import transfers
from stores.accounts_xa import AccountsByXa
from stores.errors import StoreUnavailable
from stores.ids import utc_now
from stores.ledger import Posting, credit, debit, ledger_transactions
from stores.ledger_accounts import AccountKind, of_shop, of_user
from stores.ledger_errors import InsufficientBalance
from stores.sql import Database, WriteSession
from stores.transfers import Transfer
from tests.conftest import create_database, drop_database, unique
from tests.ledger_books import Clerk, faults, rows
from tests.test_ledger_doc import _as_root

ANN = of_user(9_001)
CASH, REVENUE = of_shop(AccountKind.PROVIDER_CLEARING, 3), of_shop(AccountKind.REVENUE, 3)
ENGINES = [
    pytest.param("mariadb", marks=pytest.mark.server),
    pytest.param("mysql", marks=pytest.mark.server),
]


class Till:
    """A shop and its accounts: two connections to one database, as XA asks for no more."""

    def __init__(self, url: str) -> None:
        self.shop = Database(url, timeout_seconds=2)
        accounts = Database(url, timeout_seconds=5, name="accounts")
        self.accounts = AccountsByXa(self.shop, accounts, url, 5)
        self.clerk = Clerk(accounts)

    def sale(self, amount: int) -> Posting:
        return self.clerk.posting([debit(ANN, amount), credit(REVENUE, amount)])

    async def recover(self) -> int:
        return await self.accounts.go_on(utc_now() + timedelta(seconds=12))

    async def stands(self) -> tuple[int, int, list[str]]:
        """Return how many transactions were posted, and branches and decisions that are left."""
        posted = len(await rows(self.shop, ledger_transactions))
        kinds = [one["kind"] for one in await rows(self.shop, transfers.transfers)]
        return posted, len(await self.accounts.prepared()), kinds


@pytest.fixture
async def till(sql_url: str) -> AsyncGenerator[Till]:
    its = Till(sql_url)
    await its.clerk.post(debit(CASH, 1_000), credit(ANN, 1_000))
    yield its
    await its.accounts.close()
    await its.shop.close()


@pytest.mark.parametrize("sql_url", ENGINES, indirect=True)
async def test_branch_is_committed_or_rolled_back_with_its_transaction(till: Till) -> None:
    async def sell(session: WriteSession) -> None:
        for amount in (100, 200):
            await till.accounts.post(session, till.sale(amount))

    async def fail(session: WriteSession) -> None:
        await till.accounts.post(session, till.sale(300))
        raise ZeroDivisionError

    async def ask_too_much(session: WriteSession) -> None:
        await till.accounts.post(session, till.sale(701))

    await till.shop.transact(sell)
    wrong: list[tuple[Any, type[Exception]]] = [
        (fail, ZeroDivisionError),
        (ask_too_much, InsufficientBalance),
    ]
    for work, error in wrong:
        with pytest.raises(error):
            await till.shop.transact(work)

    assert await till.stands() == (3, 0, [])
    assert await faults(till.shop) == []


class _Sleeper:
    """Whoever is enlisted behind a branch, and sleeps when that is prepared."""

    def __init__(self) -> None:
        self.asleep, self.awake = asyncio.Event(), asyncio.Event()

    async def prepare(self) -> None:
        self.asleep.set()
        await self.awake.wait()

    async def committed(self) -> None: ...

    async def rolled_back(self) -> None: ...

    async def in_doubt(self) -> None: ...


async def _sleep_over_the_recovery(till: Till) -> None:
    sleeper = _Sleeper()

    async def sell(session: WriteSession) -> None:
        await till.accounts.post(session, till.sale(100))
        session.enlist(sleeper)

    selling = asyncio.create_task(till.shop.transact(sell, seconds=30))
    await sleeper.asleep.wait()
    assert (await till.stands())[1] == 1
    ended = await till.recover()
    sleeper.awake.set()
    await selling

    assert (ended, await till.stands()) == (0, (2, 0, []))
    assert await faults(till.shop) == []


@pytest.mark.parametrize("sql_url", ENGINES, indirect=True)
async def test_sleeper_that_has_not_committed_is_not_decided_against(till: Till) -> None:
    await _sleep_over_the_recovery(till)


# MariaDB itself lets nobody end a branch whose connection is open.
@pytest.mark.parametrize("sql_url", ENGINES[1:], indirect=True)
async def test_who_only_looks_for_a_decision_takes_the_sleepers_money(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def looked(session: WriteSession, otherwise: Transfer) -> Transfer:
        found = await transfers.by_ids(session, [otherwise.id])
        return found.get(otherwise.id, otherwise)

    monkeypatch.setattr(transfers, "decided", looked)
    with pytest.raises(AssertionError):
        await _sleep_over_the_recovery(till)


@pytest.mark.server
async def test_user_who_may_not_see_branches_is_told_of_at_once(mysql_url: str) -> None:
    """Else nobody hears of it before a crash leaves a branch, whose locks stay then."""
    url, user = await create_database(mysql_url, unique("unseen")), unique("u")[-20:]
    name = make_url(url).database
    rights = f"GRANT ALL ON `{name}`.* TO '{user}'@'%'"
    await _as_root(mysql_url, f"CREATE USER '{user}'@'%' IDENTIFIED BY 'secret'", rights)
    limited = make_url(url).set(username=user, password="secret")
    till = Till(limited.render_as_string(hide_password=False))
    with capture_logs() as logs, pytest.raises(StoreUnavailable) as refused:
        await till.recover()
    await till.accounts.close()
    await till.shop.close()
    await _as_root(mysql_url, f"DROP USER '{user}'@'%'")
    await drop_database(mysql_url, name or "")

    assert refused.value.why == "Its user lacks XA_RECOVER_ADMIN."
    told = {"event": "branches_are_not_shown", "cure": "mallgraph grants", "log_level": "error"}
    assert logs == [told]

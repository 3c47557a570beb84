"""What docs/ledger.md shows is what the shop answers, and the rights it names are enough."""

import json
import re
from collections.abc import AsyncGenerator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Delete, Update, delete, text, update
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from mallgraph import migrations
from mallgraph.cli.grants import _statements
from stores import grants
from stores.errors import StoreUnavailable
from stores.ledger import credit, debit, ledger_entries, ledger_transactions
from stores.ledger_accounts import AccountKind, of_shop, of_user
from stores.settings import Settings
from stores.sql import Database, WriteSession
from tests.conftest import create_database, drop_database, unique
from tests.ledger_books import Clerk, faults
from tests.serving import ROOT, demo_settings, paste

DOCUMENT = (ROOT / "docs/ledger.md").read_text()


@pytest.mark.slow
async def test_posting_of_the_document_answers_what_it_shows(tmp_path: Path) -> None:
    blocks = re.findall(r"```sh\n(.*?)```", DOCUMENT, re.DOTALL)
    (shown,) = re.findall(r"```json\n(.*?)```", DOCUMENT, re.DOTALL)
    printed = await paste(blocks, await demo_settings(tmp_path))

    # What it cost is left out.
    assert json.loads(printed[1])["data"] == json.loads(shown)["data"]


@pytest.fixture(
    params=[
        pytest.param("mariadb", marks=pytest.mark.server),
        pytest.param("mysql", marks=pytest.mark.server),
    ]
)
async def clerk(request: pytest.FixtureRequest) -> AsyncGenerator[Clerk]:
    """Whoever posts as a user of the database with the rights that the shop needs."""
    server, name = request.getfixturevalue(f"{request.param}_url"), unique("granted")
    url = await create_database(server, name)
    owner, user = Database(url, timeout_seconds=5), f"u{name[-20:]}"
    await migrations.upgrade(owner)
    told = await grants.statements(owner, url, user, "%")
    recovery = await grants.of_recovery(owner, user, "%")
    assert len(recovery) == (request.param == "mysql")
    await owner.close()
    await _as_root(server, f"CREATE USER '{user}'@'%' IDENTIFIED BY 'secret'", *told, *recovery)
    limited = make_url(url).set(username=user, password="secret")
    opened = Database(limited.render_as_string(hide_password=False), timeout_seconds=5)
    yield Clerk(opened)
    await opened.close()
    await _as_root(server, f"DROP USER '{user}'@'%'")
    await drop_database(server, name)


async def _as_root(server: str, *statements: str) -> None:
    engine = create_async_engine(server)
    async with engine.begin() as connection:
        for statement in statements:
            await connection.execute(text(statement.replace(":", r"\:")))
    await engine.dispose()


async def test_user_of_the_shop_posts_and_can_neither_change_nor_delete_an_entry(
    clerk: Clerk,
) -> None:
    cash = of_shop(AccountKind.PROVIDER_CLEARING, 0)
    await clerk.post(debit(cash, 100), credit(of_user(9_001), 100))
    wrong: list[Update | Delete] = [
        update(ledger_entries).values(amount_minor=1),
        delete(ledger_entries),
        update(ledger_transactions).values(reference="x"),
        delete(ledger_transactions),
    ]
    for statement in wrong:
        with pytest.raises(StoreUnavailable) as refused:
            await clerk.database.transact(partial(WriteSession.update, statement=statement))
        assert "command denied" in refused.value.why

    assert await migrations.is_current(clerk.database)
    assert await faults(clerk.database) == []
    # Refused to whoever may not see what a crash has left.
    await clerk.database.run_sync(lambda connection: connection.exec_driver_sql("XA RECOVER").all())


async def test_file_has_no_users_and_a_name_no_quotes(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/shop.db", timeout_seconds=5)
    for url, user in [("sqlite+aiosqlite:///x.db", "ann"), ("mysql+asyncmy://host/shop", "a'nn")]:
        with pytest.raises(ValueError, match=r"no users|no name"):
            await grants.statements(database, url, user, "%")
    await database.close()


@pytest.mark.server
async def test_whoever_agrees_by_xa_may_see_branches_where_that_is_a_right_of_its_own(
    mariadb_url: str, mysql_url: str
) -> None:
    """In the accounts' database, as a branch is never one of the shop's."""
    servers = mariadb_url, mysql_url
    urls = [await create_database(server, unique("empty")) for server in servers]
    told = []
    for shop, accounts in (urls, urls[::-1]):
        for way in ("xa", "tcc"):
            chosen = {"sql_url": shop, "accounts_url": accounts, "accounts_by": way}
            settings = Settings(_env_file=None, **chosen)  # type: ignore[arg-type]  # Pydantic reads them.
            told.append(await _statements(settings, "ann", "%"))
    for server, url in zip(servers, urls, strict=True):
        await drop_database(server, make_url(url).database or "")

    assert told == [["GRANT XA_RECOVER_ADMIN ON *.* TO 'ann'@'%'"], [], [], []]

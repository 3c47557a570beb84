"""Where the accounts lie: what may be set, and tables on both sides."""

import asyncio
import os
import shutil
from pathlib import Path

import pytest

from mallgraph import migrations
from mallgraph.configuration import WrongSettings, load
from stores import health
from stores.ledger import credit, debit
from stores.ledger_accounts import AccountKind, of_shop, of_user
from stores.settings import PREFIX
from stores.settings_accounts import AccountsBy
from stores.sql import Database
from tests.ledger_books import Clerk
from tests.test_cli import Shell

FILES = "sqlite+aiosqlite:///{}"
ON_SERVER = "mysql+asyncmy://ann:secret@db/{}"


@pytest.fixture(autouse=True)
def _empty(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither variables nor a file."""
    for name in os.environ:
        if name.upper().startswith(PREFIX):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def _set(monkeypatch: pytest.MonkeyPatch, **told: str) -> None:
    for name, value in told.items():
        monkeypatch.setenv(f"{PREFIX}{name}", value)


def test_accounts_lie_with_the_shop_unless_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    alone = load()
    _set(monkeypatch, ACCOUNTS_URL=FILES.format("accounts.db"))
    apart = load()

    assert (alone.accounts_url, "accounts" in health.urls(alone)) == (None, False)
    assert apart.accounts_by is AccountsBy.TCC
    assert health.urls(apart)["accounts"] == FILES.format("accounts.db")


NO_XA = "needs MySQL or MariaDB for both MALLGRAPH_SQL_URL and MALLGRAPH_ACCOUNTS_URL"
WRONG = {
    "no such way": (
        {"ACCOUNTS_URL": FILES.format("a.db"), "ACCOUNTS_BY": "3pc"},
        "'outbox', 'tcc' or 'xa'",
    ),
    "xa in files": ({"ACCOUNTS_URL": FILES.format("a.db"), "ACCOUNTS_BY": "xa"}, NO_XA),
    "xa from a file": ({"ACCOUNTS_URL": ON_SERVER.format("a"), "ACCOUNTS_BY": "xa"}, NO_XA),
    "xa to a file": (
        {
            "SQL_URL": ON_SERVER.format("shop"),
            "ACCOUNTS_URL": FILES.format("a.db"),
            "ACCOUNTS_BY": "xa",
        },
        NO_XA,
    ),
    "the shop's own": (
        {"SQL_URL": ON_SERVER.format("shop"), "ACCOUNTS_URL": ON_SERVER.format("shop")},
        "is the shop's own database; leave it out",
    ),
    "no database": ({"ACCOUNTS_URL": "mysql+asyncmy://ann:secret@db"}, "names no database"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_is_refused_with_what_would_be_right(
    case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, words = WRONG[case]
    _set(monkeypatch, **told)
    with pytest.raises(WrongSettings) as refused:
        load()

    (problem,) = refused.value.problems
    assert words in problem
    assert "secret" not in problem


def test_xa_is_taken_on_two_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    urls = {"SQL_URL": ON_SERVER.format("shop"), "ACCOUNTS_URL": ON_SERVER.format("accounts")}
    _set(monkeypatch, **urls, ACCOUNTS_BY="xa")

    assert load().accounts_by is AccountsBy.XA


async def _pay_in(url: str) -> None:
    """Post something to the ledger of a shop."""
    shop, cash = Database(url, timeout_seconds=5), of_shop(AccountKind.PROVIDER_CLEARING, 0)
    await Clerk(shop).post(debit(cash, 100), credit(of_user(9_001), 100))
    await shop.close()


@pytest.mark.slow
def test_both_databases_are_migrated_and_two_ledgers_are_refused(
    tmp_path: Path, migrated_folder: Path
) -> None:
    shutil.copytree(migrated_folder, tmp_path / ".mallgraph")
    shell, url = Shell(tmp_path), FILES.format(tmp_path / "accounts.db")
    told = shell.ok("migrate", MALLGRAPH_ACCOUNTS_URL=url)
    asyncio.run(_pay_in(FILES.format(tmp_path / ".mallgraph/shop.db")))
    refused = shell.refused(1, "migrate", MALLGRAPH_ACCOUNTS_URL=url)

    assert told.count(f"is at revision {migrations.newest()}") == 2
    assert refused.startswith("The shop's own database has accounts already: copy its tables")

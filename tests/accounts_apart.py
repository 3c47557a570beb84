"""A shop whose accounts lie in a database of their own, which may be away."""

import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from jobs.verify import verify
from stores.accounts_xa import AccountsByXa
from stores.errors import StoreUnavailable
from stores.ledger import ledger_entries
from stores.ledger_accounts import ledger_accounts
from stores.settings import Settings
from tests import ledger_books, shopping
from tests.kept_shops import KeptShops
from tests.shopping import Client
from tests.test_accounts import ME

#: By which the two databases agree.
WAYS = ["tcc", "outbox", pytest.param("xa", marks=pytest.mark.server)]
TRIAL = "{ trialBalance { isBalanced } }"


@asynccontextmanager
async def home(
    request: pytest.FixtureRequest, folder: Path, kept_in: tuple[Path, Path]
) -> AsyncGenerator[Settings]:
    """Yield the settings of a shop by the way that a fixture's parameter names."""
    way = request.param
    if way != "xa":
        chosen = shopping.settings(folder)
        shutil.copytree(kept_in[0], chosen.data_dir)
        shutil.copy(kept_in[1] / "shop.db", folder / "accounts.db")
        yield _with(chosen, f"sqlite+aiosqlite:///{folder}/accounts.db", way)
        return
    url, kept = request.getfixturevalue("mariadb_tables")
    kept.rewind()
    shops: KeptShops = request.getfixturevalue("small_shops")
    async with shops.one(folder) as chosen:
        yield _with(chosen, url, way)


def _with(chosen: Settings, url: str, way: str) -> Settings:
    told = {"accounts_url": url, "accounts_by": way}
    return Settings(_env_file=None, **chosen.model_dump(exclude_unset=True) | told)


def way_of(shop: Client) -> str:
    """Return the way in which its databases agree."""
    return shop.settings.accounts_by.value


async def balance(shop: Client, user: str = "ann") -> str:
    """Return what a shopper's account holds."""
    account = (await shop.ask(ME, user))["me"]["account"]
    amount: str = account["balance"]["amount"]
    return amount


async def agrees(shop: Client) -> None:
    """Fail unless all books agree, and the shop's own database has no ledger."""
    stores = shop.mall.stores
    assert await ledger_books.faults(stores.accounts.database) == []
    assert (await verify(shop.mall)).differences == []
    for table in (ledger_accounts, ledger_entries):
        assert await ledger_books.rows(stores.database, table) == []
    assert (await shop.ask(TRIAL, "ola"))["trialBalance"] == {"isBalanced": True}


def away(monkeypatch: pytest.MonkeyPatch, shop: Client) -> None:
    """Let the accounts' database not answer."""

    async def gone(*_told: Any, **_more: Any) -> Any:
        raise StoreUnavailable("accounts")

    monkeypatch.setattr(shop.mall.stores.accounts.database, "transact", gone)
    if isinstance(shop.mall.stores.accounts, AccountsByXa):
        monkeypatch.setattr(shop.mall.stores.accounts, "_begun", gone)


def unread(monkeypatch: pytest.MonkeyPatch, shop: Client) -> None:
    """Let the accounts' database not be read."""

    @asynccontextmanager
    async def gone(*_told: Any, **_more: Any) -> AsyncGenerator[None]:
        raise StoreUnavailable("accounts")
        yield

    monkeypatch.setattr(shop.mall.stores.accounts.database, "read", gone)

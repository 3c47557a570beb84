"""Fixtures: databases on every engine, and a shop to read from, embedded and on real servers."""

import asyncio
import itertools
import os
import re
import shutil
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import AbstractContextManager, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from mallgraph import migrations
from stores.settings import Settings
from stores.sql import Database
from tests import empty_shop, servers, shopping
from tests.shopping import Client, open_shop
from tests.statements import told
from tests.stock_room import StockRoom, open_room

# The default shows the locals of each frame, which takes seconds; the shop's own log does not.
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.dev.ConsoleRenderer(
            colors=False, exception_formatter=structlog.dev.plain_traceback
        ),
    ]
)

_numbers = itertools.count(1)

#: What jobs ask beside every request: the relay, the end of orders, the sweep.
_OF_JOBS = re.compile(r"FROM (outbox|leases)|expires_at <|spec_documents.id >")

#: For `params` of fixtures: the engines of the relational store.
ENGINES = [
    "sqlite",
    pytest.param("mariadb", marks=pytest.mark.server),
    pytest.param("mysql", marks=pytest.mark.server),
]
#: For `params` of fixtures: all stores embedded, or all on real servers.
HOMES = ["embedded", pytest.param("servers", marks=pytest.mark.server)]


def _fixture(start: Callable[[Path], AbstractContextManager[str]]) -> Callable[..., object]:
    def url() -> Generator[str]:
        # Not a folder of pytest's, which only its owner enters: a server that refuses root runs as
        # somebody else.
        with TemporaryDirectory(prefix="mallgraph-server-") as folder:
            Path(folder).chmod(0o755)
            with start(Path(folder)) as found:
                yield found

    return pytest.fixture(scope="session")(url)


mariadb_url = _fixture(servers.mariadb)
mysql_url = _fixture(servers.mysql)
mongodb_url = _fixture(servers.mongodb)
elasticsearch_url = _fixture(servers.elasticsearch)
redis_server_url = _fixture(servers.redis)


@pytest.fixture(scope="session")
def redis_url(redis_server_url: str, worker_id: str) -> str:
    """The URL of a Redis database that no other worker uses; other owners lie in it."""
    number = int(worker_id.removeprefix("gw")) + 1 if worker_id != "master" else 0
    return f"{redis_server_url}/{number}"


def unique(word: str) -> str:
    """Return a name that no other test, and no other worker, gives to a database."""
    return f"test_{word}_{os.getpid()}_{next(_numbers)}"


async def create_database(server: str, name: str) -> str:
    """Make an empty database and return its URL."""
    await _ask(server, f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    return f"{server}/{name}"


async def drop_database(server: str, name: str) -> None:
    await _ask(server, f"DROP DATABASE {name}")


async def _ask(server: str, statement: str) -> None:
    engine = create_async_engine(server)
    async with engine.begin() as connection:
        await connection.execute(text(statement))
    await engine.dispose()


@pytest.fixture(params=ENGINES)
async def sql_url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[str]:
    """The URL of an empty relational store of each engine."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path}/shop.db"
        return
    server, name = request.getfixturevalue(f"{request.param}_url"), unique("sql")
    yield await create_database(server, name)
    await drop_database(server, name)


@pytest.fixture
async def database(sql_url: str) -> AsyncGenerator[Database]:
    """A relational store with the tables of this release and nothing in them."""
    opened = Database(sql_url, timeout_seconds=5)
    await migrations.upgrade(opened)
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
def embedded_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a filled shop in files; tests that change it copy its folder."""
    chosen = shopping.settings(tmp_path_factory.mktemp("embedded"))
    asyncio.run(shopping.fill(chosen))
    return chosen


@pytest.fixture(scope="session")
def server_settings(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Generator[Settings]:
    """Settings of a filled shop on MariaDB, MongoDB, Elasticsearch and Redis."""
    server, name = request.getfixturevalue("mariadb_url"), unique("shop")
    chosen = shopping.settings(
        tmp_path_factory.mktemp("servers"),
        sql_url=asyncio.run(create_database(server, name)),
        documents_url=f"{request.getfixturevalue('mongodb_url')}/{name}",
        search_url=f"{request.getfixturevalue('elasticsearch_url')}/{name}",
        carts_url=request.getfixturevalue("redis_url"),
    )
    asyncio.run(shopping.fill(chosen))
    yield chosen
    asyncio.run(drop_database(server, name))


@pytest.fixture(params=HOMES)
def settings(request: pytest.FixtureRequest) -> Settings:
    """Settings of a filled shop that is only read, embedded and on real servers."""
    kind = "embedded_settings" if request.param == "embedded" else "server_settings"
    chosen: Settings = request.getfixturevalue(kind)
    return chosen


@pytest.fixture
async def client(settings: Settings) -> AsyncGenerator[Client]:
    """Whoever asks the filled shop over HTTP."""
    async with open_shop(settings) as opened:
        yield opened


@pytest.fixture(scope="session")
def small_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small embedded shop; each test has a copy, which is made at once."""
    chosen = shopping.settings(tmp_path_factory.mktemp("small"))
    asyncio.run(shopping.fill(chosen, shopping.few()))
    return chosen.data_dir


@asynccontextmanager
async def _small(
    request: pytest.FixtureRequest, folder: Path, small_folder: Path
) -> AsyncGenerator[Settings]:
    if request.param == "embedded":
        chosen = shopping.settings(folder)
        shutil.copytree(small_folder, chosen.data_dir, dirs_exist_ok=True)
        yield chosen
        return
    async with empty_shop.empty_settings(request, folder) as chosen:
        await shopping.fill(chosen, shopping.few())
        yield chosen


@pytest.fixture(params=HOMES)
async def shop(
    request: pytest.FixtureRequest, tmp_path: Path, small_folder: Path
) -> AsyncGenerator[Client]:
    """Whoever buys and sells in a small shop of this test alone."""
    async with _small(request, tmp_path, small_folder) as chosen, open_shop(chosen) as opened:
        yield opened


@pytest.fixture
async def room(shop: Client) -> StockRoom:
    """The stock of that small shop, with a second warehouse."""
    return await open_room(shop)


@pytest.fixture
def statements() -> Generator[list[str]]:
    """Collect the SELECTs that any store is asked over SQL, but for those of jobs."""
    seen: list[str] = []

    def record(text: str) -> None:
        if text.startswith(("SELECT", "WITH")) and not _OF_JOBS.search(text):
            seen.append(text)

    with told(record):
        yield seen

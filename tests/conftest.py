"""Fixtures: databases on every engine, and a shop to read from, embedded and on real servers."""

import asyncio
import gc
import itertools
import os
import shutil
import tempfile
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager, closing
from pathlib import Path
from typing import Any, TypeVar

import pytest
import structlog
from redis import Redis
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from stores.settings import Settings
from stores.sql import Database
from tests import empty_shop, migrated, servers, shopping
from tests.kept_shops import KeptShops
from tests.rewound import Tables, create
from tests.sharing import Sharing
from tests.shopping import Client, open_shop
from tests.statements import of_a_request, told
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

T = TypeVar("T")

_numbers = itertools.count(1)

#: Where servers lie that this run started.
_FOLDER = "MALLGRAPH_TEST_FOLDER"

#: Folders of tests lie in memory if there is so much of it.
_MEMORY_BYTES = 4 * 2**30

#: How many databases of a Redis each worker needs, most of them for shops that are rewound.
_REDIS_DATABASES = 7

#: For `params` of fixtures: the engines of the relational store.
ENGINES = [
    "sqlite",
    pytest.param("mariadb", marks=pytest.mark.server),
    pytest.param("mysql", marks=pytest.mark.server),
]
#: For `params` of fixtures: all stores embedded, or all on real servers.
HOMES = ["embedded", pytest.param("servers", marks=pytest.mark.server)]


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Choose folders: one for servers that this run starts, which its workers find there."""
    if not hasattr(config, "workerinput"):
        _keep_in_memory(config)
        os.environ[_FOLDER] = tempfile.mkdtemp(prefix="mallgraph-servers-")
        # A server that refuses root runs as somebody else, who has to enter.
        Path(os.environ[_FOLDER]).chmod(0o755)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Sharing:
    """Share the tests out our own way, whatever `--dist` says."""
    return Sharing(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long, so that no worker waits for another's last test."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def pytest_collection_finish() -> None:
    """Spare the collector what stays to the end: it would look at all tests again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 100)


def _keep_in_memory(config: pytest.Config) -> None:
    # Embedded stores wait for the disk at each commit: that is most of a test's time.
    memory = Path("/dev/shm")
    is_free = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > _MEMORY_BYTES
    if is_free and config.option.basetemp is None:
        config.option.basetemp = str(memory / f"mallgraph-tests-{os.getpid()}")
        config.add_cleanup(lambda: shutil.rmtree(config.option.basetemp, ignore_errors=True))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the servers of this run after its last worker."""
    if not hasattr(config, "workerinput"):
        folder = Path(os.environ.pop(_FOLDER))
        servers.stop_all(folder)
        shutil.rmtree(folder)


def _server(name: str) -> Callable[..., object]:
    def url() -> str:
        return servers.url(name, Path(os.environ[_FOLDER]))

    return pytest.fixture(scope="session")(url)


mariadb_url = _server("mariadb")
mysql_url = _server("mysql")
mongodb_url = _server("mongodb")
elasticsearch_url = _server("elasticsearch")
redis_server_url = _server("redis")


@pytest.fixture(scope="session")
def redis_numbers(redis_server_url: str, worker_id: str) -> Iterator[int]:
    """Numbers of databases of a Redis that no other worker takes, nor another run beside."""
    with closing(Redis.from_url(redis_server_url)) as client:
        count = int(client.config_get("databases")["databases"] or 16)
    each = max(_REDIS_DATABASES, count // 64)
    worker = int(worker_id.removeprefix("gw")) if worker_id != "master" else 0
    first = (2 * os.getppid() + worker) % (count // each) * each
    return iter(range(first, first + each))


@pytest.fixture(scope="session")
def redis_url(redis_server_url: str, redis_numbers: Iterator[int]) -> str:
    """The URL of a Redis database of this worker; other owners lie in it."""
    return f"{redis_server_url}/{next(redis_numbers)}"


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
async def empty_sql_url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[str]:
    """The URL of a relational store of each engine, without a table."""
    if request.param == "sqlite":
        yield _sqlite(tmp_path)
        return
    server, name = request.getfixturevalue(f"{request.param}_url"), unique("sql")
    yield await create_database(server, name)
    await drop_database(server, name)


def _sqlite(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{folder}/shop.db"


@pytest.fixture(scope="session")
def migrated_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a relational store with the tables of this release, to be copied."""
    folder = tmp_path_factory.mktemp("migrated")
    migrated.copy(folder / "shop.db")
    return folder


def _run(work: Coroutine[Any, Any, T]) -> T:
    """Return the result; whoever asks for the fixture may have a loop of its own."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def _tables(engine: str) -> Callable[..., object]:
    def made(request: pytest.FixtureRequest) -> Generator[tuple[str, Tables]]:
        server, name = request.getfixturevalue(f"{engine}_url"), unique("migrated")
        url = _run(create_database(server, name))
        _run(migrated.upgrade(url))
        with closing(Tables(url)) as kept:
            yield url, kept

    return pytest.fixture(scope="session")(made)


mariadb_tables = _tables("mariadb")
mysql_tables = _tables("mysql")


@pytest.fixture(params=ENGINES)
def sql_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a relational store with the tables of this release and nothing in them."""
    if request.param == "sqlite":
        migrated.copy(tmp_path / "shop.db")
        return _sqlite(tmp_path)
    url: str
    url, kept = request.getfixturevalue(f"{request.param}_tables")
    kept.rewind()
    return url


@pytest.fixture
async def database(sql_url: str) -> AsyncGenerator[Database]:
    """A relational store with the tables of this release and nothing in them."""
    opened = Database(sql_url, timeout_seconds=5)
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


@pytest.fixture(scope="session")
def new_settings(
    request: pytest.FixtureRequest,
    redis_server_url: str,
    redis_numbers: Iterator[int],
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[], Settings]:
    """Settings with empty databases on servers, made by each call; nobody else uses them."""

    def made() -> Settings:
        server, name = request.getfixturevalue("mariadb_url"), unique("kept")
        create(f"{server}/{name}")
        return shopping.settings(
            tmp_path_factory.mktemp("kept"),
            sql_url=f"{server}/{name}",
            documents_url=f"{request.getfixturevalue('mongodb_url')}/{name}",
            search_url=f"{request.getfixturevalue('elasticsearch_url')}/{name}",
            carts_url=f"{redis_server_url}/{next(redis_numbers)}",
        )

    return made


@pytest.fixture(scope="session")
def small_shops(new_settings: Callable[[], Settings]) -> Generator[KeptShops]:
    """Small shops on servers, with the staff and a few products."""
    with ExitStack() as stack:
        yield KeptShops(new_settings, _fill_small, stack)


@pytest.fixture(scope="session")
def empty_shops(new_settings: Callable[[], Settings]) -> Generator[KeptShops]:
    """Shops on servers, without products or staff."""
    with ExitStack() as stack:
        yield KeptShops(new_settings, empty_shop.migrate, stack)


async def _fill_small(chosen: Settings) -> None:
    await shopping.fill(chosen, shopping.few())


@asynccontextmanager
async def _small(
    request: pytest.FixtureRequest, folder: Path, small_folder: Path
) -> AsyncGenerator[Settings]:
    if request.param == "embedded":
        chosen = shopping.settings(folder)
        shutil.copytree(small_folder, chosen.data_dir, dirs_exist_ok=True)
        yield chosen
        return
    kept: KeptShops = request.getfixturevalue("small_shops")
    async with kept.one(folder) as chosen:
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
    """Collect the SELECTs that any store is asked over SQL by requests, and by no job beside."""
    seen: list[str] = []

    def record(text: str) -> None:
        if text.startswith(("SELECT", "WITH")) and of_a_request():
            seen.append(text)

    with told(record):
        yield seen

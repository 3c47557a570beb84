"""Orders per second on one hot SKU, beside the smallest raw SQL that is still right.

    PYTHONPATH=. .venv/bin/python bench/hot_sku.py [URL] [--orders 2400] [--rounds 3]

URL is that of an empty database, such as mysql+asyncmy://root@127.0.0.1:3306/hot; without it a
MariaDB is started privately. 24 buyers, whose checkouts were begun before, place their orders of
one unit in one process: through the shop's own function, then by raw SQL in the same database,
and so on in turns, since other work on the machine comes and goes. Both are durable and at READ
COMMITTED. Raw is the key row, the order row, and last the conditional UPDATE of the stock, on
eight connections of the bare driver.
"""

import asyncio
import contextlib
import cProfile
import tempfile
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from hot_sku_raw import RawOrders
from hot_sku_shop import BUYERS, Buyer, ShopOrders, shop
from rich.console import Console
from rich.table import Table

from mallgraph import servers

_CONSOLE = Console()


@dataclass(frozen=True)
class Round:
    """What some orders took."""

    orders: int
    seconds: float
    latencies: list[float]
    cpu: float

    def p(self, share: float) -> float:
        """Return the milliseconds that this share of the orders did not pass."""
        return sorted(self.latencies)[int(len(self.latencies) * share)] * 1_000


@contextlib.contextmanager
def database(url: str | None, folder: Path) -> Generator[str]:
    """Yield the URL of an empty database."""
    if url:
        yield url
        return
    entry = servers.start("mariadb", folder / "mariadb", servers.cache_folder())
    try:
        yield f"{entry.url}/shop"
    finally:
        servers.stop(entry)


async def measured(buyers: Sequence[Buyer], each: int) -> Round:
    """Let all buyers place so many orders side by side."""
    latencies: list[float] = []

    async def shopping(place: Buyer) -> None:
        for _ in range(each):
            began = time.perf_counter()
            await place()
            latencies.append(time.perf_counter() - began)

    began, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*map(shopping, buyers))
    took = time.perf_counter() - began
    return Round(len(latencies), took, latencies, time.process_time() - cpu)


async def compare(url: str, folder: Path, orders: int, rounds: int, profile: str | None) -> None:
    """Measure both in turns and print the better round of each."""
    each = max(orders // BUYERS, 1)
    raw = RawOrders(url)
    async with shop(url, folder) as mall:
        ours = ShopOrders(mall)
        await raw.prepare()
        found: dict[str, list[Round]] = {"raw SQL": [], "placeOrder": []}
        for number in range(rounds):
            found["raw SQL"].append(await measured([raw.place] * BUYERS, each))
            await ours.prepare(each)
            with _profiled(profile if number == rounds - 1 else None):
                found["placeOrder"].append(await measured(ours.buyers(), each))
        await raw.close()
    _CONSOLE.print(_table(found))


@contextlib.contextmanager
def _profiled(file: str | None) -> Generator[None]:
    if file is None:
        yield
        return
    with cProfile.Profile() as profiler:
        yield
    profiler.dump_stats(file)


def _table(found: dict[str, list[Round]]) -> Table:
    table = Table("", "orders/s", "p50 ms", "p99 ms", "CPU ms/order", "of raw")
    best = {
        name: max(some, key=lambda one: one.orders / one.seconds) for name, some in found.items()
    }
    raw = best["raw SQL"].orders / best["raw SQL"].seconds
    for name, one in best.items():
        rate = one.orders / one.seconds
        cells = (rate, one.p(0.5), one.p(0.99), one.cpu / one.orders * 1_000)
        table.add_row(name, *(f"{cell:,.1f}" for cell in cells), f"{rate / raw:.0%}")
    return table


def main(
    url: Annotated[
        str | None, typer.Argument(help="An empty database; else a private one.")
    ] = None,
    orders: Annotated[int, typer.Option(min=BUYERS, help="Of each round.")] = 2_400,
    rounds: Annotated[int, typer.Option(min=1, help="Of each way, in turns.")] = 3,
    profile: Annotated[str | None, typer.Option(help="Write a profile of the last round.")] = None,
) -> None:
    """Compare placeOrder with raw SQL."""
    with (
        tempfile.TemporaryDirectory(prefix="hot-sku-") as name,
        database(url, Path(name)) as found,
    ):
        asyncio.run(compare(found, Path(name), orders, rounds, profile))


if __name__ == "__main__":
    typer.run(main)

"""What pages cost in a small catalogue and in a large one: it must be the same.

    PYTHONPATH=. .venv/bin/python bench/growth.py
    PYTHONPATH=. .venv/bin/python bench/growth.py --sizes 1000,100000,1000000 --pages list20,cart

For each size a shop is made on MariaDB and MongoDB, which are started if they do not run: the demo
catalogue is imported, then copied inside the databases until it has so many products. It stays
there for the next time. The CPU is that of `mallgraph serve`, one process, and that of MariaDB,
each of the best of several rounds; whatever else uses that MariaDB meanwhile adds to it. The sizes
take turns. The search page is left out: its hits come from an index of its own. Linux only.
"""

import asyncio
import contextlib
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import growth_fill
import pages_answers
import pages_documents
import pages_load
import pages_servers
import pages_shop
import pages_wanted
import typer
from pages_documents import Page
from pages_progress import Tell
from pages_servers import Server
from pages_shop import BenchShop
from pymongo import MongoClient
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from sqlalchemy import create_engine

ROUNDS = 5
_PAGES = tuple(name for name in pages_documents.NAMES if name != "search")
_DEMO = pages_shop.ROOT / "mallgraph/demo/catalogue.jsonl"
_SERVERS = ("mariadb", "mongodb", "redis")
_CONSOLE = Console()


@dataclass(slots=True)
class Round:
    """The least that a request took so far, in milliseconds."""

    shop_ms: float = float("inf")
    database_ms: float = float("inf")
    p50_ms: float = float("inf")


@dataclass(frozen=True, slots=True)
class Size:
    """A shop of so many products, and its server."""

    products: int
    server: Server
    pages: dict[str, Page]


def main(
    sizes: Annotated[str, typer.Option(help="Numbers of products.")] = "1000,100000",
    pages: Annotated[str, typer.Option(help="Which pages.")] = ",".join(_PAGES),
    seconds: Annotated[float, typer.Option(min=0.5, help="For each page and size.")] = 5.0,
) -> None:
    """Print what each page costs by the size of the catalogue."""
    # Stopped, it must not leave a server behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    wanted, names = [int(one) for one in sizes.split(",")], pages.split(",")
    with Progress(console=_CONSOLE) as progress, contextlib.ExitStack() as stack:
        shops = [stack.enter_context(_shop(products, progress)) for products in wanted]
        entered = [stack.enter_context(pages_servers.started("mallgraph", shop)) for shop in shops]
        opened = [
            Size(products, server, asyncio.run(_pages(server)))
            for products, server in zip(wanted, entered, strict=True)
        ]
        found = _measured(opened, names, seconds, progress)
    _CONSOLE.print(_table(found, wanted, names))


@contextlib.contextmanager
def _shop(products: int, progress: Progress) -> Iterator[BenchShop]:
    bar = progress.add_task(f"{products:,} products", total=products)
    name = f"bench_growth_{products}"
    with pages_shop.on_servers(name, _import_demo, _SERVERS)(_DEMO, progress.log) as shop:
        engine = create_engine(shop.environment["MALLGRAPH_SQL_URL"].replace("asyncmy", "pymysql"))
        with engine.connect() as connection:
            progress.update(bar, completed=growth_fill.count(connection))
            for known, last, shift in growth_fill.multiply(connection, products):
                connection.commit()
                _copy_specs(shop.environment["MALLGRAPH_DOCUMENTS_URL"], last, shift)
                progress.update(bar, completed=known)
            for table in ("products", "variants", "inventory_levels", "listings"):
                connection.exec_driver_sql(f"ANALYZE TABLE {table}")
        engine.dispose()
        progress.update(bar, completed=products)
        yield shop


def _import_demo(shop: BenchShop, file: Path, tell: Tell) -> None:
    tell("Importing the demo catalogue.")
    pages_shop.run(shop, pages_shop.MALLGRAPH, "import", str(file))


def _copy_specs(url: str, last: int, shift: int) -> None:
    client: MongoClient[dict[str, object]] = MongoClient(url)
    client.get_default_database()["specs"].aggregate(
        [
            {"$match": {"_id": {"$lte": last}}},
            {"$project": {"specs": 1, "_id": {"$add": ["$_id", shift]}}},
            {"$merge": {"into": "specs"}},
        ]
    )
    client.close()


async def _pages(server: Server) -> dict[str, Page]:
    return pages_documents.pages(await pages_wanted.wanted(server))


def _measured(
    opened: list[Size], names: list[str], seconds: float, progress: Progress
) -> dict[tuple[str, int], Round]:
    found = {(name, one.products): Round() for name in names for one in opened}
    bar = progress.add_task("Measuring", total=len(found) * (ROUNDS + 1))
    for name in names:
        for turn in range(ROUNDS + 1):
            for one in opened:
                best = found[name, one.products] if turn else Round()
                asyncio.run(_round(one, one.pages[name], seconds / ROUNDS, best))
                progress.advance(bar)
    return found


async def _round(size: Size, page: Page, seconds: float, best: Round) -> None:
    request = pages_answers.request(size.server, page)
    began, database = size.server.cpu_seconds(), pages_shop.cpu_seconds("mariadb")
    latencies = sorted(await pages_load.run(size.server.port, request, seconds, 4))
    each = 1_000 / len(latencies)
    best.shop_ms = min(best.shop_ms, (size.server.cpu_seconds() - began) * each)
    best.database_ms = min(best.database_ms, (pages_shop.cpu_seconds("mariadb") - database) * each)
    best.p50_ms = min(best.p50_ms, latencies[len(latencies) // 2] * 1_000)


def _table(found: dict[tuple[str, int], Round], sizes: list[int], names: list[str]) -> Table:
    table = Table("page", title=f"CPU and p50 of a request, ms, {time.strftime('%Y-%m-%d')}")
    for heading in ("shop CPU", "MariaDB CPU", "p50"):
        for size in sizes:
            table.add_column(f"{heading}\n{size:,}", justify="right")
    for name in names:
        its = [found[name, size] for size in sizes]
        told = (
            *(one.shop_ms for one in its),
            *(one.database_ms for one in its),
            *(one.p50_ms for one in its),
        )
        table.add_row(name, *(f"{one:.2f}" for one in told))
    return table


if __name__ == "__main__":
    typer.run(main)

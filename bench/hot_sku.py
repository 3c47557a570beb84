"""Orders per second on one hot SKU, beside the smallest raw SQL that is still right.

    PYTHONPATH=. .venv/bin/python bench/hot_sku.py [URL] [--orders 2000] [--rounds 3]

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
import json
import tempfile
import time
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import asyncmy
import typer
from pydantic import SecretStr
from rich.console import Console
from rich.table import Table
from sqlalchemy.engine import make_url

from jobs.at_work import at_work
from jobs.import_catalogue import import_file
from mallgraph import migrations, servers
from resolvers.addresses import Address
from resolvers.checkout_beginning import BEGIN_CHECKOUT, BeginCheckout
from resolvers.context import Mall
from resolvers.mutations import Outcome, run
from resolvers.order_placing import PLACE_ORDER, PlaceOrder
from resolvers.viewers import Viewer, known_user
from stores import carts, checkouts, delivery_rates, open_stores, products
from stores.carts import Addition
from stores.checkouts import Checkout
from stores.errors import StoreUnavailable
from stores.settings import Settings
from stores.sql import WriteSession

BUYERS = 24
#: As many as the shop has.
CONNECTIONS = 8
STOCK = 100_000_000
SKU = "HOT-1"
ADDRESS = Address(
    name="Pat Example",
    country_code="GB",
    city="Anytown",
    line1="1 Example Street",
    postal_code="AA1 1AA",
)
#: The smallest tables that keep an order, its key and its stock.
RAW_TABLES = (
    (
        "CREATE TABLE raw_keys (principal VARCHAR(64), name VARCHAR(64), fingerprint CHAR(64), "
        "PRIMARY KEY (principal, name))"
    ),
    (
        "CREATE TABLE raw_orders (number CHAR(18) PRIMARY KEY, user_id BIGINT, total BIGINT, "
        "placed_at BIGINT, body LONGTEXT)"
    ),
    "CREATE TABLE raw_levels (id BIGINT PRIMARY KEY, on_hand BIGINT, reserved BIGINT)",
    f"INSERT INTO raw_levels VALUES (1, {STOCK}, 0)",
)
_CONSOLE = Console()

Buyer = Callable[[], Awaitable[None]]


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
def database(url: str | None, folder: Path) -> Any:
    """Yield the URL of an empty database."""
    if url:
        yield url
        return
    entry = servers.start("mariadb", folder / "mariadb", servers.cache_folder())
    try:
        yield f"{entry.url}/shop"
    finally:
        servers.stop(entry)


@contextlib.asynccontextmanager
async def shop(url: str, folder: Path) -> AsyncGenerator[Mall]:
    """Open a shop that sells one thing; documents, search and carts lie in files."""
    settings = Settings(_env_file=None, data_dir=folder / "data", sql_url=SecretStr(url))
    row: dict[str, Any] = {"title": "Hot", "category": ["Hot"]}
    row |= {"variants": [{"sku": SKU, "price": "9.90", "stock": STOCK}]}
    (folder / "hot.jsonl").write_text(json.dumps(row), encoding="utf-8")
    async with open_stores(settings) as stores:
        await migrations.upgrade(stores.database)
        await migrations.ensure_shop(stores.database)
        for store in (stores.specs, stores.search, stores.carts):
            await store.prepare()
        mall = Mall(stores, settings)
        async with at_work(mall):
            await import_file(mall, folder / "hot.jsonl")
            yield mall


class ShopOrders:
    """Buyers of the shop, each with checkouts of one unit."""

    def __init__(self, mall: Mall) -> None:
        """Know nobody yet."""
        self._mall = mall
        self._rate = 0
        self._waiting: list[list[Checkout]] = []
        self._viewers: list[Viewer] = []

    async def prepare(self, each: int) -> None:
        """Begin checkouts: the first of each buyer by the shop, others as its copies."""
        if not self._viewers:
            await self._meet()
        self._waiting = [await self._begin(viewer, each) for viewer in self._viewers]

    def buyers(self) -> list[Buyer]:
        """Return what each buyer does to place one order."""
        return [
            self._buyer(viewer, waiting)
            for viewer, waiting in zip(self._viewers, self._waiting, strict=True)
        ]

    async def _meet(self) -> None:
        mall = self._mall
        async with mall.stores.database.read(fresh=True) as session:
            self._rate = (await delivery_rates.in_order_of_age(session))[0].id
        for number in range(BUYERS):
            user = await known_user(
                mall.stores.database, mall.ids.next, mall.clock, f"buyer-{number}"
            )
            self._viewers.append(Viewer(user.id, frozenset(user.roles), None))

    async def _begin(self, viewer: Viewer, each: int) -> list[Checkout]:
        mall, key = self._mall, str(uuid.uuid4())
        async with mall.stores.database.read(fresh=True) as session:
            found = await products.after(session, 0, 1)
            (variant,) = (await products.variants_by_product(session, [found[0].id]))[found[0].id]
        added = [Addition(variant.id, 1, variant.price_minor)]
        await mall.stores.carts.edit(viewer.id, key, key, None, lambda cart: carts.add(cart, added))
        begun = await run(await mall.operation(viewer), BEGIN_CHECKOUT, key, BeginCheckout)
        assert begun.targets, begun
        async with mall.stores.database.read(fresh=True) as session:
            first = await checkouts.by_cart_key(session, begun.targets["checkout"])
        assert first
        # One unit more in the cart would be another line of the order.
        copies = [await self._copy(first, viewer, place) for place in range(each - 1)]

        async def work(session: WriteSession) -> None:
            for one in copies:
                await checkouts.add(session, one)

        await mall.stores.database.transact(work, seconds=60)
        return [first, *copies]

    async def _copy(self, first: Checkout, viewer: Viewer, place: int) -> Checkout:
        number = await self._mall.numbers.next(viewer.id)
        line = replace(first.lines[0], quantity=1)
        cart_key = f"{first.cart_key.partition(':')[0]}:c{place}:{number}"
        return replace(first, number=number, cart_key=cart_key, lines=(line,))

    def _buyer(self, viewer: Viewer, waiting: list[Checkout]) -> Buyer:
        async def place() -> None:
            one = waiting.pop()
            wanted = PlaceOrder(
                one.number,
                self._rate,
                ADDRESS,
                one.lines[0].unit_price_minor * one.lines[0].quantity,
            )
            key, is_done = str(uuid.uuid4()), False
            while not is_done:
                ctx = await self._mall.operation(viewer)
                outcome = await run(ctx, PLACE_ORDER, key, lambda: wanted)
                is_done = _is_done(outcome)

        return place


def _is_done(outcome: Outcome) -> bool:
    """Return whether the order is there, False if the shop says "not now"."""
    others = [one for one in outcome.refusals if not isinstance(one, StoreUnavailable)]
    assert not others, others
    return outcome.targets is not None


class RawOrders:
    """The same by the bare driver."""

    def __init__(self, url: str) -> None:
        """Connect when first asked."""
        found = make_url(url)
        self._address = {
            "host": found.host,
            "port": found.port or 3306,
            "user": found.username,
            "password": found.password or "",
            "db": found.database,
        }
        self._pool: Any = None

    async def prepare(self) -> None:
        """Make the tables."""
        address: dict[str, Any] = self._address
        self._pool = await asyncmy.create_pool(
            minsize=CONNECTIONS,
            maxsize=CONNECTIONS,
            init_command="SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
            **address,
        )
        async with self._pool.acquire() as connection, connection.cursor() as cursor:
            for statement in RAW_TABLES:
                await cursor.execute(statement)
            await connection.commit()

    async def close(self) -> None:
        """Close the connections."""
        self._pool.close()
        await self._pool.wait_closed()

    def buyers(self) -> list[Buyer]:
        """Return what each buyer does to place one order."""
        return [self._place] * BUYERS

    async def _place(self) -> None:
        key, number = str(uuid.uuid4()), f"{uuid.uuid4().int % 10**18:018}"
        async with self._pool.acquire() as connection, connection.cursor() as cursor:
            await cursor.execute("INSERT INTO raw_keys VALUES (%s, %s, %s)", ("u", key, "f" * 64))
            order = (number, 1, 990, time.time_ns(), json.dumps({"sku": SKU, "quantity": 1}))
            await cursor.execute("INSERT INTO raw_orders VALUES (%s, %s, %s, %s, %s)", order)
            taken = await cursor.execute(
                "UPDATE raw_levels SET reserved = reserved + 1 "
                "WHERE id = 1 AND on_hand - reserved >= 1"
            )
            assert taken == 1
            await connection.commit()


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
            found["raw SQL"].append(await measured(raw.buyers(), each))
            await ours.prepare(each)
            profiler = cProfile.Profile() if profile and number == rounds - 1 else None
            if profiler:
                profiler.enable()
            found["placeOrder"].append(await measured(ours.buyers(), each))
            if profiler and profile:
                profiler.disable()
                profiler.dump_stats(profile)
        await raw.close()
    _CONSOLE.print(_table(found))


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

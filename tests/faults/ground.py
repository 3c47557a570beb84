"""The ground of the fault suite: a shop behind a door that fails, and shoppers before it.

By default each test is short. `MALLGRAPH_TEST_FAULTS=long` gives the full load, and
`MALLGRAPH_TEST_SEED` repeats the dice of a run that failed.
"""

import asyncio
import os
import random
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from graph import nodes
from jobs.verify import verify
from resolvers.context import Mall
from stores import open_stores
from stores.products import variants
from stores.settings import Settings
from stores.sql import Database
from tests import shopping
from tests.buying import ADDRESS, BEGIN, CANCEL, PLACE
from tests.faults.agreement import Books, differences, opened
from tests.faults.client import FaultyClient, connection
from tests.faults.database import DatabaseServer
from tests.faults.server import Server, running
from tests.proxy import RoughDoor, Weather

IS_LONG = os.environ.get("MALLGRAPH_TEST_FAULTS") == "long"
SEED = int(os.environ.get("MALLGRAPH_TEST_SEED") or random.randrange(10**6))
#: What every tenth or twentieth request meets.
USUAL = Weather() if IS_LONG else Weather(late_seconds=0.5)
#: Through this one nothing fails.
FAIR = Weather(dropped=0, reset=0, late=0)

ADD = """mutation ($key: ID!, $input: AddCartLinesInput!) {
  addCartLines(idempotencyKey: $key, input: $input) {
    cart { itemCount } isReplay userErrors { code message } }
}"""
STATUS = """query ($key: ID!) { operationStatus(mutation: "placeOrder", idempotencyKey: $key) {
  state object { ... on Order { number } } } }"""


@dataclass
class Ground:
    """A shop that runs; `client` reaches it through the door, `database` lies behind it."""

    server: Server
    door: RoughDoor
    client: FaultyClient
    database: Database
    dice: random.Random
    #: Global IDs of variants by SKU.
    ids: Mapping[str, str]

    def shopper(self, name: str) -> "Shopper":
        """Return a shopper with that name, whom the shop does not know yet."""
        return Shopper(self.client, name, self.ids)

    async def killed(
        self,
        times: int,
        wanted: int,
        progress: Callable[[], int],
        victim: Server | DatabaseServer | None = None,
    ) -> None:
        """Kill the shop, or its database, so many times while `progress` goes up to `wanted`.

        Each time it is started again.
        """
        victim = victim or self.server
        for mark in sorted(self.dice.sample(range(1, wanted - 1), times)):
            while progress() < mark:  # noqa: ASYNC110  Nobody tells.
                await asyncio.sleep(0.005)
            await victim.kill()
            await victim.start()

    async def books(self) -> Books:
        """Return what the shop has written."""
        return await opened(self.database)

    async def faults(self) -> list[str]:
        """Return all that does not agree, or should not have been seen by anybody.

        The books are looked at by this suite and by `mallgraph verify`, which share no code.
        """
        internal = ["A client saw an internal error."] * self.client.seen["INTERNAL"]
        logged = [line for line in self.server.told().splitlines() if "Traceback" in line]
        return differences(await self.books()) + internal + logged + await self._verified()

    async def _verified(self) -> list[str]:
        async with open_stores(self.client.settings) as stores:
            report = await verify(Mall(stores, self.client.settings))
        stopped = [f"{one.check}: {one.stopped}" for one in report.tallies if one.stopped]
        return [*map(str, report.differences), *stopped]

    def report(self, name: str) -> None:
        """Print what happened: pytest shows it for a test that failed, `make faults` always."""
        slowest = f"p99 {self.client.slowest() * 1_000:.0f} ms"
        print(f"\n{name}: seed {SEED}, {self.server.kills} kills, {slowest}")  # noqa: T201
        print(f"  {dict(self.door.fates)}\n  {dict(self.client.seen)}")  # noqa: T201


@dataclass
class Shopper:
    """One shopper, whose keys are told by her name, so that each is used for one thing only."""

    client: FaultyClient
    name: str
    ids: Mapping[str, str]
    number: str = ""
    option: str = ""
    total: str = ""

    def key(self, what: str) -> str:
        """Return her key for that."""
        return f"{self.name}:{what}"

    async def fill(self, units: Mapping[str, int]) -> dict[str, Any]:
        """Put units into the cart, by SKU, and return the payload."""
        lines = [{"variantId": self.ids[sku], "quantity": count} for sku, count in units.items()]
        return await self.client.mutate(ADD, self.name, self.key("add"), input={"lines": lines})

    async def begin(self) -> None:
        """Begin the checkout and remember it."""
        payload = await self.client.mutate(BEGIN, self.name, self.key("begin"), input={})
        assert payload["userErrors"] == [], payload
        checkout = payload["checkout"]
        self.number = checkout["orderNumber"]
        self.option = checkout["deliveryOptions"][0]["id"]
        self.total = checkout["preview"]["totals"]["total"]["amount"]

    async def place(self) -> dict[str, Any]:
        """Place the order, until there is an answer, and return the payload."""
        return await self.client.mutate(PLACE, self.name, self.key("place"), input=self.wanted())

    def wanted(self, **changed: object) -> dict[str, object]:
        """Return the input of placeOrder."""
        return {
            "orderNumber": self.number,
            "deliveryOptionId": self.option,
            "shippingAddress": {"address": ADDRESS},
            "expectedTotal": {"amount": self.total, "currencyCode": "EUR"},
            **changed,
        }

    async def cancel(self, order: Mapping[str, Any]) -> dict[str, Any]:
        """Cancel an order at the version that was seen, and return the payload."""
        told = {"orderId": order["id"], "reason": "Changed my mind."}
        key, version = self.key("cancel"), order["version"]
        return await self.client.mutate(CANCEL, self.name, key, version=version, input=told)

    async def status(self) -> tuple[str, str | None]:
        """Return what became of the key of the order, and the number under it."""
        told = (await self.client.ask(STATUS, self.name, key=self.key("place")))["operationStatus"]
        return told["state"], (told["object"] or {}).get("number")


@asynccontextmanager
async def ground(
    settings: Settings,
    folder: Path,
    stock: Mapping[str, int],
    *,
    weather: Weather = USUAL,
    twin: str | None = None,
) -> AsyncGenerator[Ground]:
    """Yield a shop that sells so many units of each SKU; without a guard, if a twin is named."""
    rows = [_product(place, sku, stock[sku]) for place, sku in enumerate(stock)]
    await shopping.fill(settings, rows)
    async with (
        running(settings, folder, twin) as server,
        connection() as http,
        _open(settings) as database,
    ):
        dice = random.Random(SEED)
        door = RoughDoor(server.port, dice, weather)
        await door.open()
        port = server.port if weather == FAIR else door.port
        client = FaultyClient(f"http://127.0.0.1:{port}", settings, http)
        try:
            yield Ground(server, door, client, database, dice, await _ids(database))
        finally:
            await door.shut()


@asynccontextmanager
async def _open(settings: Settings) -> AsyncGenerator[Database]:
    database = Database(settings.sql(), timeout_seconds=10)
    try:
        yield database
    finally:
        await database.close()


def _product(place: int, sku: str, units: int) -> dict[str, Any]:
    return {
        # By turns, so that baskets hold things of both.
        "merchant": (shopping.HARBOUR, shopping.HILL)[place % 2],
        "slug": sku,
        "title": f"Thing {sku}",
        "category": ["Things"],
        "variants": [{"sku": sku, "price": "3.00", "stock": units}],
    }


async def _ids(database: Database) -> dict[str, str]:
    statement = select(variants.c.sku, variants.c.id)
    async with database.read() as session:
        found = await session.rows(lambda sku, id_: (sku, id_), statement)
    return {sku: nodes.encode("ProductVariant", id_) for sku, id_ in found}

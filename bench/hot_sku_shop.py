"""Buyers of one hot SKU in the shop, for bench/hot_sku.py."""

import contextlib
import json
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from jobs.at_work import at_work
from jobs.import_catalogue import import_file
from mallgraph import migrations
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
STOCK = 100_000_000
SKU = "HOT-1"
ADDRESS = Address(
    name="Pat Example",
    country_code="GB",
    city="Anytown",
    line1="1 Example Street",
    postal_code="AA1 1AA",
)

Buyer = Callable[[], Awaitable[None]]


@contextlib.asynccontextmanager
async def shop(url: str, folder: Path) -> AsyncGenerator[Mall]:
    """Open a shop that sells one thing; documents, search and carts lie in files."""
    settings = Settings(_env_file=None, data_dir=folder / "data", sql_url=url)
    variant = {"sku": SKU, "price": "9.90", "stock": STOCK}
    row = {"title": "Hot", "category": ["Hot"], "variants": [variant]}
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
        copies = [await self._copy(first, viewer) for _ in range(each - 1)]

        async def work(session: WriteSession) -> None:
            for one in copies:
                await checkouts.add(session, one)

        await mall.stores.database.transact(work, seconds=60)
        return [first, *copies]

    async def _copy(self, first: Checkout, viewer: Viewer) -> Checkout:
        number = await self._mall.numbers.next(viewer.id)
        # Of a cart of its own: the units of all copies would be taken out of the buyer's.
        return replace(first, number=number, cart_key=f"{carts.new_id()}:1:copy")

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

"""A shop whose accounts lie in a database of their own, and what a dead coordinator left of it."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import update

from graph import nodes
from jobs import payments as going_on
from jobs.verify import verify
from resolvers.context import Mall
from stores.account_branches import account_branches
from stores.accounts_xa import AccountsByXa
from stores.errors import StoreUnavailable
from stores.ids import utc_now
from stores.leases import leases
from stores.ledger_accounts import ledger_accounts
from stores.payments import payments
from stores.settings import Settings
from stores.transfers import PATIENCE, transfers
from tests import ledger_books
from tests.buying import Buyer, key
from tests.faults.coordinator import Coordinators, Order
from tests.faults.crash_points import DIED
from tests.paying import ORDER, START
from tests.shopping import Client, open_shop
from tests.test_accounts import CASH, ME, entry, post, posting

PRICE_MINOR = 300
#: How long everybody waits before somebody else goes on: longer than any patience.
LATER = PATIENCE + timedelta(seconds=2)
_PATIENCE_SECONDS, _TRIES = 20, 3

#: What is sold: enough for any number of crashes, and something of everybody who sells.
STOCK = [
    {
        "merchant": merchant,
        "slug": sku,
        "title": f"Thing {sku}",
        "category": ["Things"],
        "variants": [{"sku": sku, "price": "3.00", "stock": 100_000}],
    }
    for merchant, sku in (("Harbour", "red"), ("Hill", "blue"))
]


@dataclass
class Till:
    """A shop and whoever pays in it; coordinators of their own may die."""

    shop: Client
    coordinators: Coordinators

    @property
    def settings(self) -> Settings:
        """Return where everything lies."""
        return self.shop.settings

    def later(self) -> Mall:
        """Return the same shop some seconds later, in the hands of somebody who lives."""
        mall = Mall(self.shop.mall.stores, self.settings, lambda: utc_now() + LATER)
        mall.ids = self.shop.mall.ids
        return mall

    async def orders(self, count: int, *, is_rich: bool = True) -> list[Order]:
        """Let so many shoppers buy something; each has what it costs, and no more, or nothing."""
        found = await asyncio.gather(*(self._order(f"ann-{key()}") for _ in range(count)))
        if is_rich:
            whole = f"{count * PRICE_MINOR // 100}.00"
            each = [entry(_account(one), "CREDIT", "3.00") for one in found]
            told = posting(entry(CASH, "DEBIT", whole), *each, reference=key())
            assert (await post(self.shop, key(), told))["userErrors"] == []
        return found

    async def _order(self, name: str) -> Order:
        buyer = Buyer(self.shop, name)
        await _filled(buyer)
        await buyer.begin()
        order = (await buyer.place())["order"]
        return Order(name, await buyer.user_id(), order["number"], order["version"], key())

    async def crash(self, order: Order, point: str, *, is_rich: bool = True) -> Order:
        """Let a coordinator pay it, and die at a point; return the order that it died over.

        One that a file keeps waiting too long ends alive, and what it has decided is left to
        others: sent again, its payment never passes the point. So another order is paid then.
        """
        statuses = []
        while True:
            statuses.append(await self.coordinators.pay(self.settings, order, point))
            if statuses[-1] == DIED:
                await self._bury()
                return order
            assert len(statuses) < _TRIES, (point, statuses)
            (order,) = await self.orders(1, is_rich=is_rich)

    async def _bury(self) -> None:
        """Free the worker numbers of the dead, who would need all there are within a minute."""
        its = leases.c
        dead = (its.name.startswith("worker:"), its.holder != self.shop.mall.worker.holder)
        freed = update(leases).where(*dead).values(until=utc_now() - LATER)
        await self.shop.mall.stores.database.transact(lambda session: session.update(freed))

    async def cancel(self, order: Order) -> None:
        """Let the shopper have thought better of it."""
        seen = await self.seen(order)
        payload = await Buyer(self.shop, order.shopper).cancel(
            {"id": seen["id"], "version": seen["version"]}
        )
        assert payload["userErrors"] == []

    async def seen(self, order: Order) -> dict[str, Any]:
        """Return the order and its payments."""
        found = await self.shop.ask(ORDER, order.shopper, number=order.number)
        told: dict[str, Any] = found["order"]
        return told

    async def again(self, order: Order) -> list[str]:
        """Send the same payment with the same key, and return the codes of its answer."""
        wanted = {"orderId": nodes.encode("Order", int(order.number)), "methodCode": "BALANCE"}
        told = await self.shop.ask(
            START, order.shopper, key=order.key, version=order.version, input=wanted
        )
        return [error["code"] for error in told["startPayment"]["userErrors"]]

    async def recover(self, patience_seconds: float = _PATIENCE_SECONDS) -> float:
        """Let whoever lives go on until nothing is left to do; return how many seconds it took."""
        mall, began = self.later(), time.monotonic()
        while time.monotonic() < began + patience_seconds:
            await going_on.go_on(mall)
            await mall.stores.accounts.go_on(mall.clock())
            if not await self.left():
                return time.monotonic() - began
            await asyncio.sleep(0.05)
        raise AssertionError(await self.left())

    async def left(self) -> Counter[str]:
        """Return what waits for somebody, in either database."""
        stores = self.shop.mall.stores
        rows = ledger_books.rows
        told: Counter[str] = Counter()
        for one in await rows(stores.database, payments):
            told["payment awaits its start"] += one["awaits"] is not None
            told["money is to go back"] += one["give_back_at"] is not None
        for one in await rows(stores.database, transfers):
            told[f"{one['kind']} waits"] += one["due_at"] is not None
        for one in await rows(stores.accounts.database, account_branches):
            told["branch is tried"] += one["state"] == "TRIED"
        for one in await rows(stores.accounts.database, ledger_accounts):
            told["amount is held"] += one["held_minor"] != 0
        if isinstance(stores.accounts, AccountsByXa):
            told["branch is prepared"] = len(await stores.accounts.prepared())
        return Counter({what: count for what, count in told.items() if count})

    async def balance(self, order: Order) -> int:
        """Return what the shopper's account holds, in cents."""
        account = (await self.shop.ask(ME, order.shopper))["me"]["account"]
        return int(account["balance"]["amount"].replace(".", ""))

    async def faults(self) -> list[str]:
        """Return all that does not agree, by this suite and by `mallgraph verify`."""
        books = await ledger_books.faults(self.shop.mall.stores.accounts.database)
        report = await verify(self.shop.mall)
        return books + [str(one) for one in report.differences]


@asynccontextmanager
async def till(settings: Settings, some: Coordinators) -> AsyncGenerator[Till]:
    """Yield a shop that is open, beside coordinators that may die."""
    async with open_shop(settings) as shop:
        yield Till(shop, some)


async def _filled(buyer: Buyer) -> None:
    """Fill a cart; one that a file keeps waiting too long comes again, as clients do."""
    for _ in range(_TRIES - 1):
        with suppress(StoreUnavailable):
            return await buyer.fill({"red": 1})
    return await buyer.fill({"red": 1})


def _account(order: Order) -> str:
    return nodes.encode("Account", order.user_id)

"""A shopper on the way from the cart to the order, and what lies behind the counter then."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select

from graph import nodes
from stores import carts, outbox, products
from stores.audit import audit_entries
from stores.carts import Addition
from stores.idempotency import idempotency_keys
from stores.inventory import inventory_levels, stock_movements
from stores.order_events import order_events
from stores.orders import order_lines, orders
from stores.products import variants
from stores.reservations import reservations
from tests.eventually import eventually
from tests.shopping import Client

BEGIN = """mutation($key: ID!, $input: BeginCheckoutInput!) {
  beginCheckout(idempotencyKey: $key, input: $input) {
    checkout { id orderNumber expiresAt
      deliveryOptions { id title price { amount } }
      preview { lines { quantity unitPrice { amount } tax { amount } total { amount }
                        variant { sku } }
                totals { subtotal { amount } shipping { amount } tax { amount } total { amount } } }
      order { number } }
    isReplay
    userErrors { code message field details { __typename
      ... on VersionConflictDetails { currentVersion } } }
  }
}"""

PLACE = """mutation($key: ID!, $input: PlaceOrderInput!) {
  placeOrder(idempotencyKey: $key, input: $input) {
    order { id number version status paymentStatus totals { total { amount } } }
    isReplay
    userErrors { code message field details { __typename
      ... on PriceChangedDetails { preview { totals { total { amount } } } }
      ... on StockDetails { variant { sku } requested available } } }
  }
}"""

CANCEL = """mutation($key: ID!, $version: Int!, $input: CancelOrderInput!) {
  cancelOrder(idempotencyKey: $key, version: $version, input: $input) {
    order { id number version status expiresAt allowedTransitions }
    isReplay
    userErrors { code message field details { __typename
      ... on VersionConflictDetails { currentVersion current { id } } } }
  }
}"""

ADDRESS = {
    "name": "Ann Buyer",
    "countryCode": "DE",
    "city": "Hamburg",
    "line1": "Quay 1",
    "postalCode": "20457",
}


def key() -> str:
    """Return a new idempotency key."""
    return str(uuid.uuid4())


@dataclass
class Buyer:
    """A shopper of a shop, who remembers the checkout."""

    client: Client
    name: str = "ann"
    number: str = ""
    option: str = ""
    total: str = ""
    address: Mapping[str, str] = field(default_factory=lambda: ADDRESS)

    async def user_id(self) -> int:
        """Return the id of the user; made at first sight."""
        me = await self.client.ask("{ me { id } }", self.name)
        return nodes.decode(me["me"]["id"])[1]

    async def fill(self, wanted: Mapping[str, int]) -> None:
        """Put units into the cart, by SKU."""
        found = await by_sku(self.client, wanted)
        added = [Addition(found[sku].id, n, found[sku].price_minor) for sku, n in wanted.items()]
        await self.client.mall.stores.carts.edit(
            await self.user_id(), key(), key(), None, lambda cart: carts.add(cart, added)
        )

    async def cart(self) -> dict[int, int]:
        """Return what is in the cart, by variant."""
        cart = await self.client.mall.stores.carts.by_owner(await self.user_id())
        return {line.variant_id: line.quantity for line in cart.lines}

    async def begin(self, used: str | None = None, **input_: object) -> dict[str, Any]:
        """Begin the checkout and return the payload; the first delivery option is chosen."""
        data = await self.client.ask(
            BEGIN, self.name, key=key() if used is None else used, input=input_
        )
        payload: dict[str, Any] = data["beginCheckout"]
        if checkout := payload["checkout"]:
            self.number = checkout["orderNumber"]
            self.option = checkout["deliveryOptions"][0]["id"]
            self.total = checkout["preview"]["totals"]["total"]["amount"]
        return payload

    def order_input(self, **changed: object) -> dict[str, object]:
        """Return the input of placeOrder."""
        return {
            "orderNumber": self.number,
            "deliveryOptionId": self.option,
            "shippingAddress": {"address": dict(self.address)},
            "expectedTotal": {"amount": self.total, "currencyCode": "EUR"},
            **changed,
        }

    async def place(self, used: str | None = None, **changed: object) -> dict[str, Any]:
        """Place the order and return the payload."""
        data = await self.client.ask(
            PLACE, self.name, key=key() if used is None else used, input=self.order_input(**changed)
        )
        payload: dict[str, Any] = data["placeOrder"]
        return payload

    async def buy(self, wanted: Mapping[str, int]) -> dict[str, Any]:
        """Go all the way and return the order."""
        await self.fill(wanted)
        assert (await self.begin())["userErrors"] == []
        payload = await self.place()
        assert payload["userErrors"] == [], payload
        await eventually(self.cart, {})
        order: dict[str, Any] = payload["order"]
        return order

    async def cancel(
        self, order: Mapping[str, Any], used: str | None = None, by: str | None = None
    ) -> dict[str, Any]:
        """Cancel an order at the version that was seen, and return the payload."""
        data = await self.client.ask(
            CANCEL,
            by or self.name,
            key=key() if used is None else used,
            version=order["version"],
            input={"orderId": order["id"], "reason": "Changed my mind."},
        )
        payload: dict[str, Any] = data["cancelOrder"]
        return payload


async def by_sku(client: Client, skus: Mapping[str, int]) -> dict[str, products.Variant]:
    """Return the variants of SKUs, of whichever merchant came first."""
    async with client.mall.stores.database.read() as session:
        ids = await session.rows(int, select(variants.c.id).where(variants.c.sku.in_(skus)))
        rows = (await products.variants_by_ids(session, ids)).values()
    return {row.sku: row for row in sorted(rows, key=lambda row: row.id, reverse=True)}


async def stock(client: Client, sku: str) -> tuple[int, int]:
    """Return the units on hand and reserved of a SKU."""
    variant = (await by_sku(client, {sku: 1}))[sku]
    columns = inventory_levels.c
    statement = select(columns.on_hand, columns.reserved).where(columns.variant_id == variant.id)
    async with client.mall.stores.database.read() as session:
        return await session.row(lambda *row: row, statement) or (0, 0)


async def state(client: Client) -> dict[str, object]:
    """Return all that an order may change, to be compared before and after."""
    tables = (orders, order_lines, order_events, reservations, stock_movements, outbox.outbox)
    more = (idempotency_keys, audit_entries)
    levels = inventory_levels.c
    async with client.mall.stores.database.read() as session:
        told: dict[str, object] = {
            table.name: await session.row(int, select(func.count()).select_from(table))
            for table in tables + more
        }
        told["orders_changed"] = await session.row(
            int, select(func.coalesce(func.sum(orders.c.version), 0))
        )
        told["levels"] = await session.rows(
            lambda *row: row, select(levels.id, levels.on_hand, levels.reserved).order_by(levels.id)
        )
    return told

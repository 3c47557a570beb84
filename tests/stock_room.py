"""How staff changes stock over HTTP, and how a test looks at what came of it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, func, select

from graph import nodes
from stores import products
from stores.audit import audit_entries
from stores.idempotency import idempotency_keys
from stores.inventory_levels import inventory_levels
from stores.outbox import outbox
from stores.stock_movements import stock_movements
from tests.shopping import HARBOUR, Client, merchant_key

ADJUST = """
mutation ($key: ID!, $input: AdjustInventoryInput!) {
  adjustInventory(idempotencyKey: $key, input: $input) {
    levels { id version onHand reserved available reorderPoint variant { sku } warehouse { code } }
    movements { id logId kind onHandDelta reservedDelta onHandAfter reservedAfter reason reference
      level { id } actor { id } }
    isReplay
    userErrors { code field message details { ... on VersionConflictDetails {
      currentVersion current { ... on InventoryLevel { onHand version } } } } }
  }
}
"""
CREATE = """
mutation ($key: ID!, $input: CreateWarehouseInput!) {
  createWarehouse(idempotencyKey: $key, input: $input) { warehouse { id } userErrors { code } } }
"""
LEVELS = """
query ($filter: InventoryFilterInput, $first: Int, $after: String) {
  inventoryLevels(filter: $filter, first: $first, after: $after) { totalCount
    edges { cursor } pageInfo { hasNextPage endCursor }
    nodes { id version onHand variant { sku } warehouse { code merchant { name } } } } }
"""
LOG = """
query ($first: Int, $after: String, $variantId: ID, $warehouseId: ID, $reference: String,
       $occurredAt: DateTimeRangeInput) {
  stockMovements(first: $first, after: $after, variantId: $variantId, warehouseId: $warehouseId,
                 reference: $reference, occurredAt: $occurredAt) {
    totalCount pageInfo { hasNextPage endCursor }
    nodes { id logId kind onHandDelta onHandAfter reason reference occurredAt
      level { variant { sku } warehouse { code } } } } }
"""


@dataclass(frozen=True)
class StockRoom:
    """The stock of the harbour's lamp 1: 1 unit in `main`; `yard` is empty."""

    shop: Client
    variant_id: str
    main: str
    yard: str

    def change(self, delta: int | None = None, /, where: str | None = None, **more: Any) -> Any:
        """Return a change of the lamp's level in the main warehouse, or in another."""
        on_hand = {} if delta is None else {"onHand": {"delta": delta}}
        place = {"variantId": self.variant_id, "warehouseId": where or self.main}
        return {**place, **on_hand, **more}

    async def adjust(
        self, key: str, *changes: Any, user: str = "mia", reason: str = "Found", **more: Any
    ) -> dict[str, Any]:
        """Return the payload of adjustInventory."""
        input_ = {"changes": list(changes), "reason": reason, **more}
        answer = await self.shop.ask(ADJUST, user, key=key, input=input_)
        payload: dict[str, Any] = answer["adjustInventory"]
        return payload

    async def insist(self, key: str, *changes: Any, **more: Any) -> dict[str, Any]:
        """Return the payload of the same, sent again while the store is too busy to answer."""
        for _ in range(5):
            payload = await self.adjust(key, *changes, **more)
            if [error["code"] for error in payload["userErrors"]] != ["STORE_UNAVAILABLE"]:
                break
        return payload

    async def done(self, key: str, *changes: Any, **more: Any) -> dict[str, Any]:
        """Return the payload of an adjustInventory that nothing speaks against."""
        payload = await self.adjust(key, *changes, **more)
        assert payload["userErrors"] == [], payload
        return payload

    async def refused(self, key: str, *changes: Any, **more: Any) -> tuple[str, list[str] | None]:
        """Return code and field of a refusal; it has changed nothing."""
        before = await self.state()
        payload = await self.adjust(key, *changes, **more)
        (error,) = payload["userErrors"]
        shown = (payload["levels"], payload["movements"], payload["isReplay"])
        assert (shown, bool(error["message"])) == ((None, None, False), True)
        assert await self.state() == before
        return error["code"], error["field"]

    async def levels(self, user: str = "mia", **arguments: Any) -> Any:
        """Return a page of levels."""
        return (await self.shop.ask(LEVELS, user, **arguments))["inventoryLevels"]

    async def log(self, user: str = "mia", **arguments: Any) -> Any:
        """Return a page of the log."""
        return (await self.shop.ask(LOG, user, **arguments))["stockMovements"]

    async def state(self) -> list[Any]:
        """Return all that a change of stock may write."""
        database = self.shop.mall.stores.database
        async with database.read(fresh=True) as session:
            ordered = select(inventory_levels).order_by(inventory_levels.c.id)
            rows = await session.rows(lambda *row: row, ordered)
            tables = (stock_movements, idempotency_keys, audit_entries, outbox)
            counts = [await session.row(int, _count(table)) for table in tables]
        return [*rows, *counts]

    async def row(self, variant_id: int | None = None) -> Any:
        """Return the row of the lamp's level in the main warehouse."""
        key = variant_id or nodes.decode(self.variant_id)[1]
        columns = inventory_levels.c
        wanted = select(inventory_levels).where(
            columns.variant_id == key, columns.warehouse_id == nodes.decode(self.main)[1]
        )
        async with self.shop.mall.stores.database.read(fresh=True) as session:
            return await session.row(
                lambda *row: dict(zip(columns.keys(), row, strict=True)), wanted
            )

    async def reserve(self, units: int) -> None:
        """Keep units of the main warehouse, as an order does."""
        row = await self.row()
        update = inventory_levels.update().where(inventory_levels.c.id == row["id"])
        await self.shop.mall.stores.database.transact(
            lambda session: session.update(update.values(reserved=units))
        )

    async def variant(self, merchant: str, sku: str) -> str:
        """Return the global ID of a variant."""
        key = await merchant_key(self.shop.mall, merchant)
        async with self.shop.mall.stores.database.read(fresh=True) as session:
            found = await products.variants_by_codes(session, [(key, sku)])
        return nodes.encode("ProductVariant", found[key, sku].id)


def _count(table: Table) -> Any:
    return select(func.count()).select_from(table)


async def open_room(shop: Client) -> StockRoom:
    """Return the stock of a shop, with a second warehouse of the harbour."""
    (main,) = (await shop.ask("{ warehouses { id } }", "mia"))["warehouses"]
    input_ = {"code": "yard", "name": "Yard"}
    made = await shop.ask(CREATE, "mia", key="make-yard", input=input_)
    yard = made["createWarehouse"]["warehouse"]["id"]
    room = StockRoom(shop, "", main["id"], yard)
    return StockRoom(shop, await room.variant(HARBOUR, "L1-S"), main["id"], yard)

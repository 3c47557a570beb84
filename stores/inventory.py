"""What can be bought, and the first units of what is new.

The levels, their warehouses and the log of their changes have modules of their own; their tables
can be had here too.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, exists, func, literal, select

from stores.inventory_levels import inventory_levels
from stores.kept import among
from stores.products import products, variants
from stores.sql import ReadSession, WriteSession
from stores.stock_movements import StockMovementKind, stock_movements
from stores.warehouses import Warehouse, warehouses

__all__ = [
    "Receipt",
    "StockMovementKind",
    "Warehouse",
    "available",
    "available_products",
    "inventory_levels",
    "is_available",
    "receive_first",
    "stock_movements",
    "warehouses",
]


@dataclass(frozen=True, slots=True)
class Receipt:
    """Units of a variant that lie in a warehouse from the beginning."""

    level_id: int
    movement_id: int
    variant_id: int
    warehouse_id: int
    quantity: int


_AVAILABLE = inventory_levels.c.on_hand - inventory_levels.c.reserved
_SELLING = inventory_levels.join(
    warehouses, (warehouses.c.id == inventory_levels.c.warehouse_id) & warehouses.c.is_selling
)


_BY_VARIANT = (
    select(inventory_levels.c.variant_id, func.sum(_AVAILABLE))
    .select_from(_SELLING)
    .where(among(inventory_levels.c.variant_id, "ids"))
    .group_by(inventory_levels.c.variant_id)
)
_AVAILABLE_PRODUCTS = (
    select(variants.c.product_id)
    .select_from(_SELLING.join(variants, variants.c.id == inventory_levels.c.variant_id))
    .where(among(variants.c.product_id, "ids"), _AVAILABLE > 0)
    .distinct()
)


async def available(session: ReadSession, variant_ids: Collection[int]) -> dict[int, int]:
    """Return the units that can be bought, by variant; one without stock has no entry."""
    found = await session.rows(_units, _BY_VARIANT, {"ids": list(variant_ids)})
    return dict(found)


async def available_products(session: ReadSession, product_ids: Collection[int]) -> set[int]:
    """Return the products of which at least one unit can be bought."""
    return set(await session.rows(int, _AVAILABLE_PRODUCTS, {"ids": list(product_ids)}))


def _units(variant_id: int, units: Any) -> tuple[int, int]:
    # MySQL gives a sum as a Decimal.
    return variant_id, int(units)


def is_available(table: FromClause = products) -> ColumnElement[bool]:
    """Return the condition that a unit of the product can be bought, for queries of `table`."""
    its = variants.alias()
    found = (
        select(literal(1))
        .select_from(_SELLING.join(its, its.c.id == inventory_levels.c.variant_id))
        .where(its.c.product_id == table.c.id, _AVAILABLE > 0)
    )
    return exists(found.correlate(table))


def available_units(table: FromClause) -> ColumnElement[Any]:
    """Return how many units of the variant can be bought, for queries of `table`; maybe null."""
    found = (
        select(func.sum(_AVAILABLE))
        .select_from(_SELLING)
        .where(inventory_levels.c.variant_id == table.c.id)
    )
    return found.correlate(table).scalar_subquery()


async def receive_first(
    session: WriteSession, receipts: Sequence[Receipt], reason: str, at: datetime
) -> None:
    """Write new levels, and the movements that filled them."""
    if receipts:
        await session.insert(stock_movements, *(_movement(one, reason, at) for one in receipts))
        await session.insert(inventory_levels, *(_level(one, at) for one in receipts))


def _level(receipt: Receipt, at: datetime) -> dict[str, object]:
    return {
        "id": receipt.level_id,
        "version": 1,
        "updated_at": at,
        "variant_id": receipt.variant_id,
        "warehouse_id": receipt.warehouse_id,
        "on_hand": receipt.quantity,
        "reserved": 0,
        "reorder_point": None,
        "log_id": 1,
    }


def _movement(receipt: Receipt, reason: str, at: datetime) -> dict[str, object]:
    return {
        "id": receipt.movement_id,
        "level_id": receipt.level_id,
        "log_id": 1,
        "kind": StockMovementKind.RECEIVE.value,
        "on_hand_delta": receipt.quantity,
        "reserved_delta": 0,
        "on_hand_after": receipt.quantity,
        "reserved_after": 0,
        "reason": reason,
        "reference": None,
        "occurred_at": at,
        "actor_id": None,
    }

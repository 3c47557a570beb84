"""Stock: a level per variant and warehouse, and every movement of it."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import Enum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ColumnElement,
    Table,
    UniqueConstraint,
    exists,
    func,
    select,
)

from stores.columns import Instant, Plain, flag, id_column, key, metadata, words
from stores.products import products, variants
from stores.sql import ReadSession, WriteSession

warehouses = Table(
    "warehouses",
    metadata,
    id_column(),
    Column("version", BigInteger, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("merchant_id", BigInteger, nullable=False),
    Column("code", key(32), nullable=False),
    Column("name", words(100), nullable=False),
    # Orders take from one warehouse of each merchant; the others feed it.
    Column("is_selling", flag(), nullable=False),
    Column("address", Plain, nullable=True),
    UniqueConstraint("merchant_id", "code"),
)

inventory_levels = Table(
    "inventory_levels",
    metadata,
    id_column(),
    Column("version", BigInteger, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("variant_id", BigInteger, nullable=False),
    Column("warehouse_id", BigInteger, nullable=False),
    Column("on_hand", BigInteger, nullable=False),
    Column("reserved", BigInteger, nullable=False),
    Column("reorder_point", BigInteger, nullable=True),
    # The newest movement of on_hand.
    Column("log_id", BigInteger, nullable=False),
    UniqueConstraint("variant_id", "warehouse_id"),
    CheckConstraint("reserved >= 0 AND reserved <= on_hand", name="reserved_is_there"),
)

stock_movements = Table(
    "stock_movements",
    metadata,
    id_column(),
    Column("level_id", BigInteger, nullable=False),
    # Grows by one, without gaps, over the changes of on_hand of a level; null for others.
    Column("log_id", BigInteger, nullable=True),
    Column("kind", key(10), nullable=False),
    Column("on_hand_delta", BigInteger, nullable=False),
    Column("reserved_delta", BigInteger, nullable=False),
    Column("on_hand_after", BigInteger, nullable=True),
    Column("reserved_after", BigInteger, nullable=True),
    Column("reason", words(200), nullable=True),
    Column("reference", key(64), nullable=True),
    Column("occurred_at", Instant, nullable=False),
    Column("actor_id", BigInteger, nullable=True),
    # What may happen one time only, such as giving back the units of an order.
    Column("once", key(64), nullable=True, unique=True),
    UniqueConstraint("level_id", "log_id"),
)


class MovementKind(Enum):
    """Kind of a change of stock."""

    RECEIVE = "RECEIVE"


@dataclass(frozen=True, slots=True)
class Warehouse:
    """A place where goods lie."""

    id: int
    version: int
    updated_at: datetime
    merchant_id: int
    code: str
    name: str
    is_selling: bool
    address: dict[str, str] | None = None


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


async def available(session: ReadSession, variant_ids: Collection[int]) -> dict[int, int]:
    """Return the units that can be bought, by variant; one without stock has no entry."""
    columns = inventory_levels.c.variant_id, func.sum(_AVAILABLE)
    statement = (
        select(*columns)
        .select_from(_SELLING)
        .where(inventory_levels.c.variant_id.in_(variant_ids))
        .group_by(inventory_levels.c.variant_id)
    )
    return dict(await session.rows(lambda id_, units: (id_, int(units)), statement))


async def available_products(session: ReadSession, product_ids: Collection[int]) -> set[int]:
    """Return the products of which at least one unit can be bought."""
    statement = (
        select(variants.c.product_id)
        .select_from(_SELLING.join(variants, variants.c.id == inventory_levels.c.variant_id))
        .where(variants.c.product_id.in_(product_ids), _AVAILABLE > 0)
        .distinct()
    )
    return set(await session.rows(int, statement))


def is_available() -> ColumnElement[bool]:
    """Return the condition that a unit of the product can be bought, for queries of products."""
    levels = _SELLING.join(variants, variants.c.id == inventory_levels.c.variant_id)
    found = (
        select(variants.c.id)
        .select_from(levels)
        .where(variants.c.product_id == products.c.id, _AVAILABLE > 0)
    )
    return exists(found.correlate(products))


async def selling_warehouses(session: ReadSession) -> dict[int, int]:
    """Return the warehouse that each merchant sells from, by merchant."""
    columns = warehouses.c.merchant_id, warehouses.c.id
    statement = select(*columns).where(warehouses.c.is_selling).order_by(warehouses.c.id.desc())
    return dict(await session.rows(lambda merchant, id_: (merchant, id_), statement))


async def add_warehouse(session: WriteSession, warehouse: Warehouse) -> None:
    """Write a warehouse. Raises UniqueViolation for a code its merchant has already."""
    await session.insert(warehouses, asdict(warehouse))


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
        "kind": MovementKind.RECEIVE.value,
        "on_hand_delta": receipt.quantity,
        "reserved_delta": 0,
        "on_hand_after": receipt.quantity,
        "reserved_after": 0,
        "reason": reason,
        "reference": None,
        "occurred_at": at,
        "actor_id": None,
    }

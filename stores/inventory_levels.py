"""Stock levels: how many units of a variant lie in a warehouse, and how many of them are kept."""

from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ColumnElement,
    Index,
    Select,
    Table,
    UniqueConstraint,
    false,
    func,
    not_,
    or_,
    select,
    update,
)

from stores.columns import Instant, as_row, id_column, metadata
from stores.keyset import Keyset, Window, starts
from stores.products import variants
from stores.rows import row
from stores.sql import ReadSession, WriteSession
from stores.warehouses import warehouses

#: Units on hand of one level; a client reads them as an Int.
MAX_UNITS = 1_000_000_000

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
    Index("ix_inventory_levels_warehouse_id_id", "warehouse_id", "id"),
)

#: What names a level besides its id: its variant, then its warehouse.
Place: TypeAlias = tuple[int, int]


@row
class InventoryLevel:
    """Stock of one variant in one warehouse; `merchant_id` is that of the warehouse."""

    id: int
    version: int
    updated_at: datetime
    variant_id: int
    warehouse_id: int
    on_hand: int
    reserved: int
    reorder_point: int | None
    log_id: int
    merchant_id: int

    def place(self) -> Place:
        """Return what else names it."""
        return self.variant_id, self.warehouse_id

    def available(self) -> int:
        """Return the units that nobody has been promised."""
        return self.on_hand - self.reserved


@dataclass(frozen=True, slots=True)
class LevelChange:
    """Units to add to on_hand, or to take; `version` is compared where told."""

    id: int
    delta: int | None = None
    version: int | None = None
    has_reorder_point: bool = False
    reorder_point: int | None = None


@dataclass(frozen=True, slots=True)
class LevelFilter:
    """Conditions that levels must all meet; None asks for nothing."""

    #: All that may be seen; none is in no warehouse.
    warehouse_ids: tuple[int, ...] | None = None
    #: Start of a SKU, or a barcode.
    code: str | None = None
    product_id: int | None = None
    is_below_reorder_point: bool | None = None


_COLUMNS = [
    *(inventory_levels.c[field.name] for field in fields(InventoryLevel)[:-1]),
    warehouses.c.merchant_id,
]
_AVAILABLE = inventory_levels.c.on_hand - inventory_levels.c.reserved
_PLACED = inventory_levels.join(warehouses, warehouses.c.id == inventory_levels.c.warehouse_id)
# A variant may be taken off the list; what is left of it has nothing to show.
_LISTED = _PLACED.join(variants, variants.c.id == inventory_levels.c.variant_id)

#: By warehouse, then as they were made: one index gives the levels of some warehouses so.
_ORDER = Keyset(inventory_levels.c.warehouse_id, inventory_levels.c.id)


async def by_ids(session: ReadSession, ids: Collection[int]) -> dict[int, InventoryLevel]:
    """Return the levels that exist, by id."""
    found = await _rows(session, inventory_levels.c.id.in_(ids))
    return {level.id: level for level in found}


async def by_places(session: ReadSession, places: Collection[Place]) -> dict[Place, InventoryLevel]:
    """Return the levels that exist, by variant and warehouse."""
    wanted: dict[int, list[int]] = defaultdict(list)
    for variant_id, warehouse_id in places:
        wanted[warehouse_id].append(variant_id)
    # Not as pairs: MariaDB finds no index for those.
    columns = inventory_levels.c
    named = [
        columns.variant_id.in_(some) & (columns.warehouse_id == warehouse_id)
        for warehouse_id, some in wanted.items()
    ]
    found = await _rows(session, or_(false(), *named))
    return {level.place(): level for level in found}


async def by_variants(
    session: ReadSession, variant_ids: Collection[int]
) -> dict[int, list[InventoryLevel]]:
    """Return the levels of each variant, those of the oldest warehouse first."""
    found: dict[int, list[InventoryLevel]] = defaultdict(list)
    rows = await _rows(session, inventory_levels.c.variant_id.in_(variant_ids))
    for level in sorted(rows, key=lambda one: one.warehouse_id):
        found[level.variant_id].append(level)
    return found


async def page(session: ReadSession, wanted: LevelFilter, window: Window) -> list[InventoryLevel]:
    """Return a page of levels, by warehouse and then as they were made."""
    statement = _filtered(select(*_COLUMNS), wanted).where(_ORDER.inside(window))
    ordered = statement.order_by(*_ORDER.order(window)).limit(window.limit)
    return await session.rows(InventoryLevel, ordered)


async def count(session: ReadSession, wanted: LevelFilter) -> int:
    """Return how many levels meet the conditions."""
    return await session.row(int, _filtered(select(func.count()), wanted)) or 0


async def add(session: WriteSession, level: InventoryLevel) -> None:
    """Write a level. Raises UniqueViolation if its variant has one in its warehouse."""
    row = as_row(level)
    del row["merchant_id"]
    await session.insert(inventory_levels, row)


async def change(session: WriteSession, wanted: LevelChange, at: datetime) -> bool:
    """Change a level; False if it is not as told, or would have fewer units than are reserved.

    The units are added by the database: nobody else's change is lost, and nobody tries again.
    """
    columns = inventory_levels.c
    statement = update(inventory_levels).where(columns.id == wanted.id)
    statement = statement.values(version=columns.version + 1, updated_at=at)
    if wanted.version is not None:
        statement = statement.where(columns.version == wanted.version)
    if wanted.has_reorder_point:
        statement = statement.values(reorder_point=wanted.reorder_point)
    if wanted.delta is not None:
        after = columns.on_hand + wanted.delta
        statement = statement.where(after >= columns.reserved, after <= MAX_UNITS)
        statement = statement.values(on_hand=after, log_id=columns.log_id + 1)
    return await session.update(statement) == 1


async def _rows(session: ReadSession, condition: ColumnElement[bool]) -> list[InventoryLevel]:
    return await session.rows(
        InventoryLevel, select(*_COLUMNS).select_from(_PLACED).where(condition)
    )


def _filtered(statement: Select[Any], wanted: LevelFilter) -> Select[Any]:
    given = ((test, getattr(wanted, name)) for name, test in _TESTS.items())
    conditions = (test(value) for test, value in given if value is not None)
    return statement.select_from(_LISTED).where(*conditions)


def _has_code(code: str) -> ColumnElement[bool]:
    return or_(starts(variants.c.sku, code), variants.c.barcode == code)


def _is_below(wanted: bool) -> ColumnElement[bool]:  # noqa: FBT001  A condition, not a switch.
    point = func.coalesce(inventory_levels.c.reorder_point, -1)
    return point >= _AVAILABLE if wanted else not_(point >= _AVAILABLE)


#: Attribute of a filter -> the condition of a value that is given.
_TESTS: dict[str, Callable[[Any], ColumnElement[bool]]] = {
    "warehouse_ids": inventory_levels.c.warehouse_id.in_,
    "code": _has_code,
    "product_id": lambda id_: variants.c.product_id == id_,
    "is_below_reorder_point": _is_below,
}

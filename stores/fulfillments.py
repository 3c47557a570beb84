"""Fulfillments: goods of one merchant on their way to whoever ordered them."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import fields
from datetime import datetime
from enum import Enum
from typing import Any

from sqlalchemy import BigInteger, Column, Index, Table, select, update

from stores.columns import Instant, Plain, as_row, flag, id_column, key, metadata, words
from stores.kept import among
from stores.order_numbers import LENGTH
from stores.rows import row
from stores.sql import ReadSession, WriteSession

CARRIER_LENGTH = 100
TRACKING_LENGTH = 100

fulfillments = Table(
    "fulfillments",
    metadata,
    id_column(),
    Column("version", BigInteger, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("number", key(LENGTH), nullable=False),
    Column("merchant_id", BigInteger, nullable=False),
    Column("warehouse_id", BigInteger, nullable=False),
    Column("status", key(20), nullable=False),
    Column("carrier", words(CARRIER_LENGTH), nullable=True),
    Column("tracking_number", words(TRACKING_LENGTH), nullable=True),
    Column("lines", Plain, nullable=False),
    Column("shipped_at", Instant, nullable=False),
    Column("delivered_at", Instant, nullable=True),
    # Whether the goods of a cancelled one are back in the warehouse.
    Column("is_restocked", flag(), nullable=False),
    Index("ix_fulfillments_number_id", "number", "id"),
)


class FulfillmentStatus(Enum):
    """Life cycle of a fulfillment."""

    SHIPPED = "SHIPPED"
    DELIVERED = "DELIVERED"
    CANCELLED = "CANCELLED"


@row
class Fulfillment:
    """Goods on their way."""

    id: int
    version: int
    updated_at: datetime
    number: str
    merchant_id: int
    warehouse_id: int
    status: str
    carrier: str | None
    tracking_number: str | None
    #: `[[id of a line, units], …]`.
    lines: list[list[int]]
    shipped_at: datetime
    delivered_at: datetime | None = None
    is_restocked: bool = False

    def units(self) -> dict[int, int]:
        """Return how many units of each line it holds."""
        return {line_id: units for line_id, units in self.lines}  # noqa: C416  Lists, not pairs.


_COLUMNS = [fulfillments.c[field.name] for field in fields(Fulfillment)]
_BY_IDS = select(*_COLUMNS).where(among(fulfillments.c.id, "ids"))
_BY_NUMBERS = (
    select(*_COLUMNS)
    .where(among(fulfillments.c.number, "numbers"))
    .order_by(fulfillments.c.number, fulfillments.c.id)
)


async def by_ids(session: ReadSession, ids: Collection[int]) -> dict[int, Fulfillment]:
    """Return the fulfillments that exist, by id."""
    return {one.id: one for one in await session.rows(Fulfillment, _BY_IDS, {"ids": list(ids)})}


async def by_numbers(
    session: ReadSession, numbers: Collection[str]
) -> dict[str, list[Fulfillment]]:
    """Return the fulfillments of each order, the oldest first."""
    found: dict[str, list[Fulfillment]] = defaultdict(list)
    for one in await session.rows(Fulfillment, _BY_NUMBERS, {"numbers": list(numbers)}):
        found[one.number].append(one)
    return found


async def add(session: WriteSession, fulfillment: Fulfillment) -> None:
    """Write a fulfillment."""
    await session.insert(fulfillments, as_row(fulfillment))


async def change(session: WriteSession, seen: Fulfillment, at: datetime, **values: Any) -> bool:
    """Change a fulfillment as it was read; False if it has changed since."""
    columns = fulfillments.c
    same = update(fulfillments).where(
        columns.id == seen.id, columns.version == seen.version, columns.status == seen.status
    )
    changed = same.values(version=seen.version + 1, updated_at=at, **values)
    return await session.update(changed) == 1

"""Returns: goods that come back to one merchant."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import fields
from datetime import datetime
from enum import Enum
from typing import Any

from sqlalchemy import BigInteger, Column, Index, Table, bindparam, select, update

from stores.columns import Instant, Plain, as_row, id_column, key, metadata, prose
from stores.kept import among
from stores.order_numbers import LENGTH
from stores.rows import row
from stores.sql import ReadSession, WriteSession

order_returns = Table(
    "order_returns",
    metadata,
    id_column(),
    Column("version", BigInteger, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("number", key(LENGTH), nullable=False),
    Column("merchant_id", BigInteger, nullable=False),
    Column("status", key(20), nullable=False),
    Column("reason", prose(), nullable=False),
    Column("lines", Plain, nullable=False),
    Column("received", Plain, nullable=False),
    Column("restocked", Plain, nullable=False),
    Column("note", prose(), nullable=True),
    # A refund belongs to one return.
    Column("refund_id", BigInteger, nullable=True, unique=True),
    Index("ix_order_returns_number_id", "number", "id"),
)


class ReturnStatus(Enum):
    """Life cycle of a return."""

    REQUESTED = "REQUESTED"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    RECEIVED = "RECEIVED"
    CLOSED = "CLOSED"


@row
class OrderReturn:
    """Goods that come back; each list of lines is `[[id of a line, units], …]`."""

    id: int
    version: int
    updated_at: datetime
    number: str
    merchant_id: int
    status: str
    reason: str
    #: What was asked for, what of it came, and what of that is on sale again.
    lines: list[list[int]]
    received: list[list[int]]
    restocked: list[list[int]]
    note: str | None = None
    refund_id: int | None = None

    def units(self) -> dict[int, int]:
        """Return how many units of each line were asked for."""
        return {line_id: units for line_id, units in self.lines}  # noqa: C416  Lists, not pairs.


_COLUMNS = [order_returns.c[field.name] for field in fields(OrderReturn)]
_BY_IDS = select(*_COLUMNS).where(among(order_returns.c.id, "ids"))
_BY_NUMBERS = (
    select(*_COLUMNS)
    .where(among(order_returns.c.number, "numbers"))
    .order_by(order_returns.c.number, order_returns.c.id)
)
_BY_REFUND = select(*_COLUMNS).where(order_returns.c.refund_id == bindparam("refund"))


async def by_ids(session: ReadSession, ids: Collection[int]) -> dict[int, OrderReturn]:
    """Return the returns that exist, by id."""
    return {one.id: one for one in await session.rows(OrderReturn, _BY_IDS, {"ids": list(ids)})}


async def by_numbers(
    session: ReadSession, numbers: Collection[str]
) -> dict[str, list[OrderReturn]]:
    """Return the returns of each order, the oldest first."""
    found: dict[str, list[OrderReturn]] = defaultdict(list)
    for one in await session.rows(OrderReturn, _BY_NUMBERS, {"numbers": list(numbers)}):
        found[one.number].append(one)
    return found


async def by_refund(session: ReadSession, refund_id: int) -> OrderReturn | None:
    """Return the return that a refund is for, None if it is for none."""
    return await session.row(OrderReturn, _BY_REFUND, {"refund": refund_id})


async def add(session: WriteSession, *new: OrderReturn) -> None:
    """Write returns."""
    await session.insert(order_returns, *map(as_row, new))


async def change(session: WriteSession, seen: OrderReturn, at: datetime, **values: Any) -> bool:
    """Change a return as it was read; False if it has changed since."""
    columns = order_returns.c
    same = update(order_returns).where(
        columns.id == seen.id, columns.version == seen.version, columns.status == seen.status
    )
    changed = same.values(version=seen.version + 1, updated_at=at, **values)
    return await session.update(changed) == 1

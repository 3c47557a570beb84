"""What somebody has bought."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import bindparam, select

from stores.kept import among
from stores.orders import OrderStatus, order_lines, orders
from stores.sql import ReadSession

_BOUGHT_PAGES = (
    select(order_lines.c.snapshot_id)
    .select_from(order_lines.join(orders, orders.c.number == order_lines.c.number))
    .where(among(order_lines.c.snapshot_id, "ids"), orders.c.user_id == bindparam("user"))
    .distinct()
)
_HAS_BOUGHT = (
    select(orders.c.number)
    .where(
        orders.c.user_id == bindparam("user"),
        orders.c.status.not_in([OrderStatus.CANCELLED.value, OrderStatus.EXPIRED.value]),
    )
    .limit(1)
)
_LAST = (
    select(orders.c.number)
    .where(orders.c.user_id == bindparam("user"), orders.c.placed_at >= bindparam("since"))
    .order_by(orders.c.placed_at.desc(), orders.c.number.desc())
    .limit(bindparam("limit"))
)


async def bought_pages(session: ReadSession, user_id: int, ids: Collection[int]) -> set[int]:
    """Return which of these snapshots stand in orders of a user."""
    return set(await session.rows(int, _BOUGHT_PAGES, {"ids": list(ids), "user": user_id}))


async def newest(session: ReadSession, user_id: int, since: datetime, limit: int) -> list[str]:
    """Return the numbers of what a user ordered last, but not before an instant."""
    return await session.rows(str, _LAST, {"user": user_id, "since": since, "limit": limit})


async def has_bought(session: ReadSession, user_id: int) -> bool:
    """Return whether a user has an order that was not called off."""
    return await session.row(str, _HAS_BOUGHT, {"user": user_id}) is not None

"""Changes of orders, each compared with what was read: whoever comes second is told."""

from datetime import datetime
from typing import Any

from sqlalchemy import update

from stores.orders import Order, OrderStatus, PaymentStatus, orders
from stores.sql import WriteSession


async def move(session: WriteSession, order: Order, to: OrderStatus, now: datetime) -> bool:
    """Change the status of an order as it was read; False if it has changed since."""
    columns = orders.c
    statement = update(orders).where(
        columns.number == order.number,
        columns.version == order.version,
        columns.status == order.status,
    )
    changed = statement.values(
        status=to.value, version=order.version + 1, updated_at=now, expires_at=None
    )
    return await session.update(changed) == 1


async def touch(session: WriteSession, order: Order, at: datetime, **values: Any) -> bool:
    """Change an order as it was read, not its status; False if it has changed since."""
    columns = orders.c
    same = update(orders).where(columns.number == order.number, columns.version == order.version)
    changed = same.values(version=order.version + 1, updated_at=at, **values)
    return await session.update(changed) == 1


async def step(
    session: WriteSession, order: Order, at: datetime, *, events: int, **values: Any
) -> bool:
    """Change an order as it was read, told by so many events; False if it has changed since.

    The version counts the events of an order, so that it moves on by as many.
    """
    columns = orders.c
    same = update(orders).where(
        columns.number == order.number,
        columns.version == order.version,
        columns.status == order.status,
    )
    changed = same.values(version=order.version + events, updated_at=at, **values)
    return await session.update(changed) == 1


async def hold(session: WriteSession, order: Order) -> bool:
    """Let nobody else change an order until the transaction ends; False if it has changed since."""
    columns = orders.c
    same = update(orders).where(columns.number == order.number, columns.version == order.version)
    # A row that is left as it is, is locked as well.
    return await session.update(same.values(version=order.version)) == 1


async def take_money(session: WriteSession, number: str, amount_minor: int) -> bool:
    """Count money that came for an order; False if it wants none, or less, by now."""
    columns = orders.c
    statement = update(orders).where(
        columns.number == number,
        columns.status == OrderStatus.PENDING_PAYMENT.value,
        columns.paid_minor + amount_minor <= columns.total_minor,
    )
    return await session.update(statement.values(paid_minor=columns.paid_minor + amount_minor)) == 1


async def mark(session: WriteSession, number: str, payment_status: PaymentStatus) -> None:
    """Say where the payment of an order stands."""
    statement = update(orders).where(orders.c.number == number)
    await session.update(statement.values(payment_status=payment_status.value))

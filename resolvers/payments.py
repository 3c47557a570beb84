"""Reading payments: of an order as a whole, or into a balance."""

from collections import Counter
from collections.abc import Sequence

from resolvers import orders as order_reading
from resolvers.context import Context
from resolvers.owners import ids_of, numbers_of
from stores.payment_events import PaymentEvent
from stores.payments import Payment
from stores.refunds import Refund, RefundStatus
from stores.users import Role


async def by_ids(ctx: Context, ids: Sequence[int]) -> list[Payment | None]:
    """Return each payment, None for one that is missing or that the viewer may not see.

    That of an order is seen by whoever sees all of the order.
    """
    rows = await ctx.loaders.payments.by_id.many(ids)
    whole = await _whole(ctx, numbers_of(rows, lambda row: row.number))
    return [row if row and _may_see(ctx, row, whole) else None for row in rows]


async def of_orders(ctx: Context, numbers: Sequence[str]) -> list[list[Payment] | None]:
    """Return the payments of each order, None for one that the viewer does not see all of."""
    whole = await _whole(ctx, numbers)
    shown = [number for number in numbers if number in whole]
    found = dict(zip(shown, await ctx.loaders.payments.of_order.many(shown), strict=True))
    return [found.get(number) for number in numbers]


async def events(ctx: Context, ids: Sequence[int]) -> list[list[PaymentEvent]]:
    """Return the events of each payment, the oldest first; the caller has seen that it may."""
    return await ctx.loaders.payments.events.many(ids)


async def events_by_ids(ctx: Context, ids: Sequence[int]) -> list[PaymentEvent | None]:
    """Return each event, None for one that is missing or whose payment may not be seen."""
    rows = await ctx.loaders.payments.event_by_id.many(ids)
    payments = await by_ids(ctx, ids_of(rows, lambda row: row.payment_id))
    seen = {one.id for one in payments if one}
    return [row if row and row.payment_id in seen else None for row in rows]


async def refunds(ctx: Context, ids: Sequence[int]) -> list[list[Refund]]:
    """Return the refunds of each payment, the oldest first; the caller has seen that it may."""
    return await ctx.loaders.payments.refunds.many(ids)


async def refunds_by_ids(ctx: Context, ids: Sequence[int]) -> list[Refund | None]:
    """Return each refund, None for one that is missing or whose payment may not be seen."""
    rows = await ctx.loaders.payments.refund_by_id.many(ids)
    payments = await by_ids(ctx, ids_of(rows, lambda row: row.payment_id))
    seen = {one.id for one in payments if one}
    return [row if row and row.payment_id in seen else None for row in rows]


async def refunded_units(ctx: Context, numbers: Sequence[str]) -> list[Counter[int]]:
    """Return the units of each order's lines for which refunds were begun; by id of the line.

    The caller has seen that it may see the lines.
    """
    found = await ctx.loaders.payments.refunds_of_order.many(numbers)
    return [_units(rows) for rows in found]


def _units(rows: Sequence[Refund]) -> Counter[int]:
    units: Counter[int] = Counter()
    for row in rows:
        if row.status != RefundStatus.FAILED.value:
            units.update({line_id: some for line_id, some in row.lines})  # noqa: C416  Lists.
    return units


async def _whole(ctx: Context, numbers: Sequence[str]) -> set[str]:
    seen = await order_reading.by_numbers(ctx, list(dict.fromkeys(numbers)))
    return {one.order.number for one in seen if one and one.is_whole}


def _may_see(ctx: Context, payment: Payment, whole: set[str]) -> bool:
    if payment.number is not None:
        return payment.number in whole
    viewer = ctx.viewer
    return viewer is not None and (viewer.id == payment.user_id or Role.OWNER in viewer.roles)

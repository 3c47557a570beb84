"""The stock of parcels: it leaves for an order, is called back, or comes back to be sold again."""

from collections import Counter
from dataclasses import replace

from resolvers.context import Context
from resolvers.line_quantities import Units
from stores import inventory, order_line_counts, parcels, reservations
from stores.drivers import Retryable
from stores.errors import LimitExceeded
from stores.inventory_errors import InsufficientStock
from stores.order_line_counts import Count
from stores.orders import Order
from stores.parcels import COMES_BACK, IS_CALLED_BACK, LEAVES, Errand, Parcel
from stores.reservations import RESERVE, Cause, ReservationState
from stores.sql import WriteSession

_KEPT = (ReservationState.COMMITTED.value, ReservationState.SHIPPED.value)


async def leave(
    session: WriteSession, ctx: Context, units: Units, cause: Cause, fulfillment_id: int
) -> None:
    """Let units leave the warehouse. Raises InsufficientStock where others of them were lost.

    The levels come last, as others wait for these rows.
    """
    found = await of(session, cause.number, units)
    for one in found:
        await _make_up(session, ctx, one, cause, fulfillment_id)
    if not await parcels.take_out(session, found):
        raise Retryable
    errand = Errand(LEAVES, cause, str(fulfillment_id), ctx.ids.next)
    if not await parcels.move(session, errand, found):
        raise Retryable


async def call_back(
    session: WriteSession, ctx: Context, units: Units, cause: Cause, fulfillment_id: int
) -> None:
    """Take units in that are on their way, and keep them for their order again."""
    found = await of(session, cause.number, units)
    if not await parcels.put_back(session, found):
        raise Retryable
    errand = Errand(IS_CALLED_BACK, cause, str(fulfillment_id), ctx.ids.next)
    await _come_back(session, errand, found)


async def come_back(
    session: WriteSession, ctx: Context, units: Units, cause: Cause, return_id: int
) -> None:
    """Take units in that were sent back, to be sold again."""
    found = await of(session, cause.number, units)
    errand = Errand(COMES_BACK, cause, str(return_id), ctx.ids.next)
    await _come_back(session, errand, found)


async def count(session: WriteSession, how: Count, units: Units) -> None:
    """Count units of lines. Whoever comes second starts again."""
    told = {line.id: some for line, some in units}
    if not await order_line_counts.count(session, how, told):
        raise Retryable


async def warehouse_of(session: WriteSession, order: Order, units: Units) -> int:
    """Return the warehouse that units of one merchant are kept in for an order."""
    found = await of(session, order.number, units)
    return found[0].kept.warehouse_id


async def of(session: WriteSession, number: str, units: Units) -> list[Parcel]:
    """Return the units by the level that they were taken from; two lines may share one."""
    kept = await reservations.by_number(session, number)
    by_variant = {one.variant_id: one for one in kept if one.state in _KEPT}
    counted: Counter[int] = Counter()
    products = {}
    for line, some in units:
        counted[line.variant_id] += some
        products[line.variant_id] = line.product_id
    return [
        Parcel(by_variant[variant_id], some, products[variant_id])
        for variant_id, some in sorted(counted.items())
    ]


async def _make_up(
    session: WriteSession, ctx: Context, one: Parcel, cause: Cause, fulfillment_id: int
) -> None:
    """Keep units anew that were kept before, and were lost on their way."""
    kept = one.kept
    missing = one.units - (kept.quantity - kept.shipped_quantity)
    if missing <= 0:
        return
    await parcels.grow(session, kept, missing)
    more = replace(kept, id=fulfillment_id, quantity=missing, expires_at=None, shipped_quantity=0)
    once = f"{RESERVE}:{fulfillment_id}:{kept.level_id}"
    await reservations.record(session, [more], RESERVE, cause, ctx.ids.next, once=once)
    if not await reservations.take(session, kept.level_id, missing):
        left = (await inventory.available(session, [kept.variant_id])).get(kept.variant_id, 0)
        raise InsufficientStock(kept.variant_id, missing, left, ("lines",))


async def _come_back(session: WriteSession, errand: Errand, found: list[Parcel]) -> None:
    if found and not await parcels.move(session, errand, found):
        reason = "A level has no room for that many units; correct the stock first."
        raise LimitExceeded(reason, ("lines",))

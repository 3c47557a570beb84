"""updateFulfillment, confirmDelivery and cancelFulfillment: what becomes of goods on their way."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from resolvers import order_parcels
from resolvers.commands import UNCHANGED, Unchanged, check, check_text, or_else
from resolvers.context import STAFF, Context
from resolvers.fulfillments import decided
from resolvers.mutations import Mutation, Targets
from resolvers.order_shipping import after
from resolvers.order_steps import Advance, Happening, advance, status_by
from stores import fulfillments
from stores.drivers import Retryable
from stores.errors import Invalid, NotAllowed, Required, TransitionForbidden
from stores.fulfillments import CARRIER_LENGTH, TRACKING_LENGTH, Fulfillment, FulfillmentStatus
from stores.order_events import OrderEventKind
from stores.order_line_counts import Count
from stores.orders import Order, OrderStatus
from stores.reservations import Cause
from stores.sql import WriteSession

REASON_LENGTH = 1_000

#: What a fulfillment may become from each status.
TRANSITIONS: Mapping[FulfillmentStatus, tuple[FulfillmentStatus, ...]] = {
    FulfillmentStatus.SHIPPED: (FulfillmentStatus.DELIVERED, FulfillmentStatus.CANCELLED),
    FulfillmentStatus.DELIVERED: (),
    FulfillmentStatus.CANCELLED: (),
}


@dataclass(frozen=True, slots=True)
class UpdateFulfillment:
    """Correct how goods travel; what is UNCHANGED stays, None clears."""

    fulfillment_id: int
    version: int
    carrier: str | Unchanged | None = UNCHANGED
    tracking_number: str | Unchanged | None = UNCHANGED

    def __post_init__(self) -> None:
        """Raise a Refusal for what no parcel has."""
        if self.carrier is UNCHANGED and self.tracking_number is UNCHANGED:
            raise Required("Send a carrier, a tracking number, or both.")
        for text, field, longest in (
            (self.carrier, "carrier", CARRIER_LENGTH),
            (self.tracking_number, "trackingNumber", TRACKING_LENGTH),
        ):
            if isinstance(text, str):
                check_text(text, field, longest)


@dataclass(frozen=True, slots=True)
class ConfirmDelivery:
    """Goods arrived; now for None."""

    fulfillment_id: int
    version: int
    delivered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CancelFulfillment:
    """Goods did not reach the shopper; they are back in the warehouse, or are lost."""

    fulfillment_id: int
    version: int
    reason: str
    is_restocked: bool

    def __post_init__(self) -> None:
        """Raise Invalid unless there is a reason."""
        is_told = self.reason.strip() != "" and len(self.reason) <= REASON_LENGTH
        check(is_told, f"A reason has 1 to {REASON_LENGTH} characters.", "reason")


def check_step(row: Fulfillment, to: FulfillmentStatus) -> None:
    """Raise TransitionForbidden unless a fulfillment may become that."""
    if to not in TRANSITIONS[FulfillmentStatus(row.status)]:
        raise TransitionForbidden("fulfillment", row.status, to.value)


async def _update(
    session: WriteSession, ctx: Context, wanted: UpdateFulfillment, _targets: Targets
) -> None:
    row, order, _ = await decided(session, ctx, wanted.fulfillment_id, wanted.version)
    if row.status == FulfillmentStatus.CANCELLED.value:
        raise TransitionForbidden("fulfillment", row.status, "a correction")
    told: dict[str, Any] = {
        "carrier": or_else(wanted.carrier, row.carrier),
        "tracking_number": or_else(wanted.tracking_number, row.tracking_number),
    }
    step = Advance(OrderStatus(order.status), ctx.require(STAFF).id, ctx.clock())
    await change(session, ctx, order, row, step, **told)


async def _deliver(
    session: WriteSession, ctx: Context, wanted: ConfirmDelivery, _targets: Targets
) -> None:
    row, order, _ = await decided(session, ctx, wanted.fulfillment_id, wanted.version)
    check_step(row, FulfillmentStatus.DELIVERED)
    now = ctx.clock()
    at = wanted.delivered_at or now
    if not row.shipped_at <= at <= now:
        reason = "Goods arrive after they were shipped, and not in the future."
        raise Invalid(reason, ("deliveredAt",))
    told: dict[str, Any] = {"status": FulfillmentStatus.DELIVERED.value, "delivered_at": at}
    step = Advance(OrderStatus(order.status), ctx.require(STAFF).id, now)
    await change(session, ctx, order, row, step, **told)


async def _cancel(
    session: WriteSession, ctx: Context, wanted: CancelFulfillment, _targets: Targets
) -> None:
    row, order, lines = await decided(session, ctx, wanted.fulfillment_id, wanted.version)
    check_step(row, FulfillmentStatus.CANCELLED)
    held = row.units()
    units = [(line, held[line.id]) for line in lines if line.id in held]
    if any(line.returnable < some for line, some in units):
        raise NotAllowed("A return is under way for some of these goods; decide on that first.")
    told: dict[str, Any] = {
        "status": FulfillmentStatus.CANCELLED.value,
        "is_restocked": wanted.is_restocked,
    }
    to = status_by(after(lines, units, sign=-1))
    step = Advance(to, ctx.require(STAFF).id, ctx.clock())
    await change(session, ctx, order, row, step, note=wanted.reason.strip(), **told)
    await order_parcels.count(session, Count.CALL_BACK, units)
    if wanted.is_restocked:
        cause = Cause(order.number, step.actor_id, step.at)
        await order_parcels.call_back(session, ctx, units, cause, row.id)


async def change(  # noqa: PLR0913  What changes, of which order, and what is told of it.
    session: WriteSession,
    ctx: Context,
    order: Order,
    row: Fulfillment,
    step: Advance,
    *,
    note: str | None = None,
    **values: Any,
) -> None:
    """Change a fulfillment as it was read, and tell it of its order."""
    kind = OrderEventKind.FULFILLMENT_CHANGED
    told = Happening(kind, note, merchant_id=row.merchant_id, fulfillment_id=row.id)
    await advance(session, ctx, order, step, told)
    if not await fulfillments.change(session, row, step.at, **values):
        raise Retryable


def _targets(
    _ctx: Context, wanted: UpdateFulfillment | ConfirmDelivery | CancelFulfillment
) -> Targets:
    return {"fulfillment": wanted.fulfillment_id}


UPDATE_FULFILLMENT = Mutation(
    name="updateFulfillment", roles=STAFF, kind="Fulfillment", targets=_targets, rule=_update
)
CONFIRM_DELIVERY = Mutation(
    name="confirmDelivery", roles=STAFF, kind="Fulfillment", targets=_targets, rule=_deliver
)
CANCEL_FULFILLMENT = Mutation(
    name="cancelFulfillment", roles=STAFF, kind="Fulfillment", targets=_targets, rule=_cancel
)

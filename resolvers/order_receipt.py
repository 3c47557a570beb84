"""confirmReceipt: the shopper has the goods, and the order is complete."""

from dataclasses import dataclass

from resolvers import order_states, versions_after
from resolvers import orders as reading
from resolvers.context import SHOPPER, Context
from resolvers.mutations import Mutation, Targets
from resolvers.order_steps import Advance, Happening, advance
from stores import fulfillments, orders
from stores.drivers import Retryable
from stores.errors import NotFound, TransitionForbidden, VersionConflict
from stores.fulfillments import Fulfillment, FulfillmentStatus
from stores.order_events import OrderEventKind
from stores.orders import Order, OrderStatus
from stores.sql import WriteSession


@dataclass(frozen=True, slots=True)
class ConfirmReceipt:
    """Complete the order of a number, as it was read at this version."""

    number: str
    version: int


async def _confirm(
    session: WriteSession, ctx: Context, wanted: ConfirmReceipt, _targets: Targets
) -> None:
    viewer = ctx.require(SHOPPER)
    order = (await orders.by_numbers(session, [wanted.number])).get(wanted.number)
    if order is None or order.user_id != viewer.id:
        raise NotFound("order", ("orderId",))
    if order.version != wanted.version:
        lines = (await orders.lines_by_number(session, [wanted.number]))[wanted.number]
        raise VersionConflict("Order", order.version, reading.SeenOrder.by(ctx, order, lines))
    if not order_states.allows(order, OrderStatus.COMPLETED):
        raise TransitionForbidden("order", order.status, OrderStatus.COMPLETED.value)
    await complete(session, ctx, order, viewer.id)


async def complete(session: WriteSession, ctx: Context, order: Order, actor_id: int | None) -> None:
    """Complete an order as it was read, with whatever of it is on its way; the shop is nobody.

    Whoever comes second starts again. Raises TransitionForbidden.
    """
    sent = (await fulfillments.by_numbers(session, [order.number])).get(order.number, [])
    arrived = [one for one in sent if one.status == FulfillmentStatus.SHIPPED.value]
    step = Advance(OrderStatus.COMPLETED, actor_id, ctx.clock())
    await advance(session, ctx, order, step, *map(_happening, arrived))
    for one in arrived:
        told = {"status": FulfillmentStatus.DELIVERED.value, "delivered_at": step.at}
        if not await fulfillments.change(session, one, step.at, **told):
            raise Retryable


def _happening(one: Fulfillment) -> Happening:
    kind = OrderEventKind.FULFILLMENT_CHANGED
    return Happening(kind, merchant_id=one.merchant_id, fulfillment_id=one.id)


CONFIRM_RECEIPT = Mutation(
    name="confirmReceipt",
    roles=SHOPPER,
    kind="Order",
    targets=lambda _ctx, wanted: {"order": int(wanted.number)},
    rule=_confirm,
    version_after=versions_after.of_order,
    is_personal=True,
)

"""cancelOrder: an order that is not shipped yet is called off, and its stock comes back once."""

from dataclasses import dataclass

from resolvers import order_states
from resolvers import orders as reading
from resolvers.commands import check
from resolvers.context import EVERYONE, Context
from resolvers.mutations import Mutation, Targets
from resolvers.order_states import Step
from stores import orders
from stores.errors import NotAllowed, NotFound, TransitionForbidden, VersionConflict
from stores.orders import OrderStatus
from stores.sql import WriteSession

REASON_LENGTH = 1_000


@dataclass(frozen=True, slots=True)
class CancelOrder:
    """Call off the order of a number, as it was read at this version."""

    number: str
    version: int
    reason: str

    def __post_init__(self) -> None:
        """Raise Invalid unless there is a reason."""
        is_told = self.reason.strip() != "" and len(self.reason) <= REASON_LENGTH
        message = f"A reason has 1 to {REASON_LENGTH} characters."
        check(is_told, message, "reason")


async def _cancel(
    session: WriteSession, ctx: Context, wanted: CancelOrder, _targets: Targets
) -> None:
    viewer = ctx.require(EVERYONE)
    order = (await orders.by_numbers(session, [wanted.number])).get(wanted.number)
    lines = (await orders.lines_by_number(session, [wanted.number])).get(wanted.number, [])
    if order is None or not reading.may_see(ctx, order, lines):
        raise NotFound("order", ("orderId",))
    if not reading.may_decide(ctx, order, lines):
        raise NotAllowed("Other merchants have lines in this order; the owner may cancel it.")
    if order.version != wanted.version:
        seen = reading.SeenOrder.by(ctx, order, lines)
        raise VersionConflict("Order", order.version, seen)
    if not order_states.allows(order, OrderStatus.CANCELLED):
        raise TransitionForbidden("order", order.status, OrderStatus.CANCELLED.value)
    step = Step(OrderStatus.CANCELLED, viewer.id, ctx.clock(), wanted.reason.strip())
    await order_states.end(session, order, step, ctx.ids.next)


CANCEL_ORDER = Mutation(
    name="cancelOrder",
    roles=EVERYONE,
    kind="Order",
    targets=lambda _ctx, wanted: {"order": int(wanted.number)},
    rule=_cancel,
    is_personal=True,
)

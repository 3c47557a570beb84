"""releaseReservation: stock kept for an order that will not come is sold again.

An order whose stock is gone can never be delivered. So the unpaid order ends with it, in the one
way in which orders end, and all that was kept for it is given back.
"""

from dataclasses import dataclass

from resolvers import order_states
from resolvers import orders as reading
from resolvers.commands import check
from resolvers.context import STAFF, Context
from resolvers.mutations import Mutation, Targets
from resolvers.order_states import Step
from resolvers.products import is_staff_of
from stores import orders, reservation_lists, warehouses
from stores.drivers import Retryable
from stores.errors import NotAllowed, NotFound, TransitionForbidden
from stores.orders import Order, OrderStatus
from stores.reservations import Reservation, ReservationState
from stores.sql import WriteSession

REASON_LENGTH = 1_000


@dataclass(frozen=True, slots=True)
class ReleaseReservation:
    """Give back what is kept for an order that will not come."""

    reservation_id: int
    reason: str

    def __post_init__(self) -> None:
        """Raise Invalid unless there is a reason."""
        is_told = self.reason.strip() != "" and len(self.reason) <= REASON_LENGTH
        check(is_told, f"A reason has 1 to {REASON_LENGTH} characters.", "reason")


async def _release(
    session: WriteSession, ctx: Context, wanted: ReleaseReservation, _targets: Targets
) -> None:
    kept = await _kept(session, ctx, wanted.reservation_id)
    if kept.state != ReservationState.ACTIVE.value:
        raise TransitionForbidden("reservation", kept.state, ReservationState.RELEASED.value)
    order = await _order(session, ctx, kept)
    if order.status != OrderStatus.PENDING_PAYMENT.value:
        # It was paid, or ended, between the two reads.
        raise Retryable
    step = Step(OrderStatus.CANCELLED, ctx.require(STAFF).id, ctx.clock(), wanted.reason.strip())
    await order_states.end(session, order, step, ctx.ids.next)


async def _kept(session: WriteSession, ctx: Context, id_: int) -> Reservation:
    kept = (await reservation_lists.by_ids(session, [id_])).get(id_)
    if kept is not None:
        home = (await warehouses.by_ids(session, [kept.warehouse_id])).get(kept.warehouse_id)
        if home is not None and is_staff_of(ctx, home.merchant_id):
            return kept
    raise NotFound("reservation", ("reservationId",))


async def _order(session: WriteSession, ctx: Context, kept: Reservation) -> Order:
    order = (await orders.by_numbers(session, [kept.number]))[kept.number]
    lines = (await orders.lines_by_number(session, [kept.number])).get(kept.number, [])
    if not reading.may_decide(ctx, order, lines):
        raise NotAllowed("Other merchants have lines in this order; the owner may release it.")
    return order


RELEASE_RESERVATION = Mutation(
    name="releaseReservation",
    roles=STAFF,
    kind="Reservation",
    targets=lambda _ctx, wanted: {"reservation": wanted.reservation_id},
    rule=_release,
)

"""How orders end before they are shipped: one way for everybody who ends them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from stores import order_events, orders, outbox, reservations
from stores.drivers import Retryable
from stores.order_events import OrderEvent, OrderEventKind
from stores.orders import Order, OrderStatus
from stores.outbox import Event
from stores.reservations import HELD, RELEASE, Cause, Reservation, ReservationState
from stores.sql import WriteSession

#: Topics of the events of orders.
PLACED, CHANGED = "order.placed", "order.changed"

#: What an order may become from each status.
TRANSITIONS: dict[OrderStatus, tuple[OrderStatus, ...]] = {
    OrderStatus.PENDING_PAYMENT: (OrderStatus.CANCELLED, OrderStatus.EXPIRED),
    OrderStatus.PAID: (OrderStatus.CANCELLED,),
    OrderStatus.CANCELLED: (),
    OrderStatus.EXPIRED: (),
}
_RELEASED_AS = {
    OrderStatus.CANCELLED: ReservationState.RELEASED,
    OrderStatus.EXPIRED: ReservationState.EXPIRED,
}


@dataclass(frozen=True, slots=True)
class Step:
    """Who ends an order, when and why; no actor is the system itself."""

    to: OrderStatus
    actor_id: int | None
    at: datetime
    note: str | None = None


def allows(order: Order, to: OrderStatus) -> bool:
    """Return whether an order may become that."""
    return to in TRANSITIONS[OrderStatus(order.status)]


async def end(session: WriteSession, order: Order, step: Step, new_id: Callable[[], int]) -> None:
    """Move an order as it was read to its end, and give back what was kept for it, once.

    Whoever comes second starts again, and sees what the first one did.
    """
    if not await orders.move(session, order, step.to, step.at):
        raise Retryable
    await order_events.append(session, _event(order, step, new_id()))
    held = await _let_go(session, order, _RELEASED_AS[step.to])
    await outbox.append(session, _told(order, step, held, new_id()))
    cause = Cause(order.number, step.actor_id, step.at)
    await reservations.record(session, held, RELEASE, cause, new_id)
    # Last, as others wait for these rows.
    for one in in_order(held):
        await reservations.give_back(session, one.level_id, one.quantity)


def in_order(kept: Sequence[Reservation]) -> list[Reservation]:
    """Return reservations in the one order in which everybody locks their levels."""
    return sorted(kept, key=lambda one: (one.variant_id, one.warehouse_id))


async def _let_go(session: WriteSession, order: Order, to: ReservationState) -> list[Reservation]:
    states = [state.value for state in HELD]
    kept = await reservations.by_number(session, order.number)
    held = [one for one in kept if one.state in states]
    return [one for one in held if await reservations.move(session, one, to, None)]


def _told(order: Order, step: Step, held: Sequence[Reservation], id_: int) -> Event:
    """Return what the other stores are told of: the units that can be bought again."""
    body: dict[str, object] = {
        "user": order.user_id,
        "status": step.to.value,
        "units": {str(one.variant_id): one.quantity for one in held},
    }
    return Event(id_, CHANGED, f"Order:{order.number}", order.version + 1, body, step.at)


def _event(order: Order, step: Step, id_: int) -> OrderEvent:
    return OrderEvent(
        id=id_,
        number=order.number,
        sequence=order.version + 1,
        kind=OrderEventKind.STATUS_CHANGED.value,
        occurred_at=step.at,
        actor_id=step.actor_id,
        from_status=order.status,
        to_status=step.to.value,
        note=step.note,
    )

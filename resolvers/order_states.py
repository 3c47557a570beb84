"""How orders go from one status to another: one way for everybody who moves them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from resolvers import order_discounts, order_stock
from stores import order_events, order_moves, outbox, payments
from stores.drivers import Retryable
from stores.order_events import OrderEvent, OrderEventKind
from stores.orders import Order, OrderStatus
from stores.outbox import Event
from stores.reservations import Cause, Reservation, ReservationState
from stores.sql import WriteSession

#: Topics of the events of orders.
PLACED, CHANGED = "order.placed", "order.changed"

#: What an order may become from each status.
TRANSITIONS: dict[OrderStatus, tuple[OrderStatus, ...]] = {
    OrderStatus.PENDING_PAYMENT: (OrderStatus.PAID, OrderStatus.CANCELLED, OrderStatus.EXPIRED),
    OrderStatus.PAID: (
        OrderStatus.PARTIALLY_SHIPPED,
        OrderStatus.SHIPPED,
        OrderStatus.CANCELLED,
    ),
    # Back, if a parcel is called back.
    OrderStatus.PARTIALLY_SHIPPED: (OrderStatus.SHIPPED, OrderStatus.PAID),
    OrderStatus.SHIPPED: (OrderStatus.PARTIALLY_SHIPPED, OrderStatus.PAID, OrderStatus.COMPLETED),
    OrderStatus.COMPLETED: (),
    OrderStatus.CANCELLED: (),
    OrderStatus.EXPIRED: (),
}
_RELEASED_AS = {
    OrderStatus.CANCELLED: ReservationState.RELEASED,
    OrderStatus.EXPIRED: ReservationState.EXPIRED,
}


@dataclass(frozen=True, slots=True)
class Step:
    """What an order becomes, who did it, when and why; no actor is the system itself."""

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
    if not await order_moves.move(session, order, step.to, step.at):
        raise Retryable
    happened = status_event(order.number, order.version + 1, step, new_id(), order.status)
    await payments.give_back(session, order.number, step.at)
    held = await order_stock.let_go(session, order, _RELEASED_AS[step.to])
    await record(session, happened, _told(order, step, held, happened.id))
    cause = Cause(order.number, step.actor_id, step.at)
    await order_discounts.let_go(session, order, step.at)
    # Last, as others wait for these rows.
    await order_stock.give_back(session, held, cause, new_id)


async def record(session: WriteSession, happened: OrderEvent, told: Event) -> None:
    """Write what happened to an order, and what tells of it to whoever follows orders.

    Both have one id, by which the one is found that the other tells of. Nothing happens to an
    order without both.
    """
    if happened.id != told.id:
        raise ValueError("An event of an order and what tells of it have one id.")
    await order_events.append(session, happened)
    await outbox.append(session, told)


async def pay(session: WriteSession, order: Order, step: Step, new_id: Callable[[], int]) -> None:
    """Move an order as it was read to PAID: what is kept for it stays kept without an end."""
    if not allows(order, step.to) or not await order_moves.move(session, order, step.to, step.at):
        raise Retryable
    happened = status_event(order.number, order.version + 1, step, new_id(), order.status)
    await order_stock.commit(session, order)
    await record(session, happened, _told(order, step, (), happened.id))


def news(order: Order, happened: OrderEvent) -> Event:
    """Return what tells of something that left the status and the stock of an order as it was."""
    step = Step(OrderStatus(order.status), happened.actor_id, happened.occurred_at)
    return _told(order, step, (), happened.id)


def status_event(
    number: str, sequence: int, step: Step, id_: int, before: str | None = None
) -> OrderEvent:
    """Return the event of a step; an order that is placed has no status before."""
    return OrderEvent(
        id=id_,
        number=number,
        sequence=sequence,
        kind=OrderEventKind.STATUS_CHANGED.value,
        occurred_at=step.at,
        actor_id=step.actor_id,
        from_status=before,
        to_status=step.to.value,
        note=step.note,
    )


def _told(order: Order, step: Step, held: Sequence[Reservation], id_: int) -> Event:
    """Return what the other stores are told of: the units that can be bought again.

    Its id is that of the order's own event: so whoever follows an order finds what happened.
    """
    body: dict[str, object] = {
        "user": order.user_id,
        "status": step.to.value,
        "units": {str(one.variant_id): one.quantity for one in held},
    }
    return Event(id_, CHANGED, f"Order:{order.number}", order.version + 1, body, step.at)

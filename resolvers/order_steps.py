"""One step of an order's life: what it becomes, what is told of it, all at one version.

Every event of an order moves its version on by one, so that none is lost and none is told twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from resolvers import order_states
from resolvers.context import Context
from stores import order_moves
from stores.drivers import Retryable
from stores.errors import TransitionForbidden
from stores.order_events import OrderEvent, OrderEventKind
from stores.orders import Order, OrderLine, OrderStatus
from stores.outbox import Event
from stores.sql import WriteSession


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that is told of an order, besides its status; of whose goods, if of anybody's."""

    kind: OrderEventKind
    note: str | None = None
    merchant_id: int | None = None
    fulfillment_id: int | None = None
    return_id: int | None = None


@dataclass(frozen=True, slots=True)
class Advance:
    """What an order becomes, who does it and when; nobody is the shop itself."""

    to: OrderStatus
    actor_id: int | None
    at: datetime
    #: Told to the other stores, beside what they are always told.
    body: tuple[tuple[str, object], ...] = ()


async def advance(
    session: WriteSession,
    ctx: Context,
    order: Order,
    step: Advance,
    *happenings: Happening,
    **values: Any,
) -> None:
    """Change an order as it was read, with an event for each happening and for its new status.

    Whoever comes second starts again, and sees what the first one did. Raises
    TransitionForbidden.
    """
    has_moved = step.to.value != order.status
    if has_moved and not order_states.allows(order, step.to):
        raise TransitionForbidden("order", order.status, step.to.value)
    count = len(happenings) + has_moved
    told = {"status": step.to.value, **values}
    if not await order_moves.step(session, order, step.at, events=count, **told):
        raise Retryable
    for happened in _events(ctx, order, step, happenings):
        await order_states.record(session, happened, _told(order, step, happened))


def status_by(lines: Sequence[OrderLine]) -> OrderStatus:
    """Return the status of a paid order by what is shipped of its lines."""
    if all(line.unshipped == 0 for line in lines):
        return OrderStatus.SHIPPED
    is_begun = any(line.shipped_quantity for line in lines)
    return OrderStatus.PARTIALLY_SHIPPED if is_begun else OrderStatus.PAID


def _events(
    ctx: Context, order: Order, step: Advance, happenings: Sequence[Happening]
) -> list[OrderEvent]:
    found = [_event(ctx, order, step, one, place) for place, one in enumerate(happenings, 1)]
    if step.to.value != order.status:
        moved = order_states.Step(step.to, step.actor_id, step.at)
        sequence = order.version + len(happenings) + 1
        id_ = ctx.ids.next()
        found.append(
            order_states.status_event(order.number, sequence, moved, id_, before=order.status)
        )
    return found


def _event(ctx: Context, order: Order, step: Advance, of: Happening, place: int) -> OrderEvent:
    return OrderEvent(
        id=ctx.ids.next(),
        number=order.number,
        sequence=order.version + place,
        kind=of.kind.value,
        occurred_at=step.at,
        actor_id=step.actor_id,
        from_status=None,
        to_status=None,
        note=of.note,
        merchant_id=of.merchant_id,
        fulfillment_id=of.fulfillment_id,
        return_id=of.return_id,
    )


def _told(order: Order, step: Advance, happened: OrderEvent) -> Event:
    """Return what the other stores are told of; its id is that of the order's own event."""
    body: dict[str, object] = {"user": order.user_id, "status": step.to.value, "units": {}}
    aggregate = f"Order:{order.number}"
    told = body | dict(step.body)
    return Event(
        happened.id, order_states.CHANGED, aggregate, happened.sequence, told, happened.occurred_at
    )

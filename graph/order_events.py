"""What happened to orders."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Self

import strawberry

import resolvers.orders
import stores.order_events
from graph import nodes
from graph.batch import Batch, Info, lost
from graph.declare import attribute, extend, gql_enum, gql_type
from graph.directives import ListSize
from graph.nodes import Kind, Node
from graph.orders import Order
from graph.scalars import BigInt
from graph.users import USER, User
from resolvers.context import EVERYONE, Context
from stores.order_events import OrderEventKind
from stores.orders import OrderStatus

gql_enum(
    OrderEventKind,
    STATUS_CHANGED="The order went from one status to another.",
    EDITED="The address was changed.",
    NOTE_ADDED="Staff added a note; told to staff only.",
    FULFILLMENT_CHANGED="Goods left, arrived, or were called back.",
    RETURN_CHANGED="A return was asked for, decided, or taken in.",
    PAYMENT_FAILED="The provider refused a payment; another may be started.",
    REFUNDED="Money went back.",
)


@gql_type(roles=EVERYONE)
class OrderEvent(Node):
    """Something that happened to an order; never changes."""

    row: strawberry.Private[stores.order_events.OrderEvent]
    sequence: Annotated[BigInt, attribute("Place among the events of its order, from 1.")]
    kind: OrderEventKind
    occurred_at: datetime
    from_status: Annotated[OrderStatus | None, attribute("With STATUS_CHANGED.")]
    to_status: Annotated[OrderStatus | None, attribute("With STATUS_CHANGED.")]
    note: str | None

    @classmethod
    def of(cls, _ctx: Context, row: stores.order_events.OrderEvent) -> Self:
        """Show a row."""
        return cls(
            id=nodes.encode("OrderEvent", row.id),
            row=row,
            sequence=BigInt(row.sequence),
            kind=OrderEventKind(row.kind),
            occurred_at=row.occurred_at,
            from_status=_status(row.from_status),
            to_status=_status(row.to_status),
            note=row.note,
        )


def _status(name: str | None) -> OrderStatus | None:
    return None if name is None else OrderStatus(name)


ORDER_EVENT = Kind("OrderEvent", OrderEvent.of, resolvers.orders.events_by_ids)


@extend(Order, public=True, list_size=ListSize(assumed_size=20))
async def events(orders: Sequence[Order], info: Info) -> Batch[list[OrderEvent]]:
    """Oldest first."""
    ctx = info.context
    found = await resolvers.orders.events(ctx, [one.number for one in orders])
    return [[OrderEvent.of(ctx, row) for row in rows] for rows in found]


@extend(OrderEvent, public=True)
async def publish_sequence(events: Sequence[OrderEvent], info: Info) -> Batch[BigInt | None]:
    """Place among all events, given when it is sent out; see orderUpdated.

    Null for a moment before that, and when it is too old to begin there.
    """
    found = await resolvers.orders.publish_sequences(info.context, [one.row.id for one in events])
    return [None if sequence is None else BigInt(sequence) for sequence in found]


@extend(OrderEvent, public=True)
async def order(events: Sequence[OrderEvent], info: Info) -> Batch[Order]:
    """The order that it happened to."""
    ctx = info.context
    found = await resolvers.orders.by_numbers(ctx, [one.row.number for one in events])
    return [Order.of(ctx, seen) if seen else lost("An event", "an order") for seen in found]


@extend(OrderEvent, public=True)
async def actor(events: Sequence[OrderEvent], info: Info) -> Batch[User | None]:
    """Null if the system did it, or if the caller may not see who."""
    return await USER.many(info.context, [one.row.actor_id or 0 for one in events])

"""Goods that come back to one merchant."""

from collections.abc import Sequence
from typing import Annotated, Self

import strawberry

import resolvers.merchants
import resolvers.order_returns
import resolvers.orders
import resolvers.payments
import stores.order_returns
from graph import nodes
from graph.batch import Batch, Info, lost
from graph.declare import attribute, extend, gql_enum, gql_type
from graph.directives import ListSize
from graph.merchants import MERCHANT, Merchant
from graph.nodes import Kind, Node
from graph.order_events import OrderEvent
from graph.order_line_quantities import OrderLineQuantity, shown_units
from graph.orders import Order, OrderLine
from graph.refunds import REFUND, Refund
from graph.versions import Versioned
from resolvers.context import EVERYONE, Context
from stores.order_returns import ReturnStatus

gql_enum(
    ReturnStatus,
    REQUESTED="The shopper asked.",
    APPROVED="The shopper may send the goods.",
    REJECTED="The merchant said no, or the goods never came.",
    RECEIVED="The goods are back.",
    CLOSED="The money is back too.",
)


@gql_type(roles=EVERYONE)
class OrderReturn(Node, Versioned):
    """Goods that come back to one merchant."""

    row: strawberry.Private[stores.order_returns.OrderReturn]
    status: ReturnStatus
    reason: Annotated[str, attribute("In the shopper's words.")]
    note: Annotated[str | None, attribute("In the merchant's words.")]

    @classmethod
    def of(cls, _ctx: Context, row: stores.order_returns.OrderReturn) -> Self:
        """Show a row."""
        return cls(
            id=nodes.encode("OrderReturn", row.id),
            version=row.version,
            updated_at=row.updated_at,
            row=row,
            status=ReturnStatus(row.status),
            reason=row.reason,
            note=row.note,
        )


ORDER_RETURN = Kind("OrderReturn", OrderReturn.of, resolvers.order_returns.by_ids)


@extend(OrderReturn, public=True, name="order")
async def order_of_return(returns: Sequence[OrderReturn], info: Info) -> Batch[Order]:
    """The order that they were bought with."""
    ctx = info.context
    found = await resolvers.orders.by_numbers(ctx, [one.row.number for one in returns])
    return [Order.of(ctx, seen) if seen else lost("A return", "an order") for seen in found]


@extend(OrderReturn, public=True, name="merchant")
async def merchant_of_return(returns: Sequence[OrderReturn], info: Info) -> Batch[Merchant]:
    """Whom they come back to."""
    ctx = info.context
    found = await resolvers.merchants.by_ids(ctx, [one.row.merchant_id for one in returns])
    return [MERCHANT.show(ctx, row) for row in found]


@extend(OrderReturn, public=True, name="lines", list_size=ListSize(assumed_size=10))
async def lines_of_return(
    returns: Sequence[OrderReturn], info: Info
) -> Batch[list[OrderLineQuantity]]:
    """What was asked for."""
    return await shown_units(info, [one.row.lines for one in returns])


@extend(OrderReturn, public=True, list_size=ListSize(assumed_size=10))
async def received_lines(
    returns: Sequence[OrderReturn], info: Info
) -> Batch[list[OrderLineQuantity]]:
    """What of it came back; empty before."""
    return await shown_units(info, [one.row.received for one in returns])


@extend(OrderReturn, public=True, list_size=ListSize(assumed_size=10))
async def restocked_lines(
    returns: Sequence[OrderReturn], info: Info
) -> Batch[list[OrderLineQuantity]]:
    """Taken in and on sale again."""
    return await shown_units(info, [one.row.restocked for one in returns])


@extend(OrderReturn, public=True)
async def refund(returns: Sequence[OrderReturn], info: Info) -> Batch[Refund | None]:
    """Of the whole order: money that was given back when the goods were taken in."""
    return await REFUND.many(info.context, [one.row.refund_id or 0 for one in returns])


@extend(Order, public=True, name="returns", list_size=ListSize(assumed_size=3))
async def returns_of_order(orders: Sequence[Order], info: Info) -> Batch[list[OrderReturn]]:
    """Goods that come back, oldest first. A merchant sees its own."""
    ctx = info.context
    found = await resolvers.order_returns.of_orders(ctx, [one.number for one in orders])
    return [[OrderReturn.of(ctx, row) for row in rows] for rows in found]


@extend(OrderLine, public=True)
async def refundable_quantity(lines: Sequence[OrderLine], info: Info) -> Batch[int]:
    """Units of which no refund was begun that names this line."""
    ctx = info.context
    gone = await resolvers.payments.refunded_units(ctx, [one.row.number for one in lines])
    return [
        one.row.quantity - units.get(one.row.id, 0) for one, units in zip(lines, gone, strict=True)
    ]


@extend(OrderEvent, public=True)
async def order_return(events: Sequence[OrderEvent], info: Info) -> Batch[OrderReturn | None]:
    """With RETURN_CHANGED, as it is now."""
    return await ORDER_RETURN.many(info.context, [one.row.return_id or 0 for one in events])

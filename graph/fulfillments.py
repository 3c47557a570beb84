"""Goods of one merchant on their way."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Self

import strawberry

import resolvers.fulfillments
import resolvers.merchants
import resolvers.orders
import stores.fulfillments
from graph import nodes
from graph.batch import Batch, Info, lost
from graph.declare import attribute, extend, gql_enum, gql_type
from graph.directives import ListSize
from graph.merchants import MERCHANT, Merchant
from graph.nodes import Kind, Node
from graph.order_events import OrderEvent
from graph.order_line_quantities import OrderLineQuantity, shown_units
from graph.orders import Order
from graph.scalars import URL
from graph.versions import Versioned
from graph.warehouses import WAREHOUSE, Warehouse
from resolvers.context import EVERYONE, STAFF, Context
from stores.fulfillments import FulfillmentStatus

gql_enum(
    FulfillmentStatus,
    SHIPPED="On its way.",
    DELIVERED="Arrived.",
    CANCELLED="Called back before it arrived.",
)


@gql_type(roles=EVERYONE)
class Fulfillment(Node, Versioned):
    """Goods of one merchant on their way."""

    row: strawberry.Private[stores.fulfillments.Fulfillment]
    status: FulfillmentStatus
    carrier: str | None
    tracking_number: str | None
    tracking_url: Annotated[
        URL | None, attribute("Page of the carrier about it, if the shop knows one.")
    ]
    shipped_at: datetime
    delivered_at: datetime | None

    @classmethod
    def of(cls, ctx: Context, row: stores.fulfillments.Fulfillment) -> Self:
        """Show a row."""
        return cls(
            id=nodes.encode("Fulfillment", row.id),
            version=row.version,
            updated_at=row.updated_at,
            row=row,
            status=FulfillmentStatus(row.status),
            carrier=row.carrier,
            tracking_number=row.tracking_number,
            tracking_url=_url(ctx, row),
            shipped_at=row.shipped_at,
            delivered_at=row.delivered_at,
        )


def _url(ctx: Context, row: stores.fulfillments.Fulfillment) -> URL | None:
    found = resolvers.fulfillments.tracking_url(ctx, row)
    return None if found is None else URL(found)


FULFILLMENT = Kind("Fulfillment", Fulfillment.of, resolvers.fulfillments.by_ids)


@extend(Fulfillment, public=True, name="order")
async def order_of_fulfillment(of: Sequence[Fulfillment], info: Info) -> Batch[Order]:
    """The order that they were bought with."""
    ctx = info.context
    found = await resolvers.orders.by_numbers(ctx, [one.row.number for one in of])
    return [Order.of(ctx, seen) if seen else lost("A fulfillment", "an order") for seen in found]


@extend(Fulfillment, public=True, name="merchant")
async def merchant_of_fulfillment(of: Sequence[Fulfillment], info: Info) -> Batch[Merchant]:
    """Whose goods they are."""
    ctx = info.context
    found = await resolvers.merchants.by_ids(ctx, [one.row.merchant_id for one in of])
    return [MERCHANT.show(ctx, row) for row in found]


@extend(Fulfillment, roles=STAFF, name="warehouse")
async def warehouse_of_fulfillment(
    of: Sequence[Fulfillment], info: Info
) -> Batch[Warehouse | None]:
    """Where they left."""
    return await WAREHOUSE.many(info.context, [one.row.warehouse_id for one in of])


@extend(Fulfillment, public=True, name="lines", list_size=ListSize(assumed_size=10))
async def lines_of_fulfillment(
    of: Sequence[Fulfillment], info: Info
) -> Batch[list[OrderLineQuantity]]:
    """What is on its way."""
    return await shown_units(info, [one.row.lines for one in of])


@extend(Order, public=True, list_size=ListSize(assumed_size=3))
async def fulfillments(orders: Sequence[Order], info: Info) -> Batch[list[Fulfillment]]:
    """What was shipped, oldest first: one or more for each merchant.

    A merchant sees its own.
    """
    ctx = info.context
    found = await resolvers.fulfillments.of_orders(ctx, [one.number for one in orders])
    return [[Fulfillment.of(ctx, row) for row in rows] for rows in found]


@extend(OrderEvent, public=True)
async def fulfillment(events: Sequence[OrderEvent], info: Info) -> Batch[Fulfillment | None]:
    """With FULFILLMENT_CHANGED, as it is now."""
    return await FULFILLMENT.many(info.context, [one.row.fulfillment_id or 0 for one in events])

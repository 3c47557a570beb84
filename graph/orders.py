"""Orders and their lines, as they were bought."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Self

import strawberry

import resolvers.merchants
import resolvers.orders
import resolvers.snapshots
import stores.orders
from graph import nodes
from graph.addresses import Address
from graph.batch import Batch, Info, lost
from graph.checkouts import OPTION, Checkout, DeliveryOption
from graph.declare import attribute, extend, gql_enum, gql_type, query
from graph.directives import CacheControl, CacheControlScope, ListSize
from graph.media import Media
from graph.merchants import MERCHANT, Merchant
from graph.money import Money
from graph.nodes import Kind, Node
from graph.price_totals import PriceTotals
from graph.products import PRODUCT, VARIANT, Product, ProductVariant, SelectedOption
from graph.snapshots import ProductSnapshot
from graph.users import USER, User
from graph.versions import Versioned
from resolvers.context import EVERYONE, Context
from resolvers.orders import SeenOrder
from stores.orders import OrderStatus, PaymentStatus

gql_enum(
    OrderStatus,
    PENDING_PAYMENT="Placed; stock is kept until expiresAt.",
    PAID="Paid, nothing shipped.",
    PARTIALLY_SHIPPED="Some lines are on their way.",
    SHIPPED="All lines are on their way.",
    COMPLETED="Receipt confirmed, by the shopper or by time.",
    CANCELLED="Called off; money and stock went back.",
    EXPIRED="Not paid in time.",
)
gql_enum(
    PaymentStatus,
    UNPAID="Nothing yet.",
    AUTHORIZED="The provider keeps the money ready.",
    PAID="The money is there.",
    PARTIALLY_REFUNDED="Some of it went back.",
    REFUNDED="All of it went back.",
    FAILED="The provider refused.",
    VOIDED="Given up before any money moved.",
)


@gql_type(roles=EVERYONE)
class OrderLine(Node):
    """One line of an order, as it was bought."""

    row: strawberry.Private[stores.orders.OrderLine]
    title: str
    sku: str
    options: list[SelectedOption]
    media: Annotated[Media | None, attribute("The first picture, as bought.")]
    unit_price: Money
    quantity: int
    tax: Annotated[Money, attribute("Never changes, so that a refund of a part can be split.")]
    total: Annotated[Money, attribute("After discounts.")]
    shipped_quantity: int
    returned_quantity: Annotated[int, attribute("Taken in by the merchant.")]

    @classmethod
    def of(cls, ctx: Context, row: stores.orders.OrderLine) -> Self:
        """Show a row."""
        return cls(
            id=nodes.encode("OrderLine", row.id),
            row=row,
            title=row.title,
            sku=row.sku,
            options=[SelectedOption(name=name, value=value) for name, value in row.options],
            media=Media.of(ctx.media_url, row.media) if row.media else None,
            unit_price=Money.of(row.unit_price_minor, ctx.currency),
            quantity=row.quantity,
            tax=Money.of(row.tax_minor, ctx.currency),
            total=Money.of(row.total_minor, ctx.currency),
            shipped_quantity=row.shipped_quantity,
            returned_quantity=row.returned_quantity,
        )


ORDER_LINE = Kind("OrderLine", OrderLine.of, resolvers.orders.lines_by_ids)


@gql_type(roles=EVERYONE, cache=CacheControl(max_age=0, scope=CacheControlScope.PRIVATE))
class Order(Node, Versioned):
    """A purchase, which may hold lines of several merchants.

    A merchant sees its own lines, and sums over these. Only what is said to be of the whole order
    is hidden from it, unless all lines are its own.
    """

    row: strawberry.Private[stores.orders.Order]
    number: Annotated[str, attribute("18 digits: day, serial, shard of the shopper, check digit.")]
    status: OrderStatus
    payment_status: PaymentStatus
    placed_at: datetime
    expires_at: Annotated[datetime | None, attribute("When it expires if it is still unpaid.")]
    lines: Annotated[
        list[OrderLine], attribute("At most 2000.", list_size=ListSize(assumed_size=10))
    ]
    shipping_address: Address
    delivery_option: DeliveryOption | None
    totals: PriceTotals
    paid: Annotated[Money | None, attribute("Of the whole order.")]
    refunded: Annotated[Money | None, attribute("Of the whole order.")]
    note: Annotated[
        str | None,
        attribute("Message of the shopper to the merchants: each with lines here sees it."),
    ]
    allowed_transitions: Annotated[list[OrderStatus], attribute("What the caller may do next.")]

    @classmethod
    def of(cls, ctx: Context, seen: SeenOrder) -> Self:
        """Show an order as its viewer sees it."""
        row = seen.order
        return cls(
            id=nodes.encode("Order", int(row.number)),
            version=row.version,
            updated_at=row.updated_at,
            row=row,
            number=row.number,
            status=OrderStatus(row.status),
            payment_status=PaymentStatus(row.payment_status),
            placed_at=row.placed_at,
            expires_at=row.expires_at,
            lines=[OrderLine.of(ctx, line) for line in seen.lines],
            shipping_address=Address.of(seen.address()),
            delivery_option=_delivery(ctx, row),
            totals=PriceTotals.of(seen.totals(), ctx.currency),
            paid=Money.of(row.paid_minor, ctx.currency) if seen.is_whole else None,
            refunded=Money.of(row.refunded_minor, ctx.currency) if seen.is_whole else None,
            note=row.note,
            allowed_transitions=list(seen.allowed),
        )


def _delivery(ctx: Context, row: stores.orders.Order) -> DeliveryOption:
    kept = row.delivery
    return DeliveryOption(
        id=nodes.encode(OPTION, kept["rate"]),
        title=kept["title"],
        carrier=kept["carrier"],
        price=Money.of(row.shipping_minor, ctx.currency),
        estimated_days=kept["days"],
    )


ORDER = Kind("Order", Order.of, resolvers.orders.by_keys)


@extend(Order, public=True)
async def customer(orders: Sequence[Order], info: Info) -> Batch[User | None]:
    """Who bought."""
    return await USER.many(info.context, [one.row.user_id for one in orders])


@extend(OrderLine, public=True)
async def merchant(lines: Sequence[OrderLine], info: Info) -> Batch[Merchant]:
    """Who sold it."""
    ctx = info.context
    found = await resolvers.merchants.by_ids(ctx, [one.row.merchant_id for one in lines])
    return [MERCHANT.show(ctx, row) for row in found]


@extend(OrderLine, public=True)
async def snapshot(lines: Sequence[OrderLine], info: Info) -> Batch[ProductSnapshot]:
    """The product's page, as bought."""
    ctx = info.context
    found = await resolvers.snapshots.by_ids(ctx, [one.row.snapshot_id for one in lines])
    return [
        ProductSnapshot.of(ctx, row) if row else lost("An order line", "a snapshot")
        for row in found
    ]


@extend(OrderLine, public=True)
async def product(lines: Sequence[OrderLine], info: Info) -> Batch[Product | None]:
    """The product as it is now, if it still exists."""
    return await PRODUCT.many(info.context, [one.row.product_id for one in lines])


@extend(OrderLine, public=True)
async def variant(lines: Sequence[OrderLine], info: Info) -> Batch[ProductVariant | None]:
    """The unit as it is now, if it still exists; to buy it again."""
    return await VARIANT.many(info.context, [one.row.variant_id for one in lines])


@extend(Checkout, public=True, name="order")
async def order_of_checkout(checkouts: Sequence[Checkout], info: Info) -> Batch[Order | None]:
    """Once it is placed."""
    ctx = info.context
    found = await resolvers.orders.by_numbers(ctx, [one.order_number for one in checkouts])
    return [Order.of(ctx, seen) if seen else None for seen in found]


@query(roles=EVERYONE)
async def order(info: Info, number: str) -> Order | None:
    """One order of the shopper, or any that staff may see."""
    (seen,) = await resolvers.orders.by_numbers(info.context, [number])
    return Order.of(info.context, seen) if seen else None

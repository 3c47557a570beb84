"""Checkouts: what a cart would cost as an order, and how it can be delivered."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Self

import strawberry

import resolvers.checkouts
import resolvers.saved_addresses
import stores.checkouts
from graph import nodes
from graph.addresses import AddressInput
from graph.batch import Batch, Info
from graph.coupons import COUPON, Coupon
from graph.declare import argument, attribute, extend, gql_input, gql_type, query
from graph.directives import CacheControl, CacheControlScope
from graph.money import Money
from graph.nodes import Kind, Node
from graph.optional import given
from graph.order_previews import OrderPreview
from graph.saved_addresses import SAVED_ADDRESS
from graph.user_errors import details, member
from resolvers.addresses import Address
from resolvers.checkouts import Wanted
from resolvers.context import SHOPPER, Context
from resolvers.coupon_codes import checked
from resolvers.orders import number_of
from stores.checkout_errors import PriceChanged

#: What the ID of a delivery option begins with; it is no object of its own.
OPTION = "DeliveryOption"


@gql_input(one_of=True)
class ShippingAddressInput:
    """Exactly one: an address that is kept, or a new one."""

    address_id: strawberry.ID | None = strawberry.UNSET
    address: AddressInput | None = strawberry.UNSET

    def new(self, *field: str) -> Address | None:
        """Return a new address, None if one is kept. Raises Invalid."""
        sent = given(self.address)
        return None if sent is None else sent.address(*field, "address")

    def kept(self, *field: str) -> int | None:
        """Return the key of an address that is kept, None of a new one. Raises Invalid."""
        sent = given(self.address_id)
        return None if sent is None else SAVED_ADDRESS.key(sent, *field, "addressId")

    async def read(self, ctx: Context, *field: str) -> Address:
        """Return the address. Raises Invalid, and NotFound for one that is not the viewer's."""
        key, new = self.kept(*field), self.new(*field)
        if new is not None:
            return new
        return await resolvers.saved_addresses.address(ctx, key or 0, *field, "addressId")


@gql_type(roles=SHOPPER, cache=CacheControl(max_age=0, scope=CacheControlScope.PRIVATE))
class Checkout(Node):
    """Cart lines, prices and an order number, held for one shopper."""

    row: strawberry.Private[stores.checkouts.Checkout]
    order_number: Annotated[
        str, attribute("Reserved: the checkout can become one order only, under this number.")
    ]
    expires_at: Annotated[datetime, attribute("Prices hold until then.")]

    @classmethod
    def of(cls, _ctx: Context, row: stores.checkouts.Checkout) -> Self:
        """Show a row."""
        return cls(
            id=nodes.encode("Checkout", int(row.number)),
            row=row,
            order_number=row.number,
            expires_at=row.expires_at,
        )


async def _by_keys(ctx: Context, keys: Sequence[int]) -> list[stores.checkouts.Checkout | None]:
    return await resolvers.checkouts.by_numbers(ctx, [number_of(key) for key in keys])


CHECKOUT = Kind("Checkout", Checkout.of, _by_keys)


@gql_type(public=True)
class DeliveryOption:
    """A way to deliver one checkout to one address; its ID holds for that."""

    id: strawberry.ID
    title: str
    carrier: str | None
    price: Money
    estimated_days: int | None

    @classmethod
    def of(cls, ctx: Context, row: resolvers.checkouts.DeliveryOption) -> Self:
        """Show a rate with its price."""
        return cls(
            id=nodes.encode(OPTION, row.rate.id),
            title=row.rate.title,
            carrier=row.rate.carrier,
            price=Money.of(row.price_minor, ctx.currency),
            estimated_days=row.rate.estimated_days,
        )


@member
@gql_type(public=True)
class PriceChangedDetails:
    """With PRICE_CHANGED: what the order would cost now."""

    preview: OrderPreview


@details(PriceChanged)
def _now(ctx: Context, error: PriceChanged) -> PriceChangedDetails | None:
    row = error.preview
    if not isinstance(row, resolvers.checkouts.Preview):
        return None
    return PriceChangedDetails(preview=OrderPreview.of(ctx, row))


@extend(Checkout, public=True)
async def delivery_options(
    checkouts: Sequence[Checkout],
    info: Info,
    shipping_address: Annotated[
        ShippingAddressInput | None, argument("Left out: only what delivers everywhere.")
    ] = strawberry.UNSET,
) -> Batch[list[DeliveryOption]]:
    """How it can be delivered."""
    ctx, sent = info.context, given(shipping_address)
    address = None if sent is None else await sent.read(ctx, "shippingAddress")
    found = await resolvers.checkouts.options(ctx, [one.row for one in checkouts], address)
    return [[DeliveryOption.of(ctx, row) for row in rows] for rows in found]


@extend(Checkout, public=True)
async def coupons(checkouts: Sequence[Checkout], info: Info) -> Batch[list[Coupon]]:
    """Coupons that the shopper claimed and that give something here."""
    ctx = info.context
    found = await resolvers.checkouts.coupons(ctx, [one.row for one in checkouts])
    return [[COUPON.show(ctx, row) for row in rows] for rows in found]


@extend(Checkout, public=True, cost=5)
async def preview(
    checkouts: Sequence[Checkout],
    info: Info,
    shipping_address: ShippingAddressInput | None = strawberry.UNSET,
    delivery_option_id: strawberry.ID | None = strawberry.UNSET,
    coupon_codes: Annotated[
        list[str] | None,
        argument(
            "Those of the cart if left out, without any that gives nothing; one that is named "
            "and gives nothing is refused."
        ),
    ] = strawberry.UNSET,
) -> Batch[OrderPreview]:
    """What the order would cost with these choices."""
    ctx = info.context
    choices = given(shipping_address), given(delivery_option_id), given(coupon_codes)
    wanted = await _wanted(ctx, *choices)
    found = await resolvers.checkouts.previews(ctx, [one.row for one in checkouts], wanted)
    return [OrderPreview.of(ctx, row) for row in found]


async def _wanted(
    ctx: Context,
    sent: ShippingAddressInput | None,
    option: strawberry.ID | None,
    named: list[str] | None,
) -> Wanted:
    """Return the choices of a preview; None is one that was not made. Raises a Refusal."""
    address = None if sent is None else await sent.read(ctx, "shippingAddress")
    rate = None if option is None else nodes.key_of(OPTION, option, "deliveryOptionId")
    codes = None if named is None else checked(named)
    return Wanted(address, rate, codes)


@query(roles=SHOPPER)
async def checkout(info: Info, order_number: str) -> Checkout | None:
    """A checkout of the shopper, also after a reload of the page."""
    (row,) = await resolvers.checkouts.by_numbers(info.context, [order_number])
    return Checkout.of(info.context, row) if row else None

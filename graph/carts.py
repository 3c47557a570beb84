"""What a visitor is about to buy."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Self

import strawberry

import graph.discounts
import resolvers.cart_prices
import resolvers.carts
import stores.carts
from graph import nodes
from graph.batch import Batch, Info
from graph.declare import argument, attribute, extend, gql_type, query
from graph.directives import CacheControl, CacheControlScope, ListSize
from graph.discounts import Discount
from graph.money import Money
from graph.nodes import Kind, Node
from graph.optional import given
from graph.price_totals import PriceTotals
from graph.products import VARIANT, ProductVariant
from graph.user_errors import UserError, user_errors
from graph.versions import Versioned
from resolvers.cart_prices import Reckoning
from resolvers.carts import AnyCart
from resolvers.context import Context
from resolvers.pricing import PricedLine
from stores import beside
from stores.cart_tokens import TemporaryCart

LINE = "CartLine"
#: What the lines of a cart are priced by.
OFFER = [beside.PRODUCT_OF_VARIANT, beside.UNITS_OF_VARIANT, beside.SHOP_OF_VARIANT]


@gql_type(public=True)
class CartLine:
    """One variant in a cart."""

    cart: strawberry.Private[stores.carts.Cart]
    place: strawberry.Private[int]
    row: strawberry.Private[stores.carts.CartLine]
    id: strawberry.ID
    quantity: int
    is_selected: Annotated[bool, attribute("Only selected lines go to the checkout.")]
    price_when_added: Money

    @classmethod
    def of(cls, ctx: Context, cart: stores.carts.Cart, place: int) -> Self:
        """Show the line that a cart has at a place."""
        row = cart.lines[place]
        return cls(
            cart=cart,
            place=place,
            row=row,
            id=nodes.encode(LINE, row.id),
            quantity=row.quantity,
            is_selected=row.is_selected,
            price_when_added=Money.of(row.price_when_added_minor, ctx.currency),
        )


@gql_type(public=True, cache=CacheControl(max_age=0, scope=CacheControlScope.PRIVATE))
class Cart(Node, Versioned):
    """What a visitor is about to buy.

    The shop keeps a shopper's cart; a temporary cart lives in its token, with the client. Lines
    come from the cart store, prices from the database: they are null while it does not answer.
    """

    row: strawberry.Private[stores.carts.Cart]
    id: Annotated[
        strawberry.ID,
        attribute("Stays the same over all edits; a temporary cart cannot be fetched by it."),
    ]
    version: Annotated[int, attribute("Of a temporary cart: counted inside its token.")]
    token: Annotated[
        str | None,
        attribute("The whole temporary cart, signed, to send back; null for a shopper."),
    ]
    lines: Annotated[
        list[CartLine],
        attribute("At most 2000; 50 in a temporary cart.", list_size=ListSize(assumed_size=10)),
    ]
    item_count: Annotated[int, attribute("Units of the selected lines.")]
    coupon_codes: Annotated[list[str], attribute("At most 10; 3 in a temporary cart.")]
    expires_at: Annotated[datetime | None, attribute("Of a temporary cart.")]

    @classmethod
    def of(cls, ctx: Context, held: AnyCart) -> Self:
        """Show the cart of a shopper, or a temporary one."""
        temporary = held if isinstance(held, TemporaryCart) else None
        row = held.cart if isinstance(held, TemporaryCart) else held
        return cls(
            row=row,
            id=nodes.encode("Cart", row.id),
            version=row.version,
            updated_at=row.updated_at,
            token=temporary.token if temporary else None,
            lines=[CartLine.of(ctx, row, place) for place in range(len(row.lines))],
            item_count=sum(line.quantity for line in row.lines if line.is_selected),
            coupon_codes=list(row.coupon_codes),
            expires_at=temporary.expires_at if temporary else None,
        )


CART = Kind("Cart", Cart.of, resolvers.carts.by_ids)


@extend(Cart, public=True, parts=OFFER)
async def discounts(carts: Sequence[Cart], info: Info) -> Batch[list[Discount] | None]:
    """What promotions take off the selected lines, in the order of application."""
    found = await resolvers.cart_prices.reckoned(info.context, [one.row for one in carts])
    return [graph.discounts.of_all(info.context, one.given) for one in found]


@extend(Cart, public=True, parts=OFFER)
async def totals(carts: Sequence[Cart], info: Info) -> Batch[PriceTotals | None]:
    """Of the selected lines that are on sale."""
    found = await resolvers.cart_prices.reckoned(info.context, [one.row for one in carts])
    return [PriceTotals.of(one.totals, info.context.currency) for one in found]


@extend(Cart, public=True, parts=OFFER)
async def problems(carts: Sequence[Cart], info: Info) -> Batch[list[UserError] | None]:
    """What keeps lines or coupons from being ordered."""
    ctx = info.context
    found = await resolvers.carts.problems(ctx, [one.row.lines for one in carts])
    reckoned = await resolvers.cart_prices.reckoned(ctx, [one.row for one in carts])
    return [
        user_errors(ctx, [*refusals, *one.refusals])
        for refusals, one in zip(found, reckoned, strict=True)
    ]


@extend(CartLine, public=True, parts=[beside.PRODUCT_OF_VARIANT])
async def variant(lines: Sequence[CartLine], info: Info) -> Batch[ProductVariant | None]:
    """Null if it was deleted or cannot be read now."""
    return await VARIANT.many(info.context, [line.row.variant_id for line in lines])


@extend(CartLine, public=True, parts=OFFER)
async def unit_price(lines: Sequence[CartLine], info: Info) -> Batch[Money | None]:
    """Now; null if it is not on sale."""
    currency, found = info.context.currency, await _priced(info, lines)
    return [Money.of(one.unit_price_minor, currency) if one else None for one in found]


@extend(CartLine, public=True, name="discounts", parts=OFFER)
async def discounts_of_line(lines: Sequence[CartLine], info: Info) -> Batch[list[Discount] | None]:
    """What promotions take off it; nothing while it is not selected."""
    ctx, found = info.context, await _reckonings(info, lines)
    return [
        graph.discounts.of_line(ctx, one.given, one.places[line.place])
        if line.place in one.places
        else []
        for line, one in zip(lines, found, strict=True)
    ]


@extend(CartLine, public=True, parts=OFFER)
async def total(lines: Sequence[CartLine], info: Info) -> Batch[Money | None]:
    """After discounts; null if it is not on sale."""
    currency, found = info.context.currency, await _priced(info, lines)
    return [Money.of(one.total_minor, currency) if one else None for one in found]


async def _priced(info: Info, lines: Sequence[CartLine]) -> list[PricedLine | None]:
    found = await _reckonings(info, lines)
    return [one.lines[line.place] for line, one in zip(lines, found, strict=True)]


async def _reckonings(info: Info, lines: Sequence[CartLine]) -> list[Reckoning]:
    """Return what the cart of each line costs; lines of one cart share one reckoning."""
    carts = {id(line.cart): line.cart for line in lines}
    found = await resolvers.cart_prices.reckoned(info.context, list(carts.values()))
    reckoned = dict(zip(carts, found, strict=True))
    return [reckoned[id(line.cart)] for line in lines]


@query(public=True)
async def cart(
    info: Info,
    cart_token: Annotated[str | None, argument("Counts before the cookie.")] = strawberry.UNSET,
) -> Cart | None:
    """The cart of the shopper, or the temporary cart in the token."""
    ctx = info.context
    found = await resolvers.carts.current(ctx, given(cart_token))
    return None if found is None else Cart.of(ctx, found)

"""What a visitor is about to buy."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Self

import strawberry

import resolvers.carts
import stores.carts
from graph import nodes
from graph.batch import Batch, Info
from graph.declare import argument, attribute, extend, gql_type, query
from graph.directives import CacheControl, CacheControlScope, ListSize
from graph.money import Money
from graph.nodes import Kind, Node
from graph.optional import given
from graph.price_totals import PriceTotals
from graph.products import VARIANT, ProductVariant
from graph.user_errors import UserError, user_errors
from graph.versions import Versioned
from resolvers.carts import AnyCart
from resolvers.context import Context
from stores import beside
from stores.cart_tokens import TemporaryCart

LINE = "CartLine"
#: What the lines of a cart are priced by.
OFFER = [beside.PRODUCT_OF_VARIANT, beside.UNITS_OF_VARIANT, beside.SHOP_OF_VARIANT]


@gql_type(public=True)
class CartLine:
    """One variant in a cart."""

    row: strawberry.Private[stores.carts.CartLine]
    id: strawberry.ID
    quantity: int
    is_selected: Annotated[bool, attribute("Only selected lines go to the checkout.")]
    price_when_added: Money

    @classmethod
    def of(cls, ctx: Context, row: stores.carts.CartLine) -> Self:
        """Show a row."""
        return cls(
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
            lines=[CartLine.of(ctx, line) for line in row.lines],
            item_count=sum(line.quantity for line in row.lines if line.is_selected),
            expires_at=temporary.expires_at if temporary else None,
        )


CART = Kind("Cart", Cart.of, resolvers.carts.by_ids)


@extend(Cart, public=True, parts=OFFER)
async def totals(carts: Sequence[Cart], info: Info) -> Batch[PriceTotals | None]:
    """Of the selected lines that are on sale."""
    found = await resolvers.carts.totals(info.context, [one.row.lines for one in carts])
    return [PriceTotals.of(row, info.context.currency) for row in found]


@extend(Cart, public=True, parts=OFFER)
async def problems(carts: Sequence[Cart], info: Info) -> Batch[list[UserError] | None]:
    """What keeps lines from being ordered."""
    found = await resolvers.carts.problems(info.context, [one.row.lines for one in carts])
    return [user_errors(info.context, refusals) for refusals in found]


@extend(CartLine, public=True, parts=[beside.PRODUCT_OF_VARIANT])
async def variant(lines: Sequence[CartLine], info: Info) -> Batch[ProductVariant | None]:
    """Null if it was deleted or cannot be read now."""
    return await VARIANT.many(info.context, [line.row.variant_id for line in lines])


@extend(CartLine, public=True, parts=OFFER)
async def unit_price(lines: Sequence[CartLine], info: Info) -> Batch[Money | None]:
    """Now; null if it is not on sale."""
    ctx = info.context
    found = await resolvers.carts.priced(ctx, [line.row for line in lines])
    return [None if one is None else Money.of(one.unit_price_minor, ctx.currency) for one in found]


@extend(CartLine, public=True, parts=OFFER)
async def total(lines: Sequence[CartLine], info: Info) -> Batch[Money | None]:
    """After discounts; null if it is not on sale."""
    ctx = info.context
    found = await resolvers.carts.priced(ctx, [line.row for line in lines])
    return [None if one is None else Money.of(one.total_minor, ctx.currency) for one in found]


@query(public=True)
async def cart(
    info: Info,
    cart_token: Annotated[str | None, argument("Counts before the cookie.")] = strawberry.UNSET,
) -> Cart | None:
    """The cart of the shopper, or the temporary cart in the token."""
    ctx = info.context
    found = await resolvers.carts.current(ctx, given(cart_token))
    return None if found is None else Cart.of(ctx, found)

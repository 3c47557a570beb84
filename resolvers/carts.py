"""Reading carts, and what the relational store says about their lines."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import resolvers.shop
from resolvers.context import Context
from resolvers.owners import ids_of
from resolvers.products import may_see
from stores.cart_errors import CartTokenInvalid
from stores.cart_tokens import TemporaryCart
from stores.carts import Cart, CartLine
from stores.errors import LimitExceeded, Refusal
from stores.inventory_errors import InsufficientStock
from stores.product_errors import VariantUnavailable
from stores.products import Product, ProductStatus, Variant

#: The cart of a shopper, or a temporary one with its token.
AnyCart: TypeAlias = Cart | TemporaryCart

# Asked for each line several times; the value of an enum is looked up by a function.
_ACTIVE, _DRAFT = ProductStatus.ACTIVE.value, ProductStatus.DRAFT.value


@dataclass(frozen=True, slots=True)
class Offer:
    """A variant as it can be bought now."""

    variant: Variant
    product: Product
    is_on_sale: bool
    available: int


async def current(ctx: Context, token: str | None) -> AnyCart | None:
    """Return the temporary cart of a token, or without one the viewer's own.

    A visitor's is the one that she carries; None if she carries none. Raises CartTokenInvalid.
    """
    if token is None and ctx.viewer:
        return await ctx.stores.carts.by_owner(ctx.viewer.id)
    return temporary(ctx, token)


def temporary(ctx: Context, token: str | None) -> TemporaryCart | None:
    """Return the temporary cart of a token, or without one that which the client carries.

    What an earlier field of the document has put into it counts before what came with the
    request. Raises CartTokenInvalid.
    """
    if token is not None:
        return ctx.stores.cart_tokens.read(token, ctx.clock())
    if ctx.pocket.filled or ctx.pocket.sent is None:
        return ctx.pocket.filled
    return _carried(ctx, ctx.pocket.sent)


def let_go(ctx: Context) -> None:
    """Take from the client the temporary cart that it carries: it was refused."""
    if ctx.pocket.filled:
        ctx.pocket.filled = None
    else:
        ctx.pocket.is_spoilt = True


async def by_ids(ctx: Context, ids: Sequence[int]) -> list[Cart | None]:
    """Return the viewer's own cart for its id, None for any other."""
    own = await ctx.stores.carts.by_owner(ctx.viewer.id) if ctx.viewer else None
    return [own if own and own.id == id_ else None for id_ in ids]


async def offers(ctx: Context, variant_ids: Collection[int]) -> dict[int, Offer]:
    """Return what can be told of variants; of one that is missing or still a secret, nothing."""
    ids = list(variant_ids)
    loaders = ctx.loaders
    # In this order: where the operation tells what it wants, the rows bring the others with them.
    rows = await loaders.products.variant_by_id.many(ids)
    units = await loaders.inventory.available.many(ids)
    owners = await loaders.products.by_id.many(ids_of(rows, lambda row: row.product_id))
    return {
        row.id: Offer(row, owner, _is_on_sale(owner), left)
        for row, left, owner in zip(rows, units, owners, strict=True)
        if row and owner and _is_known(ctx, owner)
    }


async def problems(ctx: Context, carts: Sequence[Sequence[CartLine]]) -> list[list[Refusal]]:
    """Return what keeps the lines of each cart from being ordered."""
    found, shop = await offers(ctx, _variants(carts)), await resolvers.shop.get(ctx)
    return [
        [
            problem
            for place, line in enumerate(lines)
            if (
                problem := refusal(
                    line,
                    found.get(line.variant_id),
                    shop.max_line_quantity,
                    ("lines", str(place), "quantity"),
                )
            )
        ]
        for lines in carts
    ]


def refusal(
    line: CartLine, offer: Offer | None, max_quantity: int, field: tuple[str, ...]
) -> Refusal | None:
    """Return why a line cannot be ordered as it is, None if it can."""
    if offer is None or not offer.is_on_sale:
        return VariantUnavailable(line.variant_id, field=field)
    if line.quantity > max_quantity:
        return LimitExceeded(f"A line holds 1 to {max_quantity} units, not {line.quantity}.", field)
    if line.quantity > offer.available:
        return InsufficientStock(line.variant_id, line.quantity, offer.available, field)
    return None


def _carried(ctx: Context, sent: str) -> TemporaryCart:
    try:
        return ctx.stores.cart_tokens.read(sent, ctx.clock())
    except CartTokenInvalid:
        let_go(ctx)
        raise


def _variants(carts: Sequence[Sequence[CartLine]]) -> list[int]:
    return [line.variant_id for lines in carts for line in lines]


def _is_on_sale(product: Product) -> bool:
    return product.status == _ACTIVE


def _is_known(ctx: Context, product: Product) -> bool:
    # What was on sale once is no secret: old orders show it too.
    return product.status != _DRAFT or may_see(ctx, product)

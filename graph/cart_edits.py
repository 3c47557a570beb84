"""Changing carts."""

from collections.abc import Sequence
from typing import Annotated, Self

import strawberry

import stores.carts
from graph import nodes
from graph.batch import Batch, Info
from graph.carts import LINE, OFFER, Cart
from graph.declare import attribute, extend, gql_enum, gql_input, gql_type, mutation
from graph.nodes import Node
from graph.operation_status import finds
from graph.optional import given
from graph.payloads import ending
from graph.products import VARIANT, ProductVariant
from graph.user_errors import UserError
from graph.variant_quantities import VariantQuantityInput
from resolvers import cart_edits
from resolvers.cart_commands import AddLines, MergeToken, Units, UpdateLines
from resolvers.context import SHOPPER, Context
from resolvers.coupon_codes import tidied
from resolvers.mutations import Outcome, Targets
from stores.cart_merges import MergeMode
from stores.carts import LineChange, LineOutcome, OutcomeKind

_TOKEN = "Of the temporary cart, unless the cookie has it."  # noqa: S105  A text.

gql_enum(
    OutcomeKind,
    name="CartLineOutcomeKind",
    MERGED="All of it.",
    CLAMPED="As much as there is in stock.",
    UNAVAILABLE="Nothing: it is not on sale.",
)
gql_enum(
    MergeMode,
    name="CartMergeMode",
    SUM="Both together.",
    KEEP_LARGER="The larger one.",
    KEEP_SHOPPER="That of the shopper's cart.",
    KEEP_TEMPORARY="That of the temporary cart.",
)


@gql_type(public=True)
class CartLineOutcome:
    """What became of a line that was moved into a cart."""

    variant_key: strawberry.Private[int]
    kind: OutcomeKind
    requested_quantity: int
    quantity: Annotated[int, attribute("What the cart holds of it now.")]

    @classmethod
    def of(cls, row: LineOutcome) -> Self:
        """Show a row."""
        return cls(
            variant_key=row.variant_id,
            kind=row.kind,
            requested_quantity=row.requested,
            quantity=row.quantity,
        )


@extend(CartLineOutcome, public=True)
async def variant(told: Sequence[CartLineOutcome], info: Info) -> Batch[ProductVariant | None]:
    """Null if it was deleted or cannot be read now."""
    return await VARIANT.many(info.context, [one.variant_key for one in told])


@gql_input()
class CartLineUpdateInput:
    """A change of one line."""

    line_id: strawberry.ID
    quantity: Annotated[int | None, attribute("0 removes the line.")] = strawberry.UNSET
    is_selected: bool | None = strawberry.UNSET

    def change(self, place: int) -> LineChange:
        """Return the change. Raises Invalid."""
        return LineChange(
            line_id=nodes.key_of(LINE, self.line_id, "lines", str(place), "lineId"),
            quantity=given(self.quantity),
            is_selected=given(self.is_selected),
        )


@gql_input()
class AddCartLinesInput:
    """What addCartLines needs."""

    cart_token: Annotated[str | None, attribute(_TOKEN)] = strawberry.UNSET
    lines: list[VariantQuantityInput]

    def command(self, version: int | None) -> AddLines:
        """Return the command. Raises Invalid or LimitExceeded."""
        return AddLines(
            lines=tuple(
                Units(line.variant_key("lines", str(place)), line.quantity)
                for place, line in enumerate(self.lines)
            ),
            version=version,
            cart_token=given(self.cart_token),
        )


@gql_input()
class UpdateCartInput:
    """What updateCart needs."""

    cart_token: Annotated[str | None, attribute(_TOKEN)] = strawberry.UNSET
    lines: Annotated[list[CartLineUpdateInput] | None, attribute("Others stay.")] = strawberry.UNSET
    coupon_codes: Annotated[list[str] | None, attribute("The whole list.")] = strawberry.UNSET

    def command(self, version: int | None) -> UpdateLines:
        """Return the command. Raises Invalid or LimitExceeded."""
        lines, codes = enumerate(given(self.lines) or ()), given(self.coupon_codes)
        return UpdateLines(
            lines=tuple(line.change(place) for place, line in lines),
            version=version,
            cart_token=given(self.cart_token),
            coupon_codes=None if codes is None else tidied(codes),
        )


@gql_input()
class MergeCartInput:
    """What mergeCart needs."""

    cart_token: Annotated[str | None, attribute(_TOKEN)] = strawberry.UNSET
    mode: MergeMode = MergeMode.SUM

    def command(self) -> MergeToken:
        """Return the command."""
        return MergeToken(mode=self.mode, cart_token=given(self.cart_token))


@gql_type(public=True)
class AddCartLinesPayload:
    """What addCartLines gives back."""

    cart: Cart | None
    is_replay: bool
    user_errors: list[UserError]


@gql_type(public=True)
class UpdateCartPayload:
    """What updateCart gives back."""

    cart: Cart | None
    is_replay: bool
    user_errors: list[UserError]


@gql_type(public=True)
class MergeCartPayload:
    """What mergeCart gives back."""

    cart: Cart | None
    temporary_cart: Annotated[Cart | None, attribute("Empty, with its new token.")]
    outcomes: Annotated[
        list[CartLineOutcome] | None, attribute("One for each line of the temporary cart.")
    ]
    is_replay: bool
    user_errors: list[UserError]


async def _find(ctx: Context, targets: Targets) -> Node | None:
    row: stores.carts.Cart = targets["cart"]
    return Cart.of(ctx, row)


for _name in (cart_edits.ADD, cart_edits.UPDATE, cart_edits.MERGE):
    finds(_name, cart_edits.committed)(_find)


@mutation(public=True, parts=OFFER)
async def add_cart_lines(
    info: Info,
    idempotency_key: strawberry.ID,
    version: int | None = strawberry.UNSET,
    *,
    input: AddCartLinesInput,
) -> AddCartLinesPayload | None:
    """Adds lines to a shopper's or a temporary cart; without a version it never conflicts."""
    ctx = info.context
    outcome = await cart_edits.add_lines(
        ctx, idempotency_key, lambda: input.command(given(version))
    )
    return AddCartLinesPayload(cart=_cart(ctx, outcome), **ending(ctx, outcome))


@mutation(public=True, parts=OFFER)
async def update_cart(
    info: Info,
    idempotency_key: strawberry.ID,
    version: int | None = strawberry.UNSET,
    *,
    input: UpdateCartInput,
) -> UpdateCartPayload | None:
    """Sets quantity, selection or coupons; without a version it never conflicts."""
    ctx = info.context
    outcome = await cart_edits.update_cart(
        ctx, idempotency_key, lambda: input.command(given(version))
    )
    return UpdateCartPayload(cart=_cart(ctx, outcome), **ending(ctx, outcome))


@mutation(roles=SHOPPER, parts=OFFER)
async def merge_cart(
    info: Info, idempotency_key: strawberry.ID, input: MergeCartInput
) -> MergeCartPayload | None:
    """Moves a temporary cart into the shopper's cart, once, at login."""
    ctx = info.context
    outcome = await cart_edits.merge_cart(ctx, idempotency_key, input.command)
    told = None if outcome.targets is None else outcome.targets["outcomes"]
    return MergeCartPayload(
        cart=_cart(ctx, outcome),
        temporary_cart=_cart(ctx, outcome, "temporary"),
        outcomes=None if told is None else [CartLineOutcome.of(row) for row in told],
        **ending(ctx, outcome),
    )


def _cart(ctx: Context, outcome: Outcome, field: str = "cart") -> Cart | None:
    return None if outcome.targets is None else Cart.of(ctx, outcome.targets[field])

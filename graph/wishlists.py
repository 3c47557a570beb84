"""Wishlists."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import strawberry

import resolvers.wishes
from graph.batch import Batch, Info
from graph.declare import attribute, extend, gql_input, gql_type, mutation
from graph.directives import ListSize
from graph.operation_status import found_by_key
from graph.optional import given
from graph.pages import Cursors
from graph.payloads import ending, shown
from graph.product_connections import ProductConnection
from graph.products import PRODUCT
from graph.user_errors import UserError
from graph.users import USER, User
from resolvers.context import SHOPPER, Context
from resolvers.mutations import run
from resolvers.pages import Page, window
from resolvers.wishes import UPDATE_WISHLIST, UpdateWishlist
from stores.keyset import Window
from stores.products import Product
from stores.wishes import Wish

PAGED = ListSize(slicing_arguments=["first"], sized_fields=["edges", "nodes"])


@dataclass(frozen=True, slots=True)
class _Wished:
    """What a connection is told of wishlists: how they are counted."""

    async def counts(self, ctx: Context, lists: Sequence[int]) -> list[int]:
        """Return how many products each list has."""
        return await resolvers.wishes.counts(ctx, lists)


@extend(User, public=True, list_size=PAGED)
async def wishlist(
    users: Sequence[User],
    info: Info,
    first: int | None = 20,
    after: str | None = strawberry.UNSET,
) -> Batch[ProductConnection | None]:
    """Null for anyone but the user; what was added last comes first, as far as it is on sale."""
    ctx, keys = info.context, [USER.key(user.id) for user in users]
    # There is one list that the caller may see, so a cursor of another one is refused for all.
    place = _window(ctx, first, given(after))
    found = await resolvers.wishes.page(ctx, keys, place)
    return [
        None if page is None else await _connection(ctx, key, page)
        for key, page in zip(keys, found, strict=True)
    ]


def _window(ctx: Context, first: int | None, after: str | None) -> Window:
    own = ctx.viewer.id if ctx.viewer else 0
    return window(first, _cursors(own).decode(after, "after"))


def _cursors(user_id: int) -> Cursors:
    return Cursors((int,), "wishlist", user_id)


async def _connection(ctx: Context, user_id: int, page: Page[Wish]) -> ProductConnection:
    seen = await resolvers.wishes.shown(ctx, page.rows)
    places = {row.id: wish.id for wish, row in seen}

    def position(row: Product) -> tuple[int]:
        return (places[row.id],)

    return ProductConnection(
        ctx=ctx,
        list_key=user_id,
        lists=_Wished(),
        position=position,
        page=Page([row for _, row in seen], page.has_next),
        cursors=_cursors(user_id),
    )


@gql_input()
class UpdateWishlistInput:
    """What updateWishlist needs."""

    add_product_ids: Annotated[list[strawberry.ID] | None, attribute("At most 100.")] = (
        strawberry.UNSET
    )
    remove_product_ids: Annotated[list[strawberry.ID] | None, attribute("At most 100.")] = (
        strawberry.UNSET
    )

    def command(self) -> UpdateWishlist:
        """Return the command. Raises Invalid, Required or LimitExceeded."""
        added = _keys(given(self.add_product_ids), "addProductIds")
        return UpdateWishlist(added, _keys(given(self.remove_product_ids), "removeProductIds"))


def _keys(ids: list[strawberry.ID] | None, field: str) -> tuple[int, ...]:
    return tuple(PRODUCT.key(id_, field, str(place)) for place, id_ in enumerate(ids or ()))


@gql_type(public=True)
class UpdateWishlistPayload:
    """What updateWishlist gives back."""

    user: Annotated[User | None, attribute("Whose list it is.", public=True)]
    is_replay: bool
    user_errors: list[UserError]


found_by_key(UPDATE_WISHLIST, USER, "user")


@mutation(roles=SHOPPER)
async def update_wishlist(
    info: Info, idempotency_key: strawberry.ID, input: UpdateWishlistInput
) -> UpdateWishlistPayload | None:
    """Puts products on the wishlist and takes others off."""
    ctx = info.context
    outcome = await run(ctx, UPDATE_WISHLIST, idempotency_key, input.command)
    user = await shown(ctx, USER, outcome, "user")
    return UpdateWishlistPayload(user=user, **ending(ctx, outcome))

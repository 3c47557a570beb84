"""Wishlists: everybody sees and changes one's own."""

from collections.abc import Sequence
from dataclasses import dataclass

from loaders.lists import Listing
from resolvers import products
from resolvers.commands import check
from resolvers.context import SHOPPER, Context
from resolvers.mutations import Mutation, Targets
from resolvers.pages import Page
from stores import wishes
from stores.errors import LimitExceeded, NotFound, Required
from stores.keyset import Window
from stores.products import Product, by_ids
from stores.sql import WriteSession
from stores.wishes import MAX_WISHES, Wish

MAX_CHANGES = 100


@dataclass(frozen=True, slots=True)
class UpdateWishlist:
    """Put products on the viewer's list, and take others off."""

    added: tuple[int, ...] = ()
    removed: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Raise Required, Invalid or LimitExceeded for what nobody can mean."""
        if not self.added and not self.removed:
            raise Required("Send products to add or to remove.", ("addProductIds",))
        for field, ids in (("addProductIds", self.added), ("removeProductIds", self.removed)):
            if len(ids) > MAX_CHANGES:
                raise LimitExceeded(f"Send at most {MAX_CHANGES} at a time.", (field,))
        is_clear = not set(self.added) & set(self.removed)
        check(is_clear, "A product is added and removed; choose one.", "removeProductIds")


async def page(ctx: Context, user_ids: Sequence[int], window: Window) -> list[Page[Wish] | None]:
    """Return a page of each list, what was added last first; None for anyone but its user."""
    viewer = ctx.viewer
    own = [id_ for id_ in user_ids if viewer is not None and viewer.id == id_]
    listing: Listing[None, None] = Listing(None, None, window)
    rows = await ctx.loaders.wishlists.pages.many([(id_, listing) for id_ in own])
    found = {id_: Page.of(some, window) for id_, some in zip(own, rows, strict=True)}
    return [found.get(id_) for id_ in user_ids]


async def shown(ctx: Context, some: Sequence[Wish]) -> list[tuple[Wish, Product]]:
    """Return wishes with their products, without those that the viewer may not see."""
    rows = await products.by_ids(ctx, [one.product_id for one in some])
    return [(one, row) for one, row in zip(some, rows, strict=True) if row]


async def counts(ctx: Context, user_ids: Sequence[int]) -> list[int]:
    """Return how many products on sale each list has."""
    return await ctx.loaders.wishlists.counts.many([(id_, None) for id_ in user_ids])


async def _update(
    session: WriteSession, ctx: Context, edit: UpdateWishlist, targets: Targets
) -> None:
    user_id = targets["user"]
    known = await wishes.known(session, user_id)
    added = [id_ for id_ in dict.fromkeys(edit.added) if id_ not in known]
    rows = await by_ids(session, added)
    for place, id_ in enumerate(edit.added):
        row = rows.get(id_)
        if id_ not in known and (row is None or not products.may_see(ctx, row)):
            raise NotFound("product", ("addProductIds", str(place)))
    if len((known - set(edit.removed)) | set(added)) > MAX_WISHES:
        raise LimitExceeded(f"A wishlist has at most {MAX_WISHES} products.", ("addProductIds",))
    if gone := known & set(edit.removed):
        await wishes.remove(session, user_id, gone)
    await wishes.add(session, [Wish(user_id, id_, ctx.ids.next()) for id_ in added])


UPDATE_WISHLIST = Mutation(
    name="updateWishlist",
    roles=SHOPPER,
    kind="User",
    targets=lambda ctx, _edit: {"user": ctx.require(SHOPPER).id},
    rule=_update,
    is_personal=True,
)

"""Reading coupons: a shopper sees her own, the staff of a promotion all of its coupons."""

from collections.abc import Sequence

from resolvers import promotions as reading
from resolvers.context import Context
from resolvers.owners import ids_of
from resolvers.pages import Page
from stores import coupons, promotions
from stores.coupons import Coupon
from stores.keyset import Window
from stores.promotions import Promotion


async def by_ids(ctx: Context, ids: Sequence[int]) -> list[Coupon | None]:
    """Return each coupon, None for one that is missing or that the viewer may not see."""
    found = await ctx.loaders.promotions.coupon_by_id.many(ids)
    promotion_ids = ids_of(found, lambda row: row.promotion_id)
    owners = await ctx.loaders.promotions.by_id.many(promotion_ids)
    edited = {owner.id for owner in owners if owner and reading.may_edit(ctx, owner)}
    return [
        row if row and (_is_own(ctx, row) or row.promotion_id in edited) else None for row in found
    ]


async def claimed(ctx: Context, promotion_id: int, user_id: int) -> Coupon | None:
    """Return the coupon of a promotion that a user claimed, None for one of somebody else."""
    if ctx.viewer is None or ctx.viewer.id != user_id:
        return None
    async with ctx.database.read() as session:
        return await coupons.claimed(session, promotion_id, user_id)


async def of_users(ctx: Context, user_ids: Sequence[int]) -> list[list[Coupon]]:
    """Return what each user claimed and can use yet, newest first; the caller may see the users.

    Of others, whoever runs the shop sees the coupons of promotions that it may edit.
    """
    if not user_ids:
        return []
    now = ctx.clock()
    async with ctx.database.read() as session:
        found = await coupons.usable(session, set(user_ids), now)
        named = {one.promotion_id for rows in found.values() for one in rows}
        known = await promotions.by_ids(session, named) if named else {}
    live = {id_: row for id_, row in known.items() if row.applies_at(now)}
    edited = {id_ for id_, row in live.items() if reading.may_edit(ctx, row)}
    return [
        [
            one
            for one in found.get(id_, [])
            if one.promotion_id in (live if _is_own(ctx, one) else edited)
        ]
        for id_ in user_ids
    ]


async def promotions_of(ctx: Context, rows: Sequence[Coupon]) -> list[Promotion | None]:
    """Return what each coupon unlocks: whoever sees a coupon sees that, also when it is over."""
    return await ctx.loaders.promotions.by_id.many([row.promotion_id for row in rows])


async def pages(
    ctx: Context, wanted: Sequence[tuple[Promotion, Window]]
) -> list[Page[Coupon] | None]:
    """Return a page of the coupons of each promotion, newest first; None where none may be seen."""
    windows = {of.id: window for of, window in wanted if reading.may_edit(ctx, of)}
    if not windows:
        return [None] * len(wanted)
    async with ctx.database.read() as session:
        found = await coupons.pages(session, windows)
    return [
        Page.of(found.get(of.id, []), window) if of.id in windows else None for of, window in wanted
    ]


async def counts(ctx: Context, promotion_ids: Sequence[int]) -> list[int]:
    """Return how many coupons each promotion has; the caller has seen a page of them."""
    async with ctx.database.read() as session:
        found = await coupons.counts(session, set(promotion_ids))
    return [found.get(id_, 0) for id_ in promotion_ids]


def _is_own(ctx: Context, row: Coupon) -> bool:
    return ctx.viewer is not None and row.user_id == ctx.viewer.id

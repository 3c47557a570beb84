"""Coupons: codes that unlock promotions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Self

import strawberry

import resolvers.coupons
import stores.coupons
import stores.promotions
from graph import nodes
from graph.batch import Batch, Info, lost
from graph.declare import attribute, extend, gql_type
from graph.nodes import Kind, Node
from graph.optional import given
from graph.pages import Cursors, PageInfo, filled
from graph.promotion_lists import PAGED
from graph.promotions import Promotion
from graph.users import USER, User
from resolvers.context import EVERYONE, STAFF, Context
from resolvers.pages import Page, window
from stores.errors import ShopError
from stores.keyset import Window


@gql_type(roles=EVERYONE)
class Coupon(Node):
    """A code that unlocks a promotion: shared, or claimed by one shopper."""

    row: strawberry.Private[stores.coupons.Coupon]
    code: Annotated[str, attribute("In capitals; shoppers may write it in small letters.")]
    usage_limit: Annotated[int | None, attribute("Orders.")]
    used_count: Annotated[int, attribute("Orders that were not called off.")]
    claimed_at: datetime | None
    expires_at: Annotated[datetime | None, attribute("Null if it ends with its promotion.")]

    @classmethod
    def of(cls, _ctx: Context, row: stores.coupons.Coupon) -> Self:
        """Show a row."""
        return cls(
            id=nodes.encode("Coupon", row.id),
            row=row,
            code=row.code,
            usage_limit=row.usage_limit,
            used_count=row.uses,
            claimed_at=row.claimed_at,
            expires_at=row.expires_at,
        )


COUPON = Kind("Coupon", Coupon.of, resolvers.coupons.by_ids)


@extend(Coupon, public=True)
async def promotion(coupons: Sequence[Coupon], info: Info) -> Batch[Promotion]:
    """What it unlocks."""
    ctx = info.context
    found = await resolvers.coupons.promotions_of(ctx, [one.row for one in coupons])
    return [Promotion.of(ctx, row) if row else lost("A coupon", "a promotion") for row in found]


@extend(Coupon, public=True)
async def customer(coupons: Sequence[Coupon], info: Info) -> Batch[User | None]:
    """Null if it is for everyone, or for somebody whom the caller may not see."""
    keys = [one.row.user_id for one in coupons if one.row.user_id is not None]
    found = dict(zip(keys, await USER.many(info.context, keys), strict=True))
    return [found.get(one.row.user_id) if one.row.user_id else None for one in coupons]


@extend(User, public=True, name="coupons")
async def coupons_of_user(users: Sequence[User], info: Info) -> Batch[list[Coupon] | None]:
    """Claimed ones that can still be used, newest first, at most 100.

    To others, those of promotions that they may edit.
    """
    ctx = info.context
    found = await resolvers.coupons.of_users(ctx, [USER.key(user.id) for user in users])
    return [[Coupon.of(ctx, row) for row in rows] for rows in found]


@gql_type(roles=STAFF)
class CouponEdge:
    """A coupon and its place in the list."""

    cursor: str
    node: Coupon


@gql_type(roles=STAFF)
class CouponConnection:
    """A page of coupons."""

    promotion_key: strawberry.Private[int]
    edges: list[CouponEdge]
    nodes: list[Coupon]
    page_info: PageInfo


@extend(CouponConnection, public=True)
async def total_count(pages: Sequence[CouponConnection], info: Info) -> Batch[int | None]:
    """How many coupons the promotion has."""
    return await resolvers.coupons.counts(info.context, [page.promotion_key for page in pages])


@extend(Promotion, roles=STAFF, list_size=PAGED, name="coupons")
async def coupons_of_promotion(
    promotions: Sequence[Promotion],
    info: Info,
    first: int | None = 20,
    after: str | None = strawberry.UNSET,
) -> Batch[CouponConnection | None]:
    """All of it, newest first; null for who may not edit it."""
    ctx = info.context
    places = [_place(one, first, given(after)) for one in promotions]
    good = [place for place in places if isinstance(place, tuple)]
    pages = iter(await resolvers.coupons.pages(ctx, good))
    return [
        _shown(ctx, place[0].id, next(pages)) if isinstance(place, tuple) else place
        for place in places
    ]


def _place(
    promotion: Promotion, first: int | None, after: str | None
) -> tuple[stores.promotions.Promotion, Window] | ShopError:
    # The list of each promotion refuses for itself: a cursor belongs to one of them.
    try:
        behind = _cursors(promotion.row.id).decode(after, "after")
        return promotion.row, window(first, behind)
    except ShopError as error:
        return error


def _shown(
    ctx: Context, key: int, page: Page[stores.coupons.Coupon] | None
) -> CouponConnection | None:
    if page is None:
        return None
    cursors = _cursors(key)
    edges = [
        CouponEdge(cursor=cursors.encode((row.id,)), node=Coupon.of(ctx, row)) for row in page.rows
    ]
    return CouponConnection(promotion_key=key, **filled(page, edges))


def _cursors(key: int) -> Cursors:
    return Cursors((int,), "coupons", key)

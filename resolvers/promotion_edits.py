"""Creating and changing promotions."""

from dataclasses import fields, replace
from typing import Any

from resolvers.commands import UNCHANGED, or_else
from resolvers.context import STAFF, Context
from resolvers.merchants import chosen
from resolvers.mutations import Mutation, Targets
from resolvers.products import may_see
from resolvers.promotion_commands import (
    CreatePromotion,
    UpdatePromotion,
    check_coupons,
    check_window,
)
from resolvers.promotions import editable
from stores import categories, merchants, outbox, products, promotion_writes, promotions, shop
from stores.errors import LimitExceeded, NotFound, TransitionForbidden, VersionConflict
from stores.outbox import Event
from stores.promotion_terms import Scope
from stores.promotions import MAX_ACTIVE, MAX_OF_MERCHANT, Promotion, PromotionStatus
from stores.sql import WriteSession
from stores.users import Role

#: Topic of the event that tells of a promotion.
CHANGED = "promotion.changed"

#: What a promotion may become from each status; what is over stays over.
TRANSITIONS: dict[PromotionStatus, tuple[PromotionStatus, ...]] = {
    PromotionStatus.DRAFT: (PromotionStatus.ACTIVE, PromotionStatus.ENDED),
    PromotionStatus.ACTIVE: (PromotionStatus.PAUSED, PromotionStatus.ENDED),
    PromotionStatus.PAUSED: (PromotionStatus.ACTIVE, PromotionStatus.ENDED),
    PromotionStatus.ENDED: (),
}


async def _create(
    session: WriteSession, ctx: Context, new: CreatePromotion, targets: Targets
) -> None:
    check_window(new.starts_at, new.ends_at)
    check_coupons(is_claimable=new.is_claimable, is_coupon_required=new.is_coupon_required)
    merchant_id = await _merchant(session, ctx, new.merchant_id)
    await _check_scope(session, ctx, new.scope)
    row = _new(ctx, new, targets["promotion"], merchant_id)
    if new.status is PromotionStatus.ACTIVE:
        await _check_room(session, ctx, row)
    await promotion_writes.add(session, row)
    await outbox.append(session, _event(ctx, row))


def _new(ctx: Context, new: CreatePromotion, id_: int, merchant_id: int) -> Promotion:
    return Promotion(
        id=id_,
        version=1,
        updated_at=ctx.clock(),
        merchant_id=merchant_id,
        name=new.name.strip(),
        status=new.status.value,
        starts_at=new.starts_at,
        ends_at=new.ends_at,
        priority=new.priority,
        is_stackable=new.is_stackable,
        is_coupon_required=new.is_coupon_required,
        is_claimable=new.is_claimable,
        scope=new.scope,
        conditions=new.conditions,
        actions=new.actions,
        usage_limit=new.usage_limit,
        usage_limit_per_customer=new.usage_limit_per_customer,
    )


async def _update(
    session: WriteSession, ctx: Context, edit: UpdatePromotion, _targets: Targets
) -> None:
    before = await editable(session, ctx, edit.promotion_id)
    if before.version != edit.version:
        raise VersionConflict("Promotion", before.version, before)
    row = _changed(ctx, edit, before)
    _check_step(ctx, before, row)
    check_window(row.starts_at, row.ends_at)
    check_coupons(is_claimable=row.is_claimable, is_coupon_required=row.is_coupon_required)
    if edit.scope is not UNCHANGED:
        await _check_scope(session, ctx, edit.scope)
    if row.status == PromotionStatus.ACTIVE.value != before.status:
        await _check_room(session, ctx, row)
    if not await promotion_writes.change(session, row):
        now = await editable(session, ctx, edit.promotion_id)
        raise VersionConflict("Promotion", now.version, now)
    await outbox.append(session, _event(ctx, row))


def _changed(ctx: Context, edit: UpdatePromotion, before: Promotion) -> Promotion:
    names = {field.name for field in fields(edit)} - {"promotion_id", "version", "status"}
    told: dict[str, Any] = {
        name: or_else(getattr(edit, name), getattr(before, name)) for name in names
    }
    status = before.status if edit.status is UNCHANGED else edit.status.value
    told |= {"status": status, "name": told["name"].strip()}
    return replace(before, version=edit.version + 1, updated_at=ctx.clock(), **told)


def _check_step(ctx: Context, before: Promotion, after: Promotion) -> None:
    was, becomes = before.status_at(ctx.clock()), PromotionStatus(after.status)
    is_same = before.status == after.status
    if was is PromotionStatus.ENDED or not (is_same or becomes in TRANSITIONS[was]):
        raise TransitionForbidden("promotion", was.value, becomes.value, ("status",))


async def _merchant(session: WriteSession, ctx: Context, merchant_id: int | None) -> int:
    """Return whose promotion it is, 0 for that of the whole shop. Raises NotFound and Required."""
    if merchant_id is None and Role.OWNER in ctx.require(STAFF).roles:
        return 0
    wanted = chosen(ctx, merchant_id)
    if wanted not in await merchants.by_ids(session, [wanted]):
        raise NotFound("merchant", ("merchantId",))
    return wanted


async def _check_scope(session: WriteSession, ctx: Context, scope: Scope | None) -> None:
    if scope is None:
        return
    goods = await products.by_ids(session, scope.product_ids) if scope.product_ids else {}
    for place, id_ in enumerate(scope.product_ids):
        if id_ not in goods or not may_see(ctx, goods[id_]):
            raise NotFound("product", ("scope", "productIds", str(place)))
    shelves = await categories.by_ids(session, scope.category_ids) if scope.category_ids else {}
    for place, id_ in enumerate(scope.category_ids):
        if id_ not in shelves:
            raise NotFound("category", ("scope", "categoryIds", str(place)))


async def _check_room(session: WriteSession, ctx: Context, row: Promotion) -> None:
    """Raise LimitExceeded if no more promotions may be active, of the shop or of the merchant."""
    # Two at once would both find room for one more.
    await shop.hold(session)
    whole, own = await promotions.count_active(session, ctx.clock(), row.merchant_id)
    if whole >= MAX_ACTIVE:
        raise LimitExceeded(
            f"{MAX_ACTIVE} promotions are active, and no more may be; end one first.", ("status",)
        )
    if row.merchant_id and own >= MAX_OF_MERCHANT:
        raise LimitExceeded(
            f"{MAX_OF_MERCHANT} promotions of this merchant are active, and no more may be; end "
            "one first.",
            ("status",),
        )


def _event(ctx: Context, row: Promotion) -> Event:
    body: dict[str, object] = {"merchantId": row.merchant_id, "status": row.status}
    return Event(ctx.ids.next(), CHANGED, f"Promotion:{row.id}", row.version, body, row.updated_at)


CREATE_PROMOTION = Mutation(
    name="createPromotion",
    roles=STAFF,
    kind="Promotion",
    targets=lambda ctx, _new: {"promotion": ctx.ids.next()},
    rule=_create,
)
UPDATE_PROMOTION = Mutation(
    name="updatePromotion",
    roles=STAFF,
    kind="Promotion",
    targets=lambda _ctx, edit: {"promotion": edit.promotion_id},
    rule=_update,
)

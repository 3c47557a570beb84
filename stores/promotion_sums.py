"""What the uses of promotions and coupons add up to: what their counters must be equal to."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, select

from stores.coupons import Coupon, coupons
from stores.order_discounts import order_discounts
from stores.promotions import promotion_scopes
from stores.sql import ReadSession

_USES, _CODES, _SCOPES = order_discounts.c, coupons.c, promotion_scopes.c


@dataclass(frozen=True, slots=True)
class PromotionSums:
    """Of one promotion: orders that use it, their units at its price, and claimed coupons."""

    uses: int = 0
    units: int = 0
    claims: int = 0
    scope: tuple[tuple[str, str], ...] = ()


async def by_promotions(session: ReadSession, ids: Collection[int]) -> dict[int, PromotionSums]:
    """Return the sums of promotions; all at one moment only in such a session."""
    used = await session.rows(
        lambda id_, uses, units: (int(id_), (int(uses), int(units))),
        select(_USES.promotion_id, func.count(), func.sum(_USES.units))
        .where(_USES.promotion_id.in_(ids), _USES.released_at.is_(None))
        .group_by(_USES.promotion_id),
    )
    claimed = await session.rows(
        lambda id_, count: (int(id_), int(count)),
        select(_CODES.promotion_id, func.count())
        .where(_CODES.promotion_id.in_(ids), _CODES.user_id.is_not(None))
        .group_by(_CODES.promotion_id),
    )
    scopes, uses, claims = await _scopes(session, ids), dict(used), dict(claimed)
    return {
        id_: PromotionSums(*uses.get(id_, (0, 0)), claims.get(id_, 0), scopes.get(id_, ()))
        for id_ in ids
    }


async def _scopes(
    session: ReadSession, ids: Collection[int]
) -> dict[int, tuple[tuple[str, str], ...]]:
    found: dict[int, tuple[tuple[str, str], ...]] = {}
    statement = select(_SCOPES.promotion_id, _SCOPES.kind, _SCOPES.name).where(
        _SCOPES.promotion_id.in_(ids)
    )
    for id_, kind, name in await session.rows(lambda *row: row, statement):
        found[id_] = (*found.get(id_, ()), (kind, name))
    return found


async def by_coupons(
    session: ReadSession, ids: Collection[int]
) -> tuple[dict[int, Coupon], dict[int, int]]:
    """Return the coupons that exist, and how many orders use each."""
    rows = await session.rows(Coupon, select(coupons).where(_CODES.id.in_(ids)))
    counted = await session.rows(
        lambda id_, count: (int(id_), int(count)),
        select(_USES.coupon_id, func.count())
        .where(_USES.coupon_id.in_(ids), _USES.released_at.is_(None))
        .group_by(_USES.coupon_id),
    )
    return {row.id: row for row in rows}, dict(counted)

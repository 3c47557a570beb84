"""What a customer gets of the promotions that concern some lines, as limits and coupons allow."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from resolvers import discounts
from resolvers.discounts import NOTHING, Discount, Given, Offer, Units
from resolvers.promotion_offers import Held
from stores import coupons, order_discounts, promotions, purchases
from stores.coupon_errors import (
    CouponExpired,
    CouponInvalid,
    CouponLimitReached,
    CouponNotApplicable,
)
from stores.coupons import Coupon
from stores.errors import Refusal
from stores.order_discounts import PastUse
from stores.promotion_terms import CustomerSegment
from stores.promotions import Promotion, PromotionStatus
from stores.sql import ReadSession


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks for which promotions, with which coupons, and when; a visitor has no id."""

    held: Sequence[Held]
    codes: Sequence[str]
    user_id: int | None
    now: datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """What limits and conditions are compared with, read at one time."""

    now: datetime
    user_id: int | None = None
    segments: frozenset[CustomerSegment] = frozenset()
    promotions: Mapping[int, Promotion] = field(default_factory=dict)
    coupons: Mapping[str, Coupon] = field(default_factory=dict)
    uses: Sequence[PastUse] = ()

    def slots(self, promotion_id: int) -> list[int | None]:
        """Return the uses of a promotion by the customer, each by its number among the limited."""
        return [one.slot for one in self.uses if one.promotion_id == promotion_id]


@dataclass(frozen=True, slots=True)
class Settled:
    """What is taken off, and why each coupon that is not used is not; by its place."""

    given: Given = NOTHING
    refusals: Mapping[int, Refusal] = field(default_factory=dict)


#: Of lines that no promotion concerns, and no coupon.
UNTOUCHED = Settled()


async def facts(
    session: ReadSession, asking: Asking, known: Mapping[int, Promotion] | None = None
) -> Facts:
    """Read what the promotions ask for, each in one statement, and nothing else.

    `known` are promotions that were read in this moment already. A visitor is in no segment, as
    nobody knows what she bought.
    """
    held, user_id = asking.held, asking.user_id
    found = await coupons.by_codes(session, asking.codes) if asking.codes else {}
    named = {one.promotion_id for one in held} | {one.promotion_id for one in found.values()}
    rows = dict(known or {})
    if missing := named - rows.keys():
        rows |= await promotions.by_ids(session, missing)
    if user_id is None:
        return Facts(asking.now, None, frozenset(), rows, found)
    limited = [one.promotion_id for one in held if one.limit_per_customer is not None]
    uses = await order_discounts.of_customer(session, user_id, limited) if limited else []
    segments = await _segments(session, held, user_id)
    return Facts(asking.now, user_id, segments, rows, found, uses)


async def _segments(
    session: ReadSession, held: Sequence[Held], user_id: int
) -> frozenset[CustomerSegment]:
    if not any(one.asks_for_segment() for one in held):
        return frozenset()
    has_bought = await purchases.has_bought(session, user_id)
    return frozenset([CustomerSegment.RETURNING if has_bought else CustomerSegment.FIRST_ORDER])


def settled(
    goods: Sequence[Units],
    held: Sequence[Held],
    codes: Sequence[str],
    known: Facts,
    shipping_minor: int | None = None,
) -> Settled:
    """Return what the promotions take off, each coupon by the first code that names it."""
    if not held and not codes:
        return UNTOUCHED
    refusals: dict[int, Refusal] = {}
    unlocked = _unlocked(held, codes, known, refusals)
    unlocking = {id_: codes[place] for id_, place in unlocked.items()}
    offers = [offer for one in held if (offer := _offer(one, unlocking, known))]
    found = discounts.given(goods, offers, known.segments, shipping_minor)
    used = {one.promotion_id for one in found.discounts}
    # What only shipping would bear is told once shipping is known.
    waiting = {one.promotion_id for one in held if shipping_minor is None and one.gives_shipping()}
    refusals |= _idle(unlocked, codes, used | waiting)
    return Settled(found, dict(sorted(refusals.items())))


def slot(discount: Discount, held: Mapping[int, Held], known: Facts) -> int | None:
    """Return the number of the customer's next use, None where any number is allowed.

    Two orders at once that see the same uses get the same number, and only one may keep it.
    """
    limit = held[discount.promotion_id].limit_per_customer
    if limit is None:
        return None
    taken = known.slots(discount.promotion_id)
    return next(number for number in range(limit + 1) if number not in taken)


def _unlocked(
    held: Sequence[Held], codes: Sequence[str], known: Facts, refusals: dict[int, Refusal]
) -> dict[int, int]:
    """Return the place of the code that unlocks each promotion; tell why others do not."""
    by_id = {one.promotion_id: one for one in held if one.is_coupon_required}
    unlocked: dict[int, int] = {}
    for place, code in enumerate(codes):
        coupon = known.coupons.get(code)
        refusal = _refusal(coupon, code, by_id, known, _field(place))
        if coupon is None or refusal is not None or coupon.promotion_id in unlocked:
            refusals[place] = refusal or CouponNotApplicable(code, _field(place))
        else:
            unlocked[coupon.promotion_id] = place
    return unlocked


def _idle(
    unlocked: Mapping[int, int], codes: Sequence[str], used: Collection[int]
) -> dict[int, Refusal]:
    """Return why each code is not used, by place, that unlocked none of the used promotions."""
    places = [place for id_, place in unlocked.items() if id_ not in used]
    return {place: CouponNotApplicable(codes[place], _field(place)) for place in places}


def _refusal(
    coupon: Coupon | None,
    code: str,
    held: Mapping[int, Held],
    known: Facts,
    field_: tuple[str, ...],
) -> Refusal | None:
    if coupon is None or coupon.user_id not in (None, known.user_id):
        return CouponInvalid(code, field_)
    its, row = held.get(coupon.promotion_id), known.promotions.get(coupon.promotion_id)
    if coupon.expires_at is not None and coupon.expires_at <= known.now:
        return CouponExpired(code, field_)
    if its is None:
        is_over = row is not None and row.status_at(known.now) is PromotionStatus.ENDED
        return (CouponExpired if is_over else CouponNotApplicable)(code, field_)
    is_used_up = coupon.usage_limit is not None and coupon.uses >= coupon.usage_limit
    if is_used_up or not _is_left(its, known):
        return CouponLimitReached(code, field_)
    return None


def _field(place: int) -> tuple[str, ...]:
    return ("couponCodes", str(place))


def _is_left(held: Held, known: Facts) -> bool:
    """Return whether a promotion has uses left, over all customers and for this one."""
    row = known.promotions.get(held.promotion_id)
    if row is None or (row.usage_limit is not None and row.uses >= row.usage_limit):
        return False
    limit = held.limit_per_customer
    return limit is None or len(known.slots(held.promotion_id)) < limit


def _offer(held: Held, unlocking: Mapping[int, str], known: Facts) -> Offer | None:
    code = unlocking.get(held.promotion_id)
    if not _is_left(held, known) or (held.is_coupon_required and code is None):
        return None
    return held.offer(code, held.units_left(known.promotions[held.promotion_id]))

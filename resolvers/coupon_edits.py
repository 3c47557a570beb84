"""Making coupons, and claiming them."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from resolvers.commands import check
from resolvers.context import SHOPPER, STAFF, Context
from resolvers.coupon_codes import MIN_LENGTH, is_code
from resolvers.mutations import Mutation, Targets
from resolvers.promotion_commands import check_limit
from resolvers.promotions import editable
from stores import coupons, promotion_writes, promotions
from stores.coupon_errors import CouponLimitReached
from stores.coupons import CODE_LENGTH, Coupon
from stores.drivers import UniqueViolation
from stores.errors import Duplicate, Invalid, NotFound, TransitionForbidden, VersionConflict
from stores.promotions import PromotionStatus
from stores.sql import WriteSession

MAX_CODES = 1_000
#: Without letters and digits that look alike: 60 bits in 12 of them.
_ALPHABET, _RANDOM_LENGTH = "0123456789ABCDEFGHJKMNPQRSTVWXYZ", 12


@dataclass(frozen=True, slots=True)
class CreateCoupons:
    """Make coupons of a promotion that is at `version`: these codes, or so many random ones."""

    promotion_id: int
    version: int
    codes: tuple[str, ...] = ()
    count: int = 0
    usage_limit: int | None = None
    expires_at: datetime | None = None

    def __post_init__(self) -> None:
        """Raise Invalid for too many codes, or for what no code can be."""
        is_list = bool(self.codes)
        check(1 <= self.size <= MAX_CODES, f"Make 1 to {MAX_CODES} codes at a time.", "codes")
        reason = f"A code has {MIN_LENGTH} to {CODE_LENGTH} letters A to Z, digits and hyphens."
        for place, code in enumerate(self.codes):
            check(is_code(code), reason, "codes", "list", str(place))
        is_once = not is_list or len(set(self.codes)) == len(self.codes)
        told = "A code stands twice; capitals and small letters are alike."
        check(is_once, told, "codes", "list")
        check_limit(self.usage_limit, "usageLimit")

    @property
    def size(self) -> int:
        """Return how many coupons are made."""
        return len(self.codes) or self.count


@dataclass(frozen=True, slots=True)
class ClaimCoupon:
    """Take a coupon of a claimable promotion."""

    promotion_id: int


async def _create(
    session: WriteSession, ctx: Context, new: CreateCoupons, targets: Targets
) -> None:
    row = await editable(session, ctx, new.promotion_id)
    if row.version != new.version:
        raise VersionConflict("Promotion", row.version, row)
    if row.status_at(ctx.clock()) is PromotionStatus.ENDED:
        raise TransitionForbidden("promotion", row.status, "a new coupon", ("promotionId",))
    if not row.is_coupon_required:
        reason = "The promotion needs no coupon; set its isCouponRequired first."
        raise Invalid(reason, ("promotionId",))
    await _add(session, new, targets["coupons"])
    if not await promotion_writes.change(
        session, replace(row, version=row.version + 1, updated_at=ctx.clock())
    ):
        now = await editable(session, ctx, new.promotion_id)
        raise VersionConflict("Promotion", now.version, now)


async def _add(session: WriteSession, new: CreateCoupons, ids: Sequence[int]) -> None:
    await _check_free(session, new)
    codes = new.codes or tuple(_random() for _ in range(new.count))
    made = [
        Coupon(id_, new.promotion_id, code, None, new.usage_limit, 0, None, new.expires_at)
        for id_, code in zip(ids, codes, strict=True)
    ]
    try:
        await coupons.add(session, made)
    except UniqueViolation as error:
        raise Duplicate("coupon", ("codes",)) from error


async def _check_free(session: WriteSession, new: CreateCoupons) -> None:
    taken = await coupons.by_codes(session, new.codes) if new.codes else {}
    for place, code in enumerate(new.codes):
        if code in taken:
            raise Duplicate("coupon", ("codes", "list", str(place)))


def _random() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(_RANDOM_LENGTH))


async def _claim(
    session: WriteSession, ctx: Context, wanted: ClaimCoupon, _targets: Targets
) -> None:
    viewer, now = ctx.require(CLAIM_COUPON.roles), ctx.clock()
    row = (await promotions.by_ids(session, [wanted.promotion_id])).get(wanted.promotion_id)
    if row is None or not row.is_claimable or not row.applies_at(now):
        raise NotFound("promotion to take a coupon of", ("promotionId",))
    new = Coupon(ctx.ids.next(), row.id, _random(), viewer.id, 1, 0, now, None)
    if await coupons.claimed(session, row.id, viewer.id):
        return
    try:
        await coupons.add(session, [new])
    except UniqueViolation:
        # Claimed under another key in this moment.
        return
    # The row that everybody wants comes last.
    if not await promotions.claim(session, row.id):
        raise CouponLimitReached(f"“{row.name}”", ("promotionId",))


CREATE_COUPONS = Mutation(
    name="createCoupons",
    roles=STAFF,
    kind="Promotion",
    targets=lambda ctx, new: {
        "promotion": new.promotion_id,
        "coupons": [ctx.ids.next() for _ in range(new.size)],
    },
    rule=_create,
)
CLAIM_COUPON = Mutation(
    name="claimCoupon",
    roles=SHOPPER,
    kind="Coupon",
    # A shopper has one coupon of a promotion, however often she asks.
    targets=lambda ctx, wanted: {"coupon": [wanted.promotion_id, ctx.require(SHOPPER).id]},
    rule=_claim,
    is_personal=True,
)

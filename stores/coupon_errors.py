"""Why a coupon is refused."""

from dataclasses import dataclass

from stores.errors import ErrorCode, Refusal


@dataclass(eq=False)
class CouponInvalid(Refusal):
    """There is no such coupon for this shopper: missing, or another shopper's."""

    code = ErrorCode.COUPON_INVALID
    sentence = "There is no coupon {coupon} for you; check how it is written."
    coupon: str
    field: tuple[str, ...] = ()


@dataclass(eq=False)
class CouponExpired(Refusal):
    """The coupon, or its promotion, ran out of time."""

    code = ErrorCode.COUPON_EXPIRED
    sentence = "The coupon {coupon} ran out of time; go on without it."
    coupon: str
    field: tuple[str, ...] = ()


@dataclass(eq=False)
class CouponLimitReached(Refusal):
    """All uses of the coupon, or of its promotion, are taken."""

    code = ErrorCode.COUPON_LIMIT_REACHED
    sentence = "All uses of {coupon} are taken; go on without it."
    coupon: str
    field: tuple[str, ...] = ()


@dataclass(eq=False)
class CouponNotApplicable(Refusal):
    """The conditions of the coupon's promotion do not hold, or another one takes its place."""

    code = ErrorCode.COUPON_NOT_APPLICABLE
    sentence = "The coupon {coupon} gives nothing here; look at the conditions of its promotion."
    coupon: str
    field: tuple[str, ...] = ()

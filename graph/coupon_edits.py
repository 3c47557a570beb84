"""Making coupons, and claiming them."""

from datetime import datetime
from functools import partial
from typing import Annotated

import strawberry

import resolvers.coupons
from graph.batch import Info
from graph.coupons import COUPON, Coupon
from graph.declare import attribute, gql_input, gql_type, mutation
from graph.nodes import Node
from graph.operation_status import finds, found_by_key
from graph.optional import given
from graph.payloads import ending, late, shown
from graph.promotions import PROMOTION, Promotion
from graph.user_errors import UserError
from resolvers.context import SHOPPER, STAFF, Context
from resolvers.coupon_edits import CLAIM_COUPON, CREATE_COUPONS, ClaimCoupon, CreateCoupons
from resolvers.mutations import Outcome, Targets, run

#: The field below has the name of its type.
_Codes = list[str]


@gql_input(one_of=True)
class CouponCodesInput:
    """Exactly one way to make codes, at most 1000."""

    list: Annotated[
        _Codes | None, attribute("These: 3 to 32 letters A to Z, digits and hyphens.")
    ] = strawberry.UNSET
    count: Annotated[int | None, attribute("So many random ones.")] = strawberry.UNSET


@gql_input()
class CreateCouponsInput:
    """What createCoupons needs."""

    promotion_id: strawberry.ID
    codes: CouponCodesInput
    usage_limit: Annotated[int | None, attribute("Orders for each code.")] = strawberry.UNSET
    expires_at: datetime | None = strawberry.UNSET

    def command(self, version: int) -> CreateCoupons:
        """Return the command. Raises Invalid."""
        return CreateCoupons(
            promotion_id=PROMOTION.key(self.promotion_id, "promotionId"),
            version=version,
            codes=tuple(code.strip().upper() for code in given(self.codes.list) or ()),
            count=given(self.codes.count) or 0,
            usage_limit=given(self.usage_limit),
            expires_at=given(self.expires_at),
        )


@gql_input()
class ClaimCouponInput:
    """What claimCoupon needs."""

    promotion_id: strawberry.ID

    def command(self) -> ClaimCoupon:
        """Return the command. Raises Invalid."""
        return ClaimCoupon(PROMOTION.key(self.promotion_id, "promotionId"))


@gql_type(public=True)
class CreateCouponsPayload:
    """What createCoupons gives back."""

    promotion: Promotion | None
    coupons: Annotated[
        list[Coupon] | None, attribute("Those that were made, in order.", public=True)
    ]
    is_replay: bool
    user_errors: list[UserError]


@gql_type(public=True)
class ClaimCouponPayload:
    """What claimCoupon gives back."""

    coupon: Annotated[
        Coupon | None,
        attribute("The same one however often it is claimed: a shopper has one.", public=True),
    ]
    is_replay: bool
    user_errors: list[UserError]


found_by_key(CREATE_COUPONS, PROMOTION, "promotion")


@mutation(roles=STAFF)
async def create_coupons(
    info: Info, idempotency_key: strawberry.ID, version: int, input: CreateCouponsInput
) -> CreateCouponsPayload | None:
    """Makes coupon codes; version of the promotion."""
    ctx = info.context
    outcome = await run(ctx, CREATE_COUPONS, idempotency_key, partial(input.command, version))
    return CreateCouponsPayload(
        promotion=await shown(ctx, PROMOTION, outcome, "promotion"),
        coupons=await _made(ctx, outcome),
        **ending(ctx, outcome),
    )


async def _made(ctx: Context, outcome: Outcome) -> list[Coupon] | None:
    if outcome.targets is None:
        return None
    found = await late(outcome, COUPON.many(ctx, outcome.targets["coupons"]))
    return None if found is None else [one for one in found if one]


@mutation(roles=SHOPPER)
async def claim_coupon(
    info: Info, idempotency_key: strawberry.ID, input: ClaimCouponInput
) -> ClaimCouponPayload | None:
    """Takes a coupon of a claimable promotion."""
    ctx = info.context
    outcome = await run(ctx, CLAIM_COUPON, idempotency_key, input.command)
    done = outcome.targets
    shown_ = None if done is None else await late(outcome, _claimed(ctx, done))
    return ClaimCouponPayload(coupon=shown_, **ending(ctx, outcome))


@finds(CLAIM_COUPON.name)
async def _object(ctx: Context, targets: Targets) -> Node | None:
    return await _claimed(ctx, targets)


async def _claimed(ctx: Context, targets: Targets) -> Coupon | None:
    row = await resolvers.coupons.claimed(ctx, *targets["coupon"])
    return None if row is None else COUPON.show(ctx, row)

"""Creating and changing promotions."""

from datetime import datetime
from functools import partial
from typing import Annotated

import strawberry

from graph.batch import Info
from graph.declare import attribute, gql_input, gql_type, mutation
from graph.merchants import MERCHANT
from graph.operation_status import found_by_key
from graph.optional import changed, given, kept
from graph.payloads import ending, shown
from graph.promotion_inputs import (
    ProductScopeInput,
    PromotionActionInput,
    PromotionConditionInput,
    actions,
    conditions,
)
from graph.promotions import PROMOTION, Promotion
from graph.user_errors import UserError
from resolvers.commands import UNCHANGED, Unchanged
from resolvers.context import STAFF
from resolvers.mutations import run
from resolvers.promotion_commands import CreatePromotion, UpdatePromotion
from resolvers.promotion_edits import CREATE_PROMOTION, UPDATE_PROMOTION
from stores.promotion_terms import Action, Condition, Scope
from stores.promotions import PromotionStatus

_PRIORITY = "Higher is tried first."
_WHOLE = "The whole list."


@gql_input()
class CreatePromotionInput:
    """What createPromotion needs."""

    name: str
    merchant_id: Annotated[
        strawberry.ID | None,
        attribute("For OWNER only, of the whole shop without it; a merchant creates its own."),
    ] = strawberry.UNSET
    starts_at: datetime
    ends_at: datetime | None = strawberry.UNSET
    priority: Annotated[int, attribute(_PRIORITY)] = 0
    is_stackable: bool = False
    is_coupon_required: bool = False
    is_claimable: bool = False
    scope: Annotated[ProductScopeInput | None, attribute("All lines if left out.")] = (
        strawberry.UNSET
    )
    conditions: list[PromotionConditionInput] | None = strawberry.UNSET
    actions: list[PromotionActionInput]
    usage_limit: int | None = strawberry.UNSET
    usage_limit_per_customer: int | None = strawberry.UNSET
    status: PromotionStatus = PromotionStatus.DRAFT

    def command(self, currency: str) -> CreatePromotion:
        """Return the command. Raises Invalid."""
        merchant_id, scope = given(self.merchant_id), given(self.scope)
        return CreatePromotion(
            name=self.name,
            starts_at=self.starts_at,
            actions=actions(self.actions, currency),
            merchant_id=None if merchant_id is None else MERCHANT.key(merchant_id, "merchantId"),
            ends_at=given(self.ends_at),
            priority=self.priority,
            is_stackable=self.is_stackable,
            is_coupon_required=self.is_coupon_required,
            is_claimable=self.is_claimable,
            scope=None if scope is None else scope.scope("scope"),
            conditions=conditions(given(self.conditions), currency),
            usage_limit=given(self.usage_limit),
            usage_limit_per_customer=given(self.usage_limit_per_customer),
            status=self.status,
        )


@gql_input()
class UpdatePromotionInput:
    """What updatePromotion needs; a field left out stays, null clears it."""

    promotion_id: strawberry.ID
    name: str | None = strawberry.UNSET
    starts_at: datetime | None = strawberry.UNSET
    ends_at: datetime | None = strawberry.UNSET
    priority: Annotated[int | None, attribute(_PRIORITY)] = strawberry.UNSET
    is_stackable: bool | None = strawberry.UNSET
    is_coupon_required: bool | None = strawberry.UNSET
    is_claimable: bool | None = strawberry.UNSET
    scope: ProductScopeInput | None = strawberry.UNSET
    conditions: Annotated[list[PromotionConditionInput] | None, attribute(_WHOLE)] = (
        strawberry.UNSET
    )
    actions: Annotated[list[PromotionActionInput] | None, attribute(_WHOLE)] = strawberry.UNSET
    usage_limit: int | None = strawberry.UNSET
    usage_limit_per_customer: int | None = strawberry.UNSET
    status: PromotionStatus | None = strawberry.UNSET

    def command(self, currency: str, version: int) -> UpdatePromotion:
        """Return the command. Raises a Refusal."""
        return UpdatePromotion(
            promotion_id=PROMOTION.key(self.promotion_id, "promotionId"),
            version=version,
            name=kept(self.name, "name"),
            starts_at=kept(self.starts_at, "startsAt"),
            ends_at=changed(self.ends_at),
            priority=kept(self.priority, "priority"),
            is_stackable=kept(self.is_stackable, "isStackable"),
            is_coupon_required=kept(self.is_coupon_required, "isCouponRequired"),
            is_claimable=kept(self.is_claimable, "isClaimable"),
            scope=self._scope(),
            conditions=self._conditions(currency),
            actions=self._actions(currency),
            usage_limit=changed(self.usage_limit),
            usage_limit_per_customer=changed(self.usage_limit_per_customer),
            status=kept(self.status, "status"),
        )

    def _scope(self) -> Scope | Unchanged | None:
        sent = changed(self.scope)
        return sent if sent is UNCHANGED or sent is None else sent.scope("scope")

    def _conditions(self, currency: str) -> tuple[Condition, ...] | Unchanged:
        sent = changed(self.conditions)
        return UNCHANGED if sent is UNCHANGED else conditions(sent, currency)

    def _actions(self, currency: str) -> tuple[Action, ...] | Unchanged:
        sent = kept(self.actions, "actions")
        return UNCHANGED if sent is UNCHANGED else actions(sent, currency)


@gql_type(public=True)
class CreatePromotionPayload:
    """What createPromotion gives back."""

    promotion: Promotion | None
    is_replay: bool
    user_errors: list[UserError]


@gql_type(public=True)
class UpdatePromotionPayload:
    """What updatePromotion gives back."""

    promotion: Promotion | None
    is_replay: bool
    user_errors: list[UserError]


found_by_key(CREATE_PROMOTION, PROMOTION, "promotion")
found_by_key(UPDATE_PROMOTION, PROMOTION, "promotion")


@mutation(roles=STAFF)
async def create_promotion(
    info: Info, idempotency_key: strawberry.ID, input: CreatePromotionInput
) -> CreatePromotionPayload | None:
    """Creates a promotion."""
    ctx = info.context
    command = partial(input.command, ctx.currency)
    outcome = await run(ctx, CREATE_PROMOTION, idempotency_key, command)
    return CreatePromotionPayload(
        promotion=await shown(ctx, PROMOTION, outcome, "promotion"), **ending(ctx, outcome)
    )


@mutation(roles=STAFF)
async def update_promotion(
    info: Info, idempotency_key: strawberry.ID, version: int, input: UpdatePromotionInput
) -> UpdatePromotionPayload | None:
    """Changes, starts, pauses or ends a promotion; orders and checkouts from before keep theirs."""
    ctx = info.context
    command = partial(input.command, ctx.currency, version)
    outcome = await run(ctx, UPDATE_PROMOTION, idempotency_key, command)
    return UpdatePromotionPayload(
        promotion=await shown(ctx, PROMOTION, outcome, "promotion"), **ending(ctx, outcome)
    )

"""Trying promotions out."""

import strawberry

import resolvers.promotion_previews
from graph.batch import Info
from graph.declare import query
from graph.order_previews import OrderPreview
from graph.promotions import PROMOTION
from graph.users import USER
from graph.variant_quantities import VariantQuantityInput
from resolvers.cart_commands import Units
from resolvers.context import STAFF


@query(roles=STAFF, cost=5)
async def promotion_preview(
    info: Info,
    promotion_id: strawberry.ID,
    lines: list[VariantQuantityInput],
    customer_id: strawberry.ID | None = strawberry.UNSET,
) -> OrderPreview | None:
    """What a promotion, also a draft, would do to these lines, at most 100.

    No other promotion is looked at; a coupon counts as sent, and without a customer the segment
    that it asks for as met. Null for one that the caller may not edit.
    """
    ctx = info.context
    customer = USER.key(customer_id, "customerId") if customer_id else None
    wanted = [
        Units(one.variant_key("lines", str(place)), one.quantity) for place, one in enumerate(lines)
    ]
    key = PROMOTION.key(promotion_id, "promotionId")
    found = await resolvers.promotion_previews.preview(ctx, key, wanted, customer)
    return None if found is None else OrderPreview.of(ctx, found)

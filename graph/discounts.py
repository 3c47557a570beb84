"""Money taken off, and why."""

from collections.abc import Sequence
from typing import Annotated, Self

import strawberry

from graph.batch import Batch, Info
from graph.declare import attribute, extend, gql_type
from graph.money import Money
from graph.promotions import PROMOTION, Promotion
from resolvers.context import Context
from resolvers.discounts import Given


@gql_type(public=True)
class Discount:
    """Money taken off, and why; the shares of the lines add up to it exactly.

    Below zero where staff has raised the price of an order.
    """

    promotion_key: strawberry.Private[int]
    title: str
    coupon_code: str | None
    amount: Annotated[
        Money,
        attribute(
            "What is taken off lines stands in totals.discount too; what is taken off shipping is "
            "gone from totals.shipping already."
        ),
    ]

    @classmethod
    def of(cls, ctx: Context, told: tuple[int, str, str | None], amount_minor: int) -> Self:
        """Show what a promotion (its id, its name, the coupon's code) takes off."""
        key, title, code = told
        amount = Money.of(amount_minor, ctx.currency)
        return cls(promotion_key=key, title=title, coupon_code=code, amount=amount)


@extend(Discount, public=True)
async def promotion(discounts: Sequence[Discount], info: Info) -> Batch[Promotion | None]:
    """As it is now; null if the caller may not see it any more."""
    return await PROMOTION.many(info.context, [one.promotion_key for one in discounts])


def of_all(ctx: Context, given: Given) -> list[Discount]:
    """Show all that is taken off lines and shipping, in the order of application."""
    return [
        Discount.of(ctx, (one.promotion_id, one.title, one.coupon), one.amount_minor)
        for one in given.discounts
    ]


def of_line(ctx: Context, given: Given, place: int) -> list[Discount]:
    """Show what is taken off one line."""
    return [
        Discount.of(ctx, (one.promotion_id, one.title, one.coupon), one.shares[place])
        for one in given.discounts
        if one.shares[place]
    ]

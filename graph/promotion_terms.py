"""Terms of promotions: what they ask for, and what they give."""

from decimal import Decimal
from typing import Annotated, Any

from strawberry.types.union import StrawberryUnion

from graph.declare import attribute, gql_enum, gql_type
from graph.money import Money
from resolvers.context import Context
from stores import promotion_terms
from stores.promotion_terms import MILLION, CustomerSegment

gql_enum(
    CustomerSegment,
    FIRST_ORDER="Nothing bought before; an order that was called off counts for nothing.",
    RETURNING="Has bought before.",
)


@gql_type(public=True)
class MinQuantity:
    """The lines in scope have at least this many units."""

    quantity: int


@gql_type(public=True)
class MinSubtotal:
    """The lines in scope cost at least this much, before any discount."""

    amount: Money


@gql_type(public=True)
class SegmentCondition:
    """The customer belongs to a segment."""

    segment: CustomerSegment


@gql_type(public=True)
class PercentOff:
    """A share off the lines in scope."""

    percent: Annotated[Decimal, attribute("0 to 100.")]
    maximum: Money | None


@gql_type(public=True)
class AmountOff:
    """An amount off, spread over the lines in scope."""

    amount: Money


@gql_type(public=True)
class FixedPrice:
    """Each unit costs this much; with a limit, a flash sale."""

    price: Money
    quantity_limit: Annotated[int | None, attribute("Units sold at this price, over all orders.")]


@gql_type(public=True)
class ShippingOff:
    """A share off shipping."""

    percent: Annotated[Decimal, attribute("0 to 100; 100 is free.")]
    maximum: Money | None


@gql_type(public=True)
class DiscountTier:
    """An amount off from a subtotal on."""

    subtotal: Money
    amount_off: Money


@gql_type(public=True)
class TieredDiscount:
    """The highest tier reached counts."""

    tiers: list[DiscountTier]


PromotionCondition = Annotated[
    MinQuantity | MinSubtotal | SegmentCondition,
    StrawberryUnion(
        name="PromotionCondition",
        description="What must hold; clients must tolerate new members.",
    ),
]
PromotionAction = Annotated[
    AmountOff | FixedPrice | PercentOff | ShippingOff | TieredDiscount,
    StrawberryUnion(
        name="PromotionAction", description="What is given; clients must tolerate new members."
    ),
]


def percent(millionths: int) -> Decimal:
    """Return a share as it is told: 125000 is 12.5."""
    told = Decimal(millionths).scaleb(2) / MILLION
    return told.quantize(Decimal(1)) if told == told.to_integral_value() else told.normalize()


def condition(ctx: Context, term: promotion_terms.Condition) -> Any:
    """Show what a promotion asks for."""
    match term:
        case promotion_terms.MinQuantity():
            return MinQuantity(quantity=term.quantity)
        case promotion_terms.MinSubtotal():
            return MinSubtotal(amount=Money.of(term.amount_minor, ctx.currency))
        case promotion_terms.SegmentCondition():
            return SegmentCondition(segment=term.segment)


def action(ctx: Context, term: promotion_terms.Action) -> Any:
    """Show what a promotion gives."""
    match term:
        case promotion_terms.PercentOff() | promotion_terms.ShippingOff():
            of = PercentOff if isinstance(term, promotion_terms.PercentOff) else ShippingOff
            maximum = term.maximum_minor
            most = None if maximum is None else Money.of(maximum, ctx.currency)
            return of(percent=percent(term.millionths), maximum=most)
        case promotion_terms.AmountOff():
            return AmountOff(amount=Money.of(term.amount_minor, ctx.currency))
        case promotion_terms.FixedPrice():
            price = Money.of(term.price_minor, ctx.currency)
            return FixedPrice(price=price, quantity_limit=term.quantity_limit)
        case promotion_terms.TieredDiscount():
            return TieredDiscount(tiers=[_tier(ctx, one) for one in term.tiers])


def _tier(ctx: Context, tier: promotion_terms.Tier) -> DiscountTier:
    return DiscountTier(
        subtotal=Money.of(tier.subtotal_minor, ctx.currency),
        amount_off=Money.of(tier.amount_off_minor, ctx.currency),
    )

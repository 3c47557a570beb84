"""Promotions: rules that take money off."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Self

import strawberry
from strawberry.types.union import StrawberryUnion

import resolvers.merchants
import resolvers.promotions
import stores.promotions
from graph import nodes
from graph.batch import Batch, Info
from graph.categories import CATEGORY, Category
from graph.declare import attribute, extend, gql_enum, gql_type
from graph.merchants import MERCHANT, Merchant
from graph.money import Money
from graph.nodes import Kind, Node
from graph.products import PRODUCT, Product
from graph.versions import Versioned
from resolvers.context import STAFF, Context
from stores import promotion_terms
from stores.promotion_terms import MILLION, CustomerSegment, Scope
from stores.promotions import PromotionStatus

gql_enum(
    PromotionStatus,
    DRAFT="Being written; applies to nothing.",
    ACTIVE="Applies from startsAt to endsAt.",
    PAUSED="Stopped for a while.",
    ENDED="Over for good.",
)
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


@gql_type(public=True)
class ProductScope:
    """Products named one by one, by category (with all below it) or by brand."""

    row: strawberry.Private[Scope]
    brands: list[str]


@gql_type(public=True)
class Promotion(Node, Versioned):
    """A rule that takes money off."""

    row: strawberry.Private[stores.promotions.Promotion]
    name: str
    status: PromotionStatus
    starts_at: datetime
    ends_at: datetime | None
    priority: Annotated[int, attribute("Higher is tried first; among equals, the older one.")]
    is_stackable: Annotated[
        bool,
        attribute(
            "Whether it may be used together with others on one line; without, a line bears it "
            "alone."
        ),
    ]
    is_coupon_required: bool
    is_claimable: Annotated[bool, attribute("Whether shoppers may take a coupon; see claimCoupon.")]
    scope: Annotated[
        ProductScope | None, attribute("The lines it counts and discounts; null for all.")
    ]
    conditions: Annotated[list[PromotionCondition], attribute("All must hold.")]
    actions: Annotated[list[PromotionAction], attribute("All are given.")]
    usage_limit: Annotated[int | None, attribute("Orders, over all customers.")]
    usage_limit_per_customer: Annotated[int | None, attribute("Orders of one customer.")]
    used_count: Annotated[
        int | None,
        attribute("Orders that were not called off.", roles=STAFF),
    ]

    @classmethod
    def of(cls, ctx: Context, row: stores.promotions.Promotion) -> Self:
        """Show a row."""
        return cls(
            id=nodes.encode("Promotion", row.id),
            version=row.version,
            updated_at=row.updated_at,
            row=row,
            name=row.name,
            status=row.status_at(ctx.clock()),
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            priority=row.priority,
            is_stackable=row.is_stackable,
            is_coupon_required=row.is_coupon_required,
            is_claimable=row.is_claimable,
            scope=ProductScope(row=row.scope, brands=list(row.scope.brands)) if row.scope else None,
            conditions=[_shown(ctx, one) for one in row.conditions],
            actions=[_shown(ctx, one) for one in row.actions],
            usage_limit=row.usage_limit,
            usage_limit_per_customer=row.usage_limit_per_customer,
            used_count=row.uses if resolvers.promotions.may_edit(ctx, row) else None,
        )


PROMOTION = Kind("Promotion", Promotion.of, resolvers.promotions.by_ids)


def percent(millionths: int) -> Decimal:
    """Return a share as it is told: 125000 is 12.5."""
    told = Decimal(millionths).scaleb(2) / MILLION
    return told.quantize(Decimal(1)) if told == told.to_integral_value() else told.normalize()


def _shown(ctx: Context, term: promotion_terms.Condition | promotion_terms.Action) -> Any:
    match term:
        case promotion_terms.MinQuantity():
            return MinQuantity(quantity=term.quantity)
        case promotion_terms.MinSubtotal():
            return MinSubtotal(amount=Money.of(term.amount_minor, ctx.currency))
        case promotion_terms.SegmentCondition():
            return SegmentCondition(segment=term.segment)
        case _:
            return _shown_action(ctx, term)


def _shown_action(ctx: Context, term: promotion_terms.Action) -> Any:
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


@extend(Promotion, public=True)
async def merchant(promotions: Sequence[Promotion], info: Info) -> Batch[Merchant | None]:
    """Null for a promotion of the whole shop."""
    ctx = info.context
    keys = [one.row.merchant_id for one in promotions]
    wanted = [key for key in keys if key]
    found = dict(zip(wanted, await resolvers.merchants.by_ids(ctx, wanted), strict=True))
    return [MERCHANT.show(ctx, found[key]) if key else None for key in keys]


@extend(ProductScope, public=True)
async def products(scopes: Sequence[ProductScope], info: Info) -> Batch[list[Product]]:
    """Those that the caller may see."""
    keys = [key for one in scopes for key in one.row.product_ids]
    found = dict(zip(keys, await PRODUCT.many(info.context, keys), strict=True))
    return [[row for key in one.row.product_ids if (row := found[key])] for one in scopes]


@extend(ProductScope, public=True)
async def categories(scopes: Sequence[ProductScope], info: Info) -> Batch[list[Category]]:
    """With all that lie below them."""
    keys = [key for one in scopes for key in one.row.category_ids]
    found = dict(zip(keys, await CATEGORY.many(info.context, keys), strict=True))
    return [[row for key in one.row.category_ids if (row := found[key])] for one in scopes]


@extend(Product, public=True, name="promotions")
async def promotions_of_product(products: Sequence[Product], info: Info) -> Batch[list[Promotion]]:
    """Those that apply now, the first to be tried first."""
    ctx = info.context
    found = await resolvers.promotions.of_products(ctx, [one.row for one in products])
    return [[PROMOTION.show(ctx, row) for row in rows] for rows in found]

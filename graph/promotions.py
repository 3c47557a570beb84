"""Promotions: rules that take money off."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Self

import strawberry

import resolvers.merchants
import resolvers.promotions
import stores.promotions
from graph import nodes
from graph.batch import Batch, Info
from graph.categories import CATEGORY, Category
from graph.declare import attribute, extend, gql_enum, gql_type
from graph.merchants import MERCHANT, Merchant
from graph.nodes import Kind, Node
from graph.products import PRODUCT, Product
from graph.promotion_terms import PromotionAction, PromotionCondition, action, condition
from graph.versions import Versioned
from resolvers.context import STAFF, Context
from stores.promotion_terms import Scope
from stores.promotions import PromotionStatus

gql_enum(
    PromotionStatus,
    DRAFT="Being written; applies to nothing.",
    ACTIVE="Applies from startsAt to endsAt.",
    PAUSED="Stopped for a while.",
    ENDED="Over for good.",
)


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
            conditions=[condition(ctx, one) for one in row.conditions],
            actions=[action(ctx, one) for one in row.actions],
            usage_limit=row.usage_limit,
            usage_limit_per_customer=row.usage_limit_per_customer,
            used_count=row.uses if resolvers.promotions.may_edit(ctx, row) else None,
        )


PROMOTION = Kind("Promotion", Promotion.of, resolvers.promotions.by_ids)


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

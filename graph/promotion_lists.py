"""Lists of promotions."""

from collections.abc import Sequence
from typing import Self

import strawberry

import resolvers.promotions
import stores.promotions
from graph.batch import Batch, Info
from graph.declare import extend, gql_type, query
from graph.directives import ListSize
from graph.optional import given
from graph.pages import Cursors, PageInfo, filled
from graph.products import PRODUCT
from graph.promotions import PROMOTION, Promotion
from resolvers.context import Context
from resolvers.pages import Page, window
from stores.promotion_lists import PromotionFilter
from stores.promotions import PromotionStatus

PAGED = ListSize(slicing_arguments=["first"], sized_fields=["edges", "nodes"])


@gql_type(public=True)
class PromotionEdge:
    """A promotion and its place in the list."""

    cursor: str
    node: Promotion


@gql_type(public=True)
class PromotionConnection:
    """A page of promotions."""

    wanted: strawberry.Private[PromotionFilter]
    edges: list[PromotionEdge]
    nodes: list[Promotion]
    page_info: PageInfo

    @classmethod
    def of(
        cls,
        ctx: Context,
        wanted: PromotionFilter,
        cursors: Cursors,
        page: Page[stores.promotions.Promotion],
    ) -> Self:
        """Show a page."""
        edges = [
            PromotionEdge(cursor=cursors.encode((row.id,)), node=Promotion.of(ctx, row))
            for row in page.rows
        ]
        return cls(wanted=wanted, **filled(page, edges))


@extend(PromotionConnection, public=True)
async def total_count(pages: Sequence[PromotionConnection], info: Info) -> Batch[int | None]:
    """How many promotions the list has on all its pages."""
    return await resolvers.promotions.counts(info.context, [page.wanted for page in pages])


@query(public=True)
async def promotion(info: Info, id: strawberry.ID) -> Promotion | None:
    """One promotion; shoppers see it while it applies."""
    return await PROMOTION.one(info.context, PROMOTION.key(id, "id"))


@query(public=True, list_size=PAGED)
async def promotions(
    info: Info,
    first: int | None = 20,
    after: str | None = strawberry.UNSET,
    statuses: list[PromotionStatus] | None = strawberry.UNSET,
    product_id: strawberry.ID | None = strawberry.UNSET,
    *,
    is_claimable: bool | None = strawberry.UNSET,
) -> PromotionConnection:
    """Promotions, newest first; shoppers see those that apply now."""
    ctx, sent, its = info.context, given(statuses), given(product_id)
    product = None if its is None else PRODUCT.key(its, "productId")
    asked = None if sent is None else tuple(dict.fromkeys(sent))
    plain = (asked, product, given(is_claimable))
    wanted = PromotionFilter(ctx.clock(), statuses=asked, is_claimable=given(is_claimable))
    wanted = await resolvers.promotions.as_seen(ctx, wanted, product)
    cursors = Cursors((int,), "promotions", plain)
    behind = window(first, cursors.decode(given(after), "after"))
    page = await resolvers.promotions.page(ctx, wanted, behind)
    return PromotionConnection.of(ctx, wanted, cursors, page)

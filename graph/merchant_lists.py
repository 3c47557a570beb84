"""Lists of merchants."""

from collections.abc import Sequence
from typing import Annotated

import strawberry

import resolvers.merchant_lists
import stores.merchants
from graph.batch import Batch, Info
from graph.declare import argument, extend, gql_type, query
from graph.directives import CacheControl, CacheControlScope, ListSize
from graph.merchants import MERCHANT, Merchant
from graph.optional import given
from graph.pages import Cursors, PageInfo, filled
from resolvers.context import Context
from resolvers.pages import Page, window
from stores.errors import Invalid
from stores.merchants import NAME_LENGTH, MerchantFilter
from stores.text import title_key

PAGED = ListSize(slicing_arguments=["first"], sized_fields=["edges", "nodes"])


@gql_type(public=True)
class MerchantEdge:
    """A merchant and its place in the list."""

    cursor: str
    node: Merchant


@gql_type(public=True)
class MerchantConnection:
    """A page of merchants."""

    wanted: strawberry.Private[MerchantFilter]
    edges: list[MerchantEdge]
    nodes: list[Merchant]
    page_info: PageInfo


@extend(MerchantConnection, public=True)
async def total_count(pages: Sequence[MerchantConnection], info: Info) -> Batch[int | None]:
    """How many merchants the list has on all its pages."""
    return await resolvers.merchant_lists.counts(info.context, [page.wanted for page in pages])


@query(
    public=True,
    list_size=PAGED,
    cache=CacheControl(max_age=300, scope=CacheControlScope.PUBLIC),
)
async def merchants(
    info: Info,
    first: int | None = 20,
    after: str | None = strawberry.UNSET,
    query: Annotated[str | None, argument("Start of the name.")] = strawberry.UNSET,
) -> MerchantConnection:
    """Merchants by name; only staff see inactive ones."""
    begins = _begins(given(query))
    cursors = Cursors((str, int), "merchants", begins)
    wanted = resolvers.merchant_lists.as_seen(info.context, MerchantFilter(begins))
    place = window(first, cursors.decode(given(after), "after"))
    page = await resolvers.merchant_lists.page(info.context, wanted, place)
    return _connection(info.context, wanted, cursors, page)


def _begins(query: str | None) -> str:
    words = (query or "").strip()
    if len(words) > NAME_LENGTH:
        raise Invalid(f"A query has at most {NAME_LENGTH} characters.", ("query",))
    # Signs alone are folded to nothing, and no folded name begins with them.
    return title_key(words) or words


def _connection(
    ctx: Context,
    wanted: MerchantFilter,
    cursors: Cursors,
    page: Page[stores.merchants.Merchant],
) -> MerchantConnection:
    edges = [
        MerchantEdge(
            cursor=cursors.encode(stores.merchants.position(row)), node=MERCHANT.show(ctx, row)
        )
        for row in page.rows
    ]
    return MerchantConnection(wanted=wanted, **filled(page, edges))

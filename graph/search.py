"""Finding products by words, with facets to narrow by."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated

import strawberry

import resolvers.search
from graph import nodes
from graph.batch import Batch, Info
from graph.declare import argument, attribute, extend, gql_type, query
from graph.directives import CacheControl, CacheControlScope, ListSize
from graph.optional import given
from graph.pages import Cursors, PageInfo, filled
from graph.products import Product
from graph.search_inputs import (
    MERCHANT_KEY,
    FacetInput,
    SearchFilterInput,
    conditions,
    requests,
)
from resolvers.context import Context
from resolvers.pages import window
from resolvers.search import Found, ShownFacet, Words
from stores.listings import ProductSort
from stores.search import KINDS, SearchSort

PAGED = ListSize(slicing_arguments=["first"], sized_fields=["edges", "nodes"])
CACHED = CacheControl(max_age=30, scope=CacheControlScope.PUBLIC)


@gql_type(public=True)
class FacetValue:
    """One value of a facet, with the filter it stands for."""

    value: Annotated[str | None, attribute("As in anyOf; null for a range.")]
    label: str
    count: int
    is_selected: bool
    min: Decimal | None
    max: Decimal | None


@gql_type(public=True)
class Facet:
    """Counts by which to narrow a search; each leaves its own filter out of account."""

    key: Annotated[str, attribute("As in SearchFilterInput.")]
    label: str
    unit: str | None
    values: list[FacetValue]


@gql_type(public=True)
class SearchEdge:
    """A search hit and its place."""

    cursor: str
    node: Product
    score: Annotated[float, attribute("Higher fits better; comparable within one answer.")]


@gql_type(public=True)
class SearchConnection:
    """A page of search hits."""

    edges: list[SearchEdge]
    nodes: list[Product]
    page_info: PageInfo
    total_count: int | None
    facets: list[Facet]


@extend(SearchConnection, public=True)
async def index_lag_ms(pages: Sequence[SearchConnection], info: Info) -> Batch[int]:
    """Age of the oldest change not indexed yet, in milliseconds."""
    lag = await resolvers.search.index_lag_ms(info.context)
    return [lag for _ in pages]


@query(public=True, cost=10, list_size=PAGED, cache=CACHED)
async def search(
    info: Info,
    query: Annotated[str | None, argument("All products if left out.")] = strawberry.UNSET,
    first: int | None = 20,
    after: str | None = strawberry.UNSET,
    filters: list[SearchFilterInput] | None = strawberry.UNSET,
    facets: Annotated[
        list[FacetInput] | None, argument("Those usual for the hits if left out.")
    ] = strawberry.UNSET,
    sort: ProductSort = ProductSort.RELEVANCE,
) -> SearchConnection | None:
    """Search by words; prices and stock come from the database.

    Null while the index does not answer.
    """
    ctx = info.context
    words = Words.of(given(query), conditions(given(filters), ctx.currency), SearchSort(sort.name))
    cursors = Cursors(KINDS[words.sort], "search", words)
    place = window(first, cursors.decode(given(after), "after"))
    found = await resolvers.search.find(ctx, words, requests(given(facets), ctx.currency), place)
    return _page(ctx, found, cursors)


def _page(ctx: Context, found: Found, cursors: Cursors) -> SearchConnection:
    edges = [
        SearchEdge(cursor=cursors.encode(hit.position), node=Product.of(ctx, row), score=hit.score)
        for hit, row in found.page.rows
    ]
    return SearchConnection(
        total_count=found.total,
        facets=[_facet(one) for one in found.facets],
        **filled(found.page, edges),
    )


def _shown_value(key: str, value: str | None) -> str | None:
    return nodes.encode("Merchant", value) if key == MERCHANT_KEY and value else value


def _facet(shown: ShownFacet) -> Facet:
    values = [
        FacetValue(
            value=_shown_value(shown.key, one.value),
            label=one.label,
            count=one.count,
            is_selected=one.is_selected,
            min=one.minimum,
            max=one.maximum,
        )
        for one in shown.values
    ]
    return Facet(key=shown.key, label=shown.label, unit=shown.unit, values=values)

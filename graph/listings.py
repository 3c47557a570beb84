"""Lists of products, of the whole shop and of its categories."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Annotated, Self

import strawberry

import resolvers.categories
import resolvers.listings
from graph.batch import Batch, Info
from graph.categories import Category
from graph.declare import attribute, extend, gql_enum, gql_input, query
from graph.directives import ListSize
from graph.merchants import MERCHANT
from graph.optional import given
from graph.pages import Cursors, Place
from graph.product_connections import ProductConnection
from graph.products import CACHED
from graph.ranges import DateTimeRangeInput, DecimalRangeInput
from resolvers.context import Context
from resolvers.pages import Page
from stores import listings
from stores.errors import Invalid
from stores.keyset import Window
from stores.listing_filters import ProductFilter
from stores.listing_tables import WHOLE_SHOP
from stores.listings import ProductSort
from stores.products import Product as Row
from stores.products import ProductStatus

PAGED = ListSize(slicing_arguments=["first", "last"], sized_fields=["edges", "nodes"])
MAX_CHOICES = 100
MAX_QUERY = 200
#: The list of a category that does not exist.
_NOWHERE = -1

gql_enum(
    ProductSort,
    RELEVANCE="Best match first; without words the same as NEWEST.",
    NEWEST="Newest first.",
    PRICE_ASC="Cheapest first.",
    PRICE_DESC="Dearest first.",
    TITLE="By title.",
)


@dataclass(frozen=True, slots=True)
class _Filtered:
    """Lists of the shop and its categories, of products that meet conditions."""

    wanted: ProductFilter

    async def counts(self, ctx: Context, lists: Sequence[int]) -> list[int]:
        """Return how many products each list has."""
        return await resolvers.listings.counts(ctx, [(one, self.wanted) for one in lists])


@gql_input()
class ProductFilterInput:
    """Conditions that products must all meet."""

    query: Annotated[str | None, attribute("Words of the title, or the start of a SKU.")] = (
        strawberry.UNSET
    )
    category_slug: Annotated[
        str | None, attribute("Also finds products of the categories below.")
    ] = strawberry.UNSET
    brands: list[str] | None = strawberry.UNSET
    merchant_id: strawberry.ID | None = strawberry.UNSET
    price: DecimalRangeInput | None = strawberry.UNSET
    is_available: bool | None = strawberry.UNSET
    statuses: Annotated[
        list[ProductStatus] | None, attribute("Staff only; shoppers get ACTIVE.")
    ] = strawberry.UNSET
    updated_at: DateTimeRangeInput | None = strawberry.UNSET

    def wanted(self, ctx: Context) -> ProductFilter:
        """Return the conditions, but for the category. Raises Invalid."""
        low, high = self.price.minor(ctx.currency, "filter", "price") if self.price else _OPEN
        start, end = self.updated_at.ends("filter", "updatedAt") if self.updated_at else _OPEN
        whose = given(self.merchant_id)
        return ProductFilter(
            query=self._words(),
            brands=self._brands(),
            merchant_id=None if whose is None else MERCHANT.key(whose, "filter", "merchantId"),
            min_minor=low,
            max_minor=high,
            is_available=given(self.is_available),
            updated_from=start,
            updated_before=end,
        )

    def _words(self) -> str | None:
        words = (given(self.query) or "").strip()
        if len(words) > MAX_QUERY:
            raise Invalid(f"A query has at most {MAX_QUERY} characters.", ("filter", "query"))
        return words or None

    def _brands(self) -> tuple[str, ...] | None:
        brands = given(self.brands)
        if brands is not None and len(brands) > MAX_CHOICES:
            raise Invalid(f"At most {MAX_CHOICES} brands at a time.", ("filter", "brands"))
        return None if brands is None else tuple(sorted(set(brands)))


_OPEN = (None, None)


class _Lists:
    """What the arguments of a list ask for, whichever category it is of."""

    def __init__(self, ctx: Context, asked: ProductFilterInput | None, sort: ProductSort) -> None:
        """Read the filter. Raises Invalid or Forbidden."""
        self._ctx = ctx
        self._sort = sort
        self.plain = asked.wanted(ctx) if asked else ProductFilter()
        statuses = given(asked.statuses) if asked else None
        self.wanted = resolvers.listings.as_seen(ctx, self.plain, statuses)

    def inside(self, category: int) -> Self:
        """Ask only for what also lies in or below a category; WHOLE_SHOP changes nothing."""
        if category != WHOLE_SHOP:
            self.plain = replace(self.plain, category_id=category)
            self.wanted = replace(self.wanted, category_id=category)
        return self

    def cursors(self, list_: int) -> Cursors:
        """Return the cursors of one list: the same for everybody who may see it."""
        return _cursors(list_, self.plain, self._sort)

    async def show(self, asked: Sequence[tuple[int, Window]]) -> list[ProductConnection]:
        """Return a page for each pair of list and window."""
        pages = await resolvers.listings.pages(self._ctx, self.wanted, self._sort, asked)
        return [self._page(list_, page) for (list_, _), page in zip(asked, pages, strict=True)]

    def _page(self, list_: int, page: Page[Row]) -> ProductConnection:
        return ProductConnection(
            ctx=self._ctx,
            list_key=list_,
            lists=_Filtered(self.wanted),
            position=partial(listings.position, sort=self._sort),
            page=page,
            cursors=self.cursors(list_),
        )


@lru_cache(maxsize=1_000)
def _cursors(list_: int, wanted: ProductFilter, sort: ProductSort) -> Cursors:
    return Cursors(listings.KINDS[sort], "products", list_, wanted, sort.name)


@query(public=True, list_size=PAGED, cache=CACHED)
async def products(
    info: Info,
    first: int | None = strawberry.UNSET,
    after: str | None = strawberry.UNSET,
    last: int | None = strawberry.UNSET,
    before: str | None = strawberry.UNSET,
    filter: ProductFilterInput | None = strawberry.UNSET,
    sort: ProductSort = ProductSort.NEWEST,
) -> ProductConnection:
    """Products by exact conditions; see search for words and facets."""
    lists = _Lists(info.context, given(filter), sort)
    list_ = await _list(info.context, given(filter))
    place = Place(first, after, last, before)
    return (await lists.show([(list_, place.window(lists.cursors(list_)))]))[0]


@extend(Category, public=True, list_size=PAGED, name="products")
async def products_of_category(
    categories: Sequence[Category],
    info: Info,
    first: int | None = strawberry.UNSET,
    after: str | None = strawberry.UNSET,
    last: int | None = strawberry.UNSET,
    before: str | None = strawberry.UNSET,
    filter: ProductFilterInput | None = strawberry.UNSET,
    sort: ProductSort = ProductSort.NEWEST,
) -> Batch[ProductConnection]:
    """Its products and those of the categories below."""
    lists = _Lists(info.context, given(filter), sort)
    within = await _list(info.context, given(filter))
    place = Place(first, after, last, before)
    return await _each(lists.inside(within), [one.key for one in categories], place)


async def _each(
    lists: _Lists, keys: Sequence[int], place: Place
) -> list[ProductConnection | Exception]:
    windows = [_window(lists, key, place) for key in keys]
    good = [(key, one) for key, one in zip(keys, windows, strict=True) if isinstance(one, Window)]
    shown = iter(await lists.show(good)) if good else iter(())
    return [next(shown) if isinstance(one, Window) else one for one in windows]


def _window(lists: _Lists, key: int, place: Place) -> Window | Invalid:
    # A cursor belongs to one category; the others refuse it, each in its own place.
    try:
        return place.window(lists.cursors(key))
    except Invalid as error:
        return error


async def _list(ctx: Context, wanted: ProductFilterInput | None) -> int:
    slug = given(wanted.category_slug) if wanted else None
    if slug is None:
        return WHOLE_SHOP
    (row,) = await resolvers.categories.by_slugs(ctx, [slug])
    return row.id if row else _NOWHERE

"""Pages of products, whichever list they are of."""

from collections.abc import Callable, Sequence
from typing import Protocol

import strawberry

from graph.batch import Batch, Info
from graph.declare import extend, field, gql_type
from graph.pages import Cursors, PageInfo
from graph.products import Product
from resolvers.context import Context
from resolvers.pages import Page
from stores.keyset import Position
from stores.products import Product as Row


@gql_type(public=True)
class ProductEdge:
    """A product and its place in the list."""

    cursor: str
    node: Product


class Countable(Protocol):
    """What lists are told apart by, besides their keys; equal ones are counted together."""

    async def counts(self, ctx: Context, lists: Sequence[int]) -> list[int]:
        """Return how many products each list has."""
        ...


@gql_type(public=True)
class ProductConnection:
    """A page of products."""

    ctx: strawberry.Private[Context]
    list_key: strawberry.Private[int]
    lists: strawberry.Private[Countable]
    position: strawberry.Private[Callable[[Row], Position]]
    page: strawberry.Private[Page[Row]]
    cursors: strawberry.Private[Cursors]

    @field()
    def edges(self) -> list[ProductEdge]:
        """The products, each with its place in the list."""
        return [
            ProductEdge(cursor=self._cursor(row), node=Product.of(self.ctx, row))
            for row in self.page.rows
        ]

    @field()
    def nodes(self) -> list[Product]:
        """The products alone."""
        return [Product.of(self.ctx, row) for row in self.page.rows]

    @field()
    def page_info(self) -> PageInfo:
        """Place of the page in its list."""
        return PageInfo.of(self.page, self._cursor)

    def _cursor(self, row: Row) -> str:
        return self.cursors.encode(self.position(row))


@extend(ProductConnection, public=True)
async def total_count(pages: Sequence[ProductConnection], info: Info) -> Batch[int | None]:
    """How many products the list has on all its pages."""
    found: dict[tuple[Countable, int], int] = {}
    for lists in dict.fromkeys(page.lists for page in pages):
        keys = [page.list_key for page in pages if page.lists == lists]
        told = await lists.counts(info.context, keys)
        found |= {(lists, key): count for key, count in zip(keys, told, strict=True)}
    return [found[page.lists, page.list_key] for page in pages]

"""The pages by Strawberry on graphql-core, as their documentation shows it.

One resolver for each object, aiodataloader, SQLAlchemy's ORM, `strawberry.asgi`.
"""

import contextlib
from collections.abc import AsyncGenerator
from typing import Any

import strawberry
from core_cart import Cart, cart_of
from core_products import Category, Product, ProductConnection
from core_search import FacetInput, SearchConnection, found
from core_stores import Loaders, Stores
from core_values import SpecBoolean, SpecList, SpecNumber, SpecText, loaders
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL


@strawberry.input(one_of=True)
class ProductByInput:
    """How to name a product."""

    slug: str | None = strawberry.UNSET


@strawberry.type
class Query:
    """What can be read."""

    @strawberry.field
    async def products(self, info: strawberry.Info, first: int = 20) -> ProductConnection:
        """Return the newest products."""
        return await ProductConnection.newest(info, 0, first)

    @strawberry.field
    async def product(self, info: strawberry.Info, by: ProductByInput) -> Product | None:
        """Return one product."""
        row = await loaders(info).product_by_slug.load(by.slug or "")
        return Product.of(row) if row and row.status == "ACTIVE" else None

    @strawberry.field
    async def category(self, info: strawberry.Info, slug: str) -> Category | None:
        """Return one category."""
        row = await loaders(info).category_by_slug.load(slug)
        return Category.of(row) if row else None

    @strawberry.field
    async def search(
        self,
        info: strawberry.Info,
        query: str,  # noqa: ARG002  The question is ready made.
        facets: list[FacetInput],
        first: int = 20,  # noqa: ARG002  As above.
    ) -> SearchConnection:
        """Return what words find."""
        return await found(info, facets)

    @strawberry.field
    def cart(self, info: strawberry.Info, cart_token: str) -> Cart | None:
        """Return a temporary cart."""
        return cart_of(info, cart_token)


class _App(GraphQL[dict[str, Any], None]):
    async def get_context(
        self, request: Request | WebSocket, response: Response | WebSocket
    ) -> dict[str, Any]:
        opened: Stores = request.app.state.stores
        told = {"request": request, "response": response}
        return told | {"stores": opened, "loaders": Loaders(opened)}


@contextlib.asynccontextmanager
async def _lifespan(made: Starlette) -> AsyncGenerator[None]:
    made.state.stores = Stores()
    await made.state.stores.open()
    yield
    await made.state.stores.close()


_schema = strawberry.Schema(Query, types=[SpecText, SpecNumber, SpecBoolean, SpecList])
app = Starlette(routes=[Route("/graphql", _App(_schema))], lifespan=_lifespan)

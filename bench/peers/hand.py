"""The pages as endpoints written by hand: the yardstick.

Each page takes the fewest statements that a good engineer would write for it, on the bare drivers,
and answers what GraphQL would.
"""

import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any, TypeAlias

import hand_cart
import hand_category
import hand_list
import hand_product
import hand_search
import orjson
from hand_shop import Shop, opened
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

Page: TypeAlias = Callable[[Shop, Request], Awaitable[dict[str, Any]]]


def _route(path: str, page: Page) -> Route:
    async def answer(request: Request) -> Response:
        data = await page(request.app.state.shop, request)
        return Response(orjson.dumps({"data": data}), media_type="application/json")

    return Route(path, answer)


@contextlib.asynccontextmanager
async def _lifespan(made: Starlette) -> AsyncGenerator[None]:
    async with opened() as made.state.shop:
        yield


app = Starlette(
    routes=[
        _route("/list", hand_list.page),
        _route("/product/{slug}", hand_product.page),
        _route("/search", hand_search.page),
        _route("/cart", hand_cart.page),
        _route("/category/{slug:path}", hand_category.page),
    ],
    lifespan=_lifespan,
)

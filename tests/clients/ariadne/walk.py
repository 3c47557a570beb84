"""Walks the scenario by the client that ariadne-codegen has made, in an environment of its own.

    python -m tests.clients.ariadne.walk URL TOKEN

The folder of the generated package, `generated_shop`, is on the path. Titles of the steps that are
done are printed as JSON.
"""

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator, Callable
from importlib import import_module
from typing import Any

from tests.clients.scenario import Refused, walk

# Neither is there in the environment in which types are checked.
httpx: Any = import_module("httpx")
shop: Any = import_module("generated_shop")
ATTEMPTS = 5


class Ariadne:
    """Walks by typed methods, one for each operation."""

    def __init__(self, url: str) -> None:
        """Ask a shop at this address."""
        self._url = url

    async def run(self, name: str, variables: dict[str, Any], token: str | None) -> Any:
        """See Walker."""
        async with self._client(token) as client:
            for attempt in range(1, ATTEMPTS + 1):
                try:
                    told = await _method(client, name)(**_typed(variables))
                    return told.model_dump(mode="json", by_alias=True)
                except shop.GraphQLClientGraphQLMultiError as error:
                    raise Refused(error.errors[0].extensions["code"]) from error
                except httpx.TransportError:
                    # No answer: the same call, with the key in it, is made again.
                    if attempt == ATTEMPTS:
                        raise
        raise AssertionError

    async def listen(
        self, name: str, variables: dict[str, Any], token: str | None
    ) -> AsyncIterator[Any]:
        """See Walker."""
        async with self._client(token) as client:
            async for told in _method(client, name)(**_typed(variables)):
                yield told.model_dump(mode="json", by_alias=True)

    def _client(self, token: str | None) -> Any:
        bearer = {"Authorization": f"Bearer {token}"} if token else {}
        return shop.Shop(
            self._url,
            http_client=httpx.AsyncClient(headers=bearer, trust_env=False),
            ws_url=self._url.replace("http", "ws", 1),
            ws_connection_init_payload=bearer,
        )


def _method(client: Any, name: str) -> Callable[..., Any]:
    method: Callable[..., Any] = getattr(client, _snake(name))
    return method


def _typed(variables: dict[str, Any]) -> dict[str, Any]:
    inputs = {
        "lines": shop.AddCartLinesInput,
        "orderNumber": shop.PlaceOrderInput,
        "orderId": shop.CancelOrderInput,
    }
    typed = {_snake(name): value for name, value in variables.items()}
    if "input" in typed:
        of = next(made for field, made in inputs.items() if field in typed["input"])
        typed["input"] = of.model_validate(typed["input"])
    return typed


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


if __name__ == "__main__":
    print(json.dumps(asyncio.run(walk(Ariadne(sys.argv[1]), sys.argv[2]))))  # noqa: T201

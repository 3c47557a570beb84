"""gql: over httpx2, its own retries, and subscriptions by graphql-transport-ws."""

from collections.abc import AsyncIterator
from typing import Any

from gql import Client, GraphQLRequest, gql
from gql.transport.exceptions import TransportQueryError
from gql.transport.httpx import HTTPXAsyncTransport
from gql.transport.websockets import WebsocketsTransport

from tests.clients.scenario import DOCUMENTS, Refused

ATTEMPTS = 5


class Gql:
    """Walks by gql."""

    def __init__(self, url: str) -> None:
        """Ask a shop at this address."""
        self._url = url

    async def run(self, name: str, variables: dict[str, Any], token: str | None) -> Any:
        """See Walker."""
        transport = HTTPXAsyncTransport(url=self._url, headers=_bearer(token), trust_env=False)
        async with Client(transport=transport) as session:
            request = GraphQLRequest(gql(DOCUMENTS[name]), variable_values=variables)
            for attempt in range(1, ATTEMPTS + 1):
                try:
                    return await session.execute(request)
                except TransportQueryError as error:
                    raise _refused(error) from error
                except Exception:
                    # No answer: the same request, with the key in it, goes out again.
                    if attempt == ATTEMPTS:
                        raise
        raise AssertionError

    async def listen(
        self, name: str, variables: dict[str, Any], token: str | None
    ) -> AsyncIterator[Any]:
        """See Walker."""
        transport = WebsocketsTransport(
            url=self._url.replace("http", "ws", 1),
            init_payload=_bearer(token),
            subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL],
        )
        async with Client(transport=transport) as session:
            request = GraphQLRequest(gql(DOCUMENTS[name]), variable_values=variables)
            async for data in session.subscribe(request):
                yield data


def _refused(error: TransportQueryError) -> Refused:
    (told,) = error.errors or []
    return Refused(told["extensions"]["code"])


def _bearer(token: str | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}

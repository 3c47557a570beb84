"""A client that never gives up: it sends a request with its key until the shop answers."""

import asyncio
import random
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx2

from stores.local_issuer import LocalIssuer
from stores.settings import Settings

#: Codes after which the same request is sent again, with the same key.
AGAIN = {"STORE_UNAVAILABLE", "IDEMPOTENCY_IN_PROGRESS", "DEADLINE_EXCEEDED", "OVERLOADED"}
#: How long an answer is waited for; a shop answers within five seconds, on a machine that is free.
PATIENCE_SECONDS = 20.0
#: Pauses between two tries grow, so that many clients do not keep a shop from starting.
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 2.0


class NotAnswered(Exception):
    """The connection was refused or cut, or the answer said: try again."""


@dataclass
class FaultyClient:
    """Many shoppers behind a connection that fails.

    `seen` counts each code that an answer told and each error of the connection; `payloads` keeps
    every answer, by key; `seconds` is what each answered request took.
    """

    url: str
    settings: Settings
    http: httpx2.AsyncClient
    seen: Counter[str] = field(default_factory=Counter)
    payloads: defaultdict[str, list[dict[str, Any]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    seconds: list[float] = field(default_factory=list)
    answered: int = 0
    _tokens: dict[str, str] = field(default_factory=dict)

    async def mutate(
        self, query: str, user: str, key: str, /, **variables: object
    ) -> dict[str, Any]:
        """Return the payload of a mutation, sent until there is one."""
        return await _again(lambda: self.mutate_once(query, user, key, **variables))

    async def mutate_once(
        self, query: str, user: str, key: str, /, **variables: object
    ) -> dict[str, Any]:
        """Return the payload of a mutation. Raises NotAnswered."""
        (payload,) = (await self._send(query, user, {"key": key, **variables})).values()
        codes = {error["code"] for error in payload["userErrors"]}
        self.seen.update(codes)
        if codes & AGAIN:
            raise NotAnswered(codes)
        self.payloads[key].append(payload)
        self.answered += 1
        told: dict[str, Any] = payload
        return told

    async def ask(self, query: str, user: str, /, **variables: object) -> dict[str, Any]:
        """Return the data of a query, sent until there is some."""
        return await _again(lambda: self._send(query, user, variables))

    async def _send(self, query: str, user: str, variables: dict[str, object]) -> dict[str, Any]:
        began = time.monotonic()
        try:
            answer = await self.http.post(
                f"{self.url}/graphql",
                json={"query": query, "variables": variables},
                headers={"authorization": f"Bearer {self._token(user)}"},
            )
        except httpx2.TransportError as error:
            self.seen[type(error).__name__] += 1
            raise NotAnswered from error
        self.seconds.append(time.monotonic() - began)
        return self._data(answer)

    def _data(self, answer: httpx2.Response) -> dict[str, Any]:
        told = answer.json()
        codes = {error["extensions"]["code"] for error in told.get("errors", [])}
        self.seen.update(codes)
        if codes:
            # A bug is counted, and the request sent again: the test looks at `seen`.
            assert codes <= AGAIN | {"INTERNAL"}, told
            raise NotAnswered(codes)
        data: dict[str, Any] = told["data"]
        return data

    def _token(self, user: str) -> str:
        if user not in self._tokens:
            self._tokens[user] = LocalIssuer(self.settings).token(user, timedelta(hours=1))
        return self._tokens[user]

    def slowest(self, share: float = 0.99) -> float:
        """Return the seconds within which this share of the requests was answered."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


async def _again(send: Callable[[], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
    pause = _FIRST_PAUSE
    while True:
        try:
            return await send()
        except NotAnswered:
            await asyncio.sleep(random.uniform(pause / 2, pause))
        pause = min(2 * pause, _LONGEST_PAUSE)


def connection() -> httpx2.AsyncClient:
    """Return a client that opens a connection for each request, so that each has its fate."""
    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=0)
    return httpx2.AsyncClient(trust_env=False, limits=limits, timeout=PATIENCE_SECONDS)

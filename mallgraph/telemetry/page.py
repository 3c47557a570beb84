"""The page /metrics, and who may read it."""

import asyncio
import hmac
import ipaddress
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from graph.answers import refusal
from graph.engine import Fragments
from graph.execution import Planner
from graph.request_errors import RequestRefused
from graph.watch import Answer
from jobs.tasks import stop
from mallgraph.telemetry.metrics import Metrics
from mallgraph.telemetry.names import Names
from mallgraph.telemetry.state import State
from stores import calls
from stores.errors import AccessCode
from stores.settings import Settings, shared_metrics

#: A proxy of this machine passes on what others ask.
_OF_PROXIES = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


class Page:
    """Tells the metrics to whoever has the token; without one, to programs of this machine."""

    def __init__(
        self, settings: Settings, planner: Planner, fragments: Fragments | None = None
    ) -> None:
        """Begin to count."""
        self._shared = shared_metrics()
        self._metrics = Metrics(Names(settings.metrics_operations), self._shared)
        self._state = State(self._metrics, planner, fragments)
        token = settings.metrics_token
        self._token = token.get_secret_value() if token else None

    def watch(self, answer: Answer) -> Answer:
        """Return a way to answer that counts and times what it answers."""
        return self._metrics.watch(answer)

    def routes(self) -> Sequence[BaseRoute]:
        """Return where it is."""
        return [Route("/metrics", self.answer, methods=["GET"])]

    @asynccontextmanager
    async def running(self, app: Starlette) -> AsyncGenerator[None]:
        """Hear of stores; of several processes, keep the part of this one fresh."""
        fresh = self._state.keep_fresh(app.state) if self._shared else None
        tasks = [asyncio.create_task(fresh)] if fresh else []
        calls.observers.append(self._metrics.call)
        try:
            yield
        finally:
            calls.observers.remove(self._metrics.call)
            await stop(tasks)
            self._metrics.end()

    async def answer(self, request: Request) -> Response:
        """Return all metrics as they are now."""
        if self._token is not None and not self._is_sent(request, self._token):
            return _unknown()
        if self._token is None and not _is_near(request):
            # As if there were none.
            raise HTTPException(404)
        await self._state.refresh(request.app.state)
        headers = {"Cache-Control": "no-store"}
        return Response(self._metrics.text(), headers=headers, media_type=CONTENT_TYPE_LATEST)

    def _is_sent(self, request: Request, token: str) -> bool:
        scheme, _, sent = request.headers.get("authorization", "").partition(" ")
        is_same = hmac.compare_digest(sent.strip().encode(), token.encode())
        return scheme.lower() == "bearer" and is_same


def _is_near(request: Request) -> bool:
    if request.client is None or any(name in request.headers for name in _OF_PROXIES):
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def _unknown() -> Response:
    message = "Send the header Authorization: Bearer <MALLGRAPH_METRICS_TOKEN>."
    challenge = {"WWW-Authenticate": "Bearer"}
    return refusal(RequestRefused(401, AccessCode.UNAUTHENTICATED.value, message, challenge))

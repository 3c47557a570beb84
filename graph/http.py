"""What every response has, and the addresses besides GraphQL: health, pictures, GraphiQL."""

import re
import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager

import structlog
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from strawberry.schema.base import BaseSchema

from graph.answers import refusal
from graph.graphiql import GraphiQL
from graph.graphiql import asset as graphiql_file
from graph.request_errors import RequestCode, RequestRefused
from graph.sockets import Sockets
from graph.view import GraphQLView
from graph.watch import Watch
from resolvers.context import Mall
from stores.errors import ErrorCode
from stores.health import Doctor, Health, State
from stores.media import CONTENT_TYPES, OBJECT_KEY

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
#: As ASGI sends them.
_SECURITY = [(name.lower().encode(), value.encode()) for name, value in SECURITY_HEADERS.items()]
_MEDIA_HEADERS = {
    "Cache-Control": "public, max-age=31536000, immutable",
    # An SVG is a document: it may paint itself, and load or run nothing.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
}
#: Whoever is told so may come again, and hears when, if nobody has said it more exactly.
_LATER = (429, 503)
_LATER_SECONDS = "1"
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

_log = structlog.get_logger()

Lifespan = Callable[[Starlette], AbstractAsyncContextManager[None]]


def application(
    schema: BaseSchema,
    lifespan: Lifespan,
    watches: Sequence[Watch] = (),
    more: Sequence[BaseRoute] = (),
) -> Starlette:
    """Return the application.

    The lifespan puts mall, viewers, tokens, doctor and fragments in its state.
    Its state has the door of its GraphQL and the tally of its sockets already. `more` are other
    addresses.
    """
    view = GraphQLView(schema, watches)
    sockets = Sockets(schema, view.door)
    made = Starlette(
        routes=[*_routes(view, sockets), *more],
        middleware=[Middleware(Envelope)],
        exception_handlers={HTTPException: _refused},
        lifespan=lifespan,
    )
    made.state.door, made.state.tally = view.door, sockets.tally
    # A redirect would name the host that the client named.
    made.router.redirect_slashes = False
    return made


def _routes(view: GraphQLView, sockets: Sockets) -> list[BaseRoute]:
    return [
        Route("/graphql", GraphiQL(view)),
        WebSocketRoute("/graphql", sockets),
        Route("/graphiql/{name:path}", graphiql_file, methods=["GET"]),
        Route("/healthz", _healthz, methods=["GET"]),
        Route("/readyz", _readyz, methods=["GET"]),
        Route("/media/{object_key:path}", _media, methods=["GET"]),
    ]


async def _healthz(_request: Request) -> Response:
    return JSONResponse({"status": "ok"}, headers={"Cache-Control": "no-store"})


async def _readyz(request: Request) -> Response:
    doctor: Doctor = request.app.state.doctor
    found = await doctor.look()
    stores = {name: _told(health) for name, health in found.items()}
    status = 503 if found["relational"].state is State.DOWN else 200
    body = {"status": _status(found), "stores": stores}
    return JSONResponse(body, status, headers={"Cache-Control": "no-store"})


def _status(found: dict[str, Health]) -> str:
    if found["relational"].state is State.DOWN:
        return "unavailable"
    is_whole = all(health.state is State.UP for health in found.values())
    return "ready" if is_whole else "degraded"


def _told(health: Health) -> dict[str, object]:
    told: dict[str, object] = {"state": health.state.value, "kind": health.kind}
    return told if health.latency_ms is None else told | {"latencyMs": health.latency_ms}


def _media(request: Request) -> Response:
    mall: Mall = request.app.state.mall
    found = OBJECT_KEY.fullmatch(request.path_params["object_key"])
    path = mall.stores.media.folder / found.group() if found else None
    if found is None or path is None or not path.is_file():
        raise HTTPException(404)
    return FileResponse(path, headers=_MEDIA_HEADERS, media_type=CONTENT_TYPES[found[1]])


async def _refused(_request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = dict(getattr(error, "headers", None) or {})
    if status == 405:  # noqa: PLR2004
        code, message = RequestCode.METHOD_NOT_ALLOWED.value, "Use a method that Allow names."
    else:
        code, message = ErrorCode.NOT_FOUND.value, "There is nothing here; GraphQL is at /graphql."
    return refusal(RequestRefused(status, code, message, headers))


class Envelope:
    """Around each request: its id, the headers of every response, one line of the log.

    What nobody caught is logged, and answered as an internal error.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Stand around `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(Headers(scope=scope))
        scope.setdefault("state", {})["request_id"] = request_id
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            await self._serve(scope, receive, send, request_id)

    async def _serve(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        sent, began = _Sent(send, request_id), time.perf_counter()
        try:
            await self._app(scope, receive, sent)
        except Exception:  # noqa: BLE001  The last one who can answer.
            _log.exception("request_failed")
            if sent.status is None:
                await _broken(request_id)(scope, receive, sent)
        finally:
            _log_access(scope, sent.status, began)


class _Sent:
    """Sends on, with our headers, and remembers the status."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send, self._request_id = send, request_id
        self.status: int | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = message["headers"]
            there = {name for name, _ in headers}
            headers.append((b"x-request-id", self._request_id.encode()))
            headers += (one for one in _SECURITY if one[0] not in there)
            if self.status in _LATER and b"retry-after" not in there:
                headers.append((b"retry-after", _LATER_SECONDS.encode()))
        await self._send(message)


def _request_id(headers: Headers) -> str:
    given = headers.get("x-request-id", "")
    return given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(16)


def _broken(request_id: str) -> Response:
    told = {"code": RequestCode.INTERNAL.value, "requestId": request_id}
    body = {"errors": [{"message": "Internal error.", "extensions": told}]}
    return JSONResponse(body, 500, headers={"Cache-Control": "no-store"})


def _log_access(scope: Scope, status: int | None, began: float) -> None:
    milliseconds = round((time.perf_counter() - began) * 1_000, 1)
    caller = scope["state"].get("caller")
    operation = caller.operation_name if caller else None
    facts = {"method": scope["method"], "path": scope["path"], "status": status}
    told = facts | {"ms": milliseconds} | ({"operation": f"{operation:.100}"} if operation else {})
    _log.info("request", **told)

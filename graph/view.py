"""GraphQL over HTTP: what a request must look like, and how its result is sent."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from strawberry.exceptions import MissingQueryError
from strawberry.schema.base import BaseSchema
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from graph import cart_cookie
from graph.accepting import quality
from graph.admission import Door, Overloaded, Visit
from graph.asked import JSON, Asked, read_body
from graph.operation import Caller, Charge, Outcome
from graph.request_errors import (
    BEFORE_EXECUTION,
    COSTS,
    ComeAgain,
    RequestCode,
    RequestRefused,
    bad_request,
    turned_away,
)
from graph.watch import Answer, Watch
from resolvers.context import Mall
from resolvers.viewers import Viewers
from stores.errors import StoreUnavailable, Unauthenticated
from stores.tokens import Tokens

DEADLINE_SECONDS = 4.5

_GRAPHQL_JSON = "application/graphql-response+json"


class GraphQLView:
    """Answers GET and POST; a broken request is told what is wrong with it, as JSON."""

    def __init__(self, schema: BaseSchema, watches: Sequence[Watch] = ()) -> None:
        """Execute by `schema`; the shop is that of the application's state."""
        self._schema = schema
        self.door = Door()
        self._watched: Answer = self._answered
        for watch in watches:
            self._watched = watch(self._watched)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            response = await self._watched(Request(scope, receive))
        except ClientDisconnect:
            return
        await response(scope, receive, send)

    async def _answered(self, request: Request) -> Response:
        try:
            ends_at = asyncio.get_running_loop().time() + DEADLINE_SECONDS
            async with asyncio.timeout_at(ends_at):
                return await self._answer(request, ends_at)
        except RequestRefused as refused:
            return refusal(refused, _media_type(request))
        except TimeoutError:
            return refusal(_too_slow(), _media_type(request))
        except Overloaded:
            return refusal(turned_away(), _media_type(request))

    async def _answer(self, request: Request, ends_at: float) -> Response:
        if request.method not in ("GET", "POST"):
            raise _not_allowed("Send queries by GET, and anything by POST.", "GET, POST")
        # Whoever sends slowly takes no room from others in the meantime.
        body = await read_body(request)
        with self.door.visit(_begin_by(request, ends_at)) as visit:
            caller = await _caller(request, visit)
            result = await self._execute(request, caller, Asked.of(request, body))
            caller.outcome = _outcome(caller, result)
        response = _response(result, _media_type(request), caller.charge)
        return cart_cookie.packed(response, request, caller.pocket)

    async def _execute(self, request: Request, caller: Caller, asked: Asked) -> ExecutionResult:
        try:
            return await self._schema.execute(
                asked.query,
                variable_values=asked.variables,
                context_value=caller,
                operation_name=asked.operation_name,
                allowed_operation_types=OperationType.from_http(_method(request)),
                operation_extensions=asked.extensions,
            )
        except MissingQueryError as error:
            raise bad_request("Send a document as `query`.") from error
        except CannotGetOperationTypeError as error:
            code = RequestCode.OPERATION_RESOLUTION_FAILURE.value
            status = _unexecuted_status(_media_type(request))
            raise RequestRefused(status, code, _no_operation(asked)) from error
        except InvalidOperationTypeError as error:
            raise _not_allowed("Only queries can be sent by GET.", "POST") from error


def refusal(refused: RequestRefused, media_type: str = JSON) -> Response:
    """Return the response of a refused request."""
    return _json(refused.body(), refused.status, media_type, refused.headers)


def _begin_by(request: Request, ends_at: float) -> float:
    """Return until when it makes sense to begin a transaction: one that ends in time."""
    mall: Mall = request.app.state.mall
    return ends_at - mall.settings.store_timeout_seconds


async def _caller(request: Request, visit: Visit) -> Caller:
    mall: Mall = request.app.state.mall
    viewers: Viewers = request.app.state.viewers
    pocket = cart_cookie.unpacked(request)
    caller = Caller(mall, viewers, request.state.request_id, visit, pocket=pocket)
    request.state.caller = caller
    header = request.headers.get("authorization")
    if header is not None:
        caller.subject = await _subject(header, request.app.state.tokens)
    return caller


async def _subject(header: str, tokens: Tokens) -> str:
    scheme, _, token = header.strip().partition(" ")
    try:
        if scheme.lower() != "bearer" or not token.strip():
            raise Unauthenticated("Send the header Authorization: Bearer <token>.")  # noqa: TRY301
        return await tokens.subject(token.strip())
    except Unauthenticated as error:
        challenge = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
        raise RequestRefused(401, error.code.value, str(error), challenge) from error
    except StoreUnavailable as error:
        # Nobody can say who asks.
        raise ComeAgain(error.code.value, str(error), error.retry_after_ms) from error


def _response(result: ExecutionResult, media_type: str, charge: Charge | None = None) -> Response:
    body: dict[str, Any] = {"data": result.data}
    if result.errors:
        body["errors"] = [error.formatted for error in result.errors]
    if charge is not None and _tells_cost(result):
        told = {"requested": charge.requested, "maximum": charge.maximum}
        body["extensions"] = {"cost": told}
    if not _was_refused(result):
        return _json(body, 200, media_type)
    del body["data"]
    return _json(body, _unexecuted_status(media_type), media_type)


def _outcome(caller: Caller, result: ExecutionResult) -> Outcome:
    if not result.errors:
        return Outcome.OK
    return Outcome.REFUSED if _was_refused(result) else caller.outcome


def _unexecuted_status(media_type: str) -> int:
    # Clients that speak plain JSON read errors from a 200 only.
    return 400 if media_type == _GRAPHQL_JSON else 200


def _was_refused(result: ExecutionResult) -> bool:
    return any(
        error.path is None and (error.extensions or {}).get("code") in BEFORE_EXECUTION
        for error in result.errors or ()
    )


def _tells_cost(result: ExecutionResult) -> bool:
    """Whether the operation was executed, or refused for what it costs."""
    codes = {(error.extensions or {}).get("code") for error in result.errors or ()}
    return not _was_refused(result) or not codes.isdisjoint(COSTS)


def _json(
    body: dict[str, Any], status: int, media_type: str, headers: Mapping[str, str] | None = None
) -> Response:
    told = {"Cache-Control": "no-store", "Vary": "Accept, Authorization", **(headers or {})}
    return Response(orjson.dumps(body), status, told, f"{media_type}; charset=utf-8")


def _media_type(request: Request) -> str:
    accept = request.headers.get("accept", "")
    if _GRAPHQL_JSON not in accept:
        return JSON
    liked = quality(accept, _GRAPHQL_JSON)
    return _GRAPHQL_JSON if liked and liked >= quality(accept, JSON) else JSON


def _method(request: Request) -> Any:
    return request.method


def _no_operation(asked: Asked) -> str:
    if asked.operation_name is None:
        return "The document has no operation."
    return f"The document has no operation named {asked.operation_name!r:.100}."


def _not_allowed(message: str, allowed: str) -> RequestRefused:
    return RequestRefused(405, RequestCode.METHOD_NOT_ALLOWED.value, message, {"Allow": allowed})


def _too_slow() -> RequestRefused:
    message = f"The request took longer than {DEADLINE_SECONDS} seconds; ask for less at once."
    return RequestRefused(503, RequestCode.DEADLINE_EXCEEDED.value, message)

"""GraphQL over HTTP: what a request must look like, and how its result is sent."""

import asyncio
from collections.abc import Sequence
from functools import partial

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from strawberry.exceptions import MissingQueryError
from strawberry.schema.base import BaseSchema
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from graph import answers, cart_cookie, persisted
from graph.admission import RETRY_AFTER_MS, Door, Overloaded, Visit
from graph.asked import Asked, read_body
from graph.client_address import address
from graph.operation import Caller
from graph.request_errors import (
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
            return answers.refusal(refused, answers.media_type(request))
        except TimeoutError:
            return answers.refusal(_too_slow(), answers.media_type(request))
        except Overloaded:
            return answers.refusal(turned_away(), answers.media_type(request))

    async def _answer(self, request: Request, ends_at: float) -> Response:
        if request.method not in ("GET", "POST"):
            raise _not_allowed("Send queries by GET, and anything by POST.", "GET, POST")
        # Whoever sends slowly takes no room from others in the meantime.
        body = await read_body(request)
        with self.door.visit(_begin_by(request, ends_at)) as visit:
            caller = await _caller(request, visit)
            asked = await _with_text(Asked.of(request, body), request, caller)
            result = await self._execute(request, caller, asked)
            caller.outcome = answers.outcome(caller, result)
            if asked.extensions and not answers.was_refused(result):
                await persisted.keep(asked, caller.mall.stores)
        return cart_cookie.packed(answers.answer(request, caller, result), request, caller.pocket)

    async def _execute(self, request: Request, caller: Caller, asked: Asked) -> ExecutionResult:
        try:
            return await self._schema.execute(
                asked.query,
                variable_values=asked.variables,
                context_value=caller,
                operation_name=asked.operation_name,
                allowed_operation_types=_allowed(request),
                operation_extensions=asked.extensions,
            )
        except MissingQueryError as error:
            raise bad_request("Send a document as `query`.") from error
        except CannotGetOperationTypeError as error:
            code = RequestCode.OPERATION_RESOLUTION_FAILURE.value
            status = _unexecuted_status(request)
            raise RequestRefused(status, code, _no_operation(asked)) from error
        except InvalidOperationTypeError as error:
            raise _other_way(request) from error


def _begin_by(request: Request, ends_at: float) -> float:
    """Return until when it makes sense to begin a transaction: one that ends in time."""
    mall: Mall = request.app.state.mall
    return ends_at - mall.settings.store_timeout_seconds


async def _caller(request: Request, visit: Visit) -> Caller:
    mall: Mall = request.app.state.mall
    viewers: Viewers = request.app.state.viewers
    pocket = cart_cookie.unpacked(request)
    caller = Caller(mall, viewers, request.state.request_id, visit, pocket=pocket)
    caller.fragments = request.app.state.fragments
    caller.address = partial(address, request, mall.settings.trusted_proxies)
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


async def _with_text(asked: Asked, request: Request, caller: Caller) -> Asked:
    stores = caller.mall.stores
    if not (asked.extensions or asked.document_id or stores.trusted.only):
        return asked
    return await persisted.resolved(asked, stores, _unexecuted_status(request))


def _unexecuted_status(request: Request) -> int:
    return answers.unexecuted_status(answers.media_type(request))


def _allowed(request: Request) -> set[OperationType]:
    is_safe = request.method == "GET"
    return {OperationType.QUERY} if is_safe else {OperationType.QUERY, OperationType.MUTATION}


def _other_way(request: Request) -> RequestRefused:
    if request.method == "GET":
        return _not_allowed("Only queries can be sent by GET.", "POST")
    return bad_request("Subscribe over WebSocket, by graphql-transport-ws, at this address.")


def _no_operation(asked: Asked) -> str:
    if asked.operation_name is None:
        return "The document has no operation."
    return f"The document has no operation named {asked.operation_name!r:.100}."


def _not_allowed(message: str, allowed: str) -> RequestRefused:
    return RequestRefused(405, RequestCode.METHOD_NOT_ALLOWED.value, message, {"Allow": allowed})


def _too_slow() -> RequestRefused:
    message = f"The request took longer than {DEADLINE_SECONDS} seconds; ask for less at once."
    return ComeAgain(RequestCode.DEADLINE_EXCEEDED.value, message, RETRY_AFTER_MS)

"""Responses of GraphQL: their kind, their status, and who may keep them for how long."""

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson
from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import Response
from strawberry.types import ExecutionResult

from graph import cart_cookie
from graph.accepting import quality
from graph.asked import JSON
from graph.caching import NO_STORE
from graph.operation import Caller, Charge, Outcome
from graph.request_errors import (
    BEFORE_EXECUTION,
    COSTS,
    STATUSES,
    RequestRefused,
    answer_too_large,
    retry_after,
)

#: Bytes of an answer; to put together more than that keeps everybody else waiting.
MAX_ANSWER = 8 * 1024 * 1024

_GRAPHQL_JSON = "application/graphql-response+json"
#: A request with any of these is somebody's own, and so is the answer.
_PERSONAL = ("authorization", "cookie", cart_cookie.HEADER)


def refusal(refused: RequestRefused, media_type: str = JSON) -> Response:
    """Return the response of a refused request."""
    return _sent(orjson.dumps(refused.body()), refused.status, media_type, refused.headers)


def answer(request: Request, caller: Caller, result: ExecutionResult) -> Response:
    """Return the response of an operation, executed or refused."""
    kind, content = media_type(request), orjson.dumps(_body(result, caller.charge))
    if was_refused(result):
        status, headers = _refused(result.errors or [], kind)
        return _sent(content, status, kind, headers)
    if len(content) > MAX_ANSWER:
        content = orjson.dumps({"data": None, "errors": [answer_too_large(MAX_ANSWER).formatted]})
    elif request.method == "GET" and caller.charge and not result.errors:
        return _kept(request, caller.charge, content, kind)
    return _sent(content, 200, kind)


def outcome(caller: Caller, result: ExecutionResult) -> Outcome:
    """Return what became of an operation."""
    if not result.errors:
        return Outcome.OK
    return Outcome.REFUSED if was_refused(result) else caller.outcome


def unexecuted_status(media_type: str) -> int:
    """Return the status of what was not executed."""
    # Clients that speak plain JSON read errors from a 200 only.
    return 400 if media_type == _GRAPHQL_JSON else 200


def was_refused(result: ExecutionResult) -> bool:
    """Return whether nothing of an operation was executed."""
    return any(
        error.path is None and (error.extensions or {}).get("code") in BEFORE_EXECUTION
        for error in result.errors or ()
    )


def media_type(request: Request) -> str:
    """Return the kind of answer that a client likes best, of the two there are."""
    accept = request.headers.get("accept", "")
    if _GRAPHQL_JSON not in accept:
        return JSON
    liked = quality(accept, _GRAPHQL_JSON)
    return _GRAPHQL_JSON if liked and liked >= quality(accept, JSON) else JSON


def _body(result: ExecutionResult, charge: Charge | None) -> dict[str, Any]:
    is_refused = was_refused(result)
    body: dict[str, Any] = {} if is_refused else {"data": result.data}
    if result.errors:
        body["errors"] = [error.formatted for error in result.errors]
    if charge is not None and (not is_refused or _is_of_cost(result.errors or ())):
        told = {"requested": charge.requested, "maximum": charge.maximum}
        body["extensions"] = {"cost": told}
    return body


def _refused(errors: list[GraphQLError], kind: str) -> tuple[int, dict[str, str]]:
    told = errors[0].extensions or {}
    status = STATUSES.get(str(told.get("code")), unexecuted_status(kind))
    return status, retry_after(told.get("retryAfterMs"))


def _is_of_cost(errors: Any) -> bool:
    return any((error.extensions or {}).get("code") in COSTS for error in errors)


def _kept(request: Request, charge: Charge, content: bytes, kind: str) -> Response:
    """Return what a browser or a CDN may keep, or nothing but that it has it already."""
    header = charge.keeping.header()
    if header == NO_STORE or any(name in request.headers for name in _PERSONAL):
        return _sent(content, 200, kind)
    tag = f'"{hashlib.blake2b(content, digest_size=12, person=kind[-16:].encode()).hexdigest()}"'
    headers = {"Cache-Control": header, "ETag": tag}
    known = request.headers.get("if-none-match", "")
    if tag in (one.strip().removeprefix("W/") for one in known.split(",")):
        return Response(status_code=304, headers={**_headers(), **headers})
    return _sent(content, 200, kind, headers)


def _sent(
    content: bytes, status: int, kind: str, headers: Mapping[str, str] | None = None
) -> Response:
    told = {**_headers(), **(headers or {})}
    return Response(content, status, told, f"{kind}; charset=utf-8")


def _headers() -> dict[str, str]:
    return {"Cache-Control": NO_STORE, "Vary": "Accept, Authorization"}

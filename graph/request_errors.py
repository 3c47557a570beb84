"""What can go wrong before any field is read, and how every top-level error is told."""

import re
from enum import Enum
from typing import Any

from graphql import GraphQLError, Node

from graph.admission import RETRY_AFTER_MS
from stores.errors import ShopError

#: More errors than this are not told in one response.
TOLD_ERRORS = 5


class RequestCode(Enum):
    """Stable codes of top-level errors that are none of the shop's own; see docs/errors.md."""

    BAD_REQUEST = "BAD_REQUEST"
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
    UNSUPPORTED_MEDIA_TYPE = "UNSUPPORTED_MEDIA_TYPE"
    PAYLOAD_TOO_LARGE = "PAYLOAD_TOO_LARGE"
    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
    OPERATION_RESOLUTION_FAILURE = "OPERATION_RESOLUTION_FAILURE"
    DOCUMENT_LIMIT_EXCEEDED = "DOCUMENT_LIMIT_EXCEEDED"
    COST_LIMIT_EXCEEDED = "COST_LIMIT_EXCEEDED"
    RATE_LIMITED = "RATE_LIMITED"
    INTROSPECTION_FORBIDDEN = "INTROSPECTION_FORBIDDEN"
    PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
    DOCUMENT_NOT_TRUSTED = "DOCUMENT_NOT_TRUSTED"
    BAD_USER_INPUT = "BAD_USER_INPUT"
    ANSWER_TOO_LARGE = "ANSWER_TOO_LARGE"
    DEADLINE_EXCEEDED = "DEADLINE_EXCEEDED"
    OVERLOADED = "OVERLOADED"
    TOO_MANY_OPERATIONS = "TOO_MANY_OPERATIONS"
    INTERNAL = "INTERNAL"


#: Such an error without a path means that nothing was executed: the response has no data.
BEFORE_EXECUTION = frozenset(
    code.value
    for code in (
        RequestCode.GRAPHQL_PARSE_FAILED,
        RequestCode.GRAPHQL_VALIDATION_FAILED,
        RequestCode.OPERATION_RESOLUTION_FAILURE,
        RequestCode.DOCUMENT_LIMIT_EXCEEDED,
        RequestCode.COST_LIMIT_EXCEEDED,
        RequestCode.RATE_LIMITED,
        RequestCode.INTROSPECTION_FORBIDDEN,
        RequestCode.BAD_USER_INPUT,
    )
)

#: Those that have a status of their own, whatever the client accepts.
STATUSES = {RequestCode.RATE_LIMITED.value: 429}
#: What was refused for its cost, which is told beside it.
COSTS = frozenset({RequestCode.COST_LIMIT_EXCEEDED.value, RequestCode.RATE_LIMITED.value})

#: Characters of a message; some cite a value that the client has sent.
_LONGEST = 500
_SUGGESTION = re.compile(r"\s*Did you mean .*", re.DOTALL)
_OVERLOADED = "The shop has more to do than it can; send the same request again in a moment."


class RequestRefused(Exception):
    """A request that is answered by one error and an HTTP status of its own."""

    def __init__(
        self, status: int, code: str, message: str, headers: dict[str, str] | None = None
    ) -> None:
        """Refuse with an HTTP status, a code and a sentence that helps."""
        super().__init__(message)
        self.status, self.headers = status, headers or {}
        self.extensions: dict[str, Any] = {"code": code}

    def body(self) -> dict[str, Any]:
        """Return the response: one error, no data."""
        return {"errors": [{"message": str(self), "extensions": self.extensions}]}


class ComeAgain(RequestRefused):
    """A request that may be sent again as it is; when, is told in the body and to proxies."""

    def __init__(self, code: str, message: str, retry_after_ms: int) -> None:
        """Refuse with 503."""
        super().__init__(503, code, message, retry_after(retry_after_ms))
        self.extensions["retryAfterMs"] = retry_after_ms


def bad_request(message: str) -> RequestRefused:
    """Return the refusal of a request that is no GraphQL."""
    return RequestRefused(400, RequestCode.BAD_REQUEST.value, message)


def document_refused(message: str, node: Node | None = None) -> GraphQLError:
    """Return the refusal of a document that is larger than anybody needs."""
    told = {"code": RequestCode.DOCUMENT_LIMIT_EXCEEDED.value}
    return GraphQLError(message, node, extensions=told)


def coded(error: GraphQLError, code: RequestCode, message: str | None = None) -> GraphQLError:
    """Return the same error with a code; what it cites is cut off, and names are not suggested."""
    told = _SUGGESTION.sub("", message or error.message)
    return _told(error, f"{told:.{_LONGEST}}", {"code": code.value})


def of_shop(cause: ShopError, error: GraphQLError | None = None) -> GraphQLError:
    """Tell an error of the shop, in the place of `error`."""
    return _told(error, str(cause), extensions(cause))


def overloaded() -> GraphQLError:
    """Tell that nothing was begun, and when to come again."""
    told = {"code": RequestCode.OVERLOADED.value, "retryAfterMs": RETRY_AFTER_MS}
    return _told(None, _OVERLOADED, told)


def turned_away() -> RequestRefused:
    """Return the refusal of a request that was not even read."""
    return ComeAgain(RequestCode.OVERLOADED.value, _OVERLOADED, RETRY_AFTER_MS)


def rate_limited(retry_after_ms: int) -> GraphQLError:
    """Tell that a client has spent its points, and when there are enough again."""
    told = {"code": RequestCode.RATE_LIMITED.value, "retryAfterMs": retry_after_ms}
    message = "You have asked for very much in a short time; send the same request again later."
    return _told(None, message, told)


def answer_too_large(most: int) -> GraphQLError:
    """Tell that an operation was executed, and that its answer is not sent."""
    message = f"The answer is larger than {most} bytes; ask for less. What was changed is changed."
    return _told(None, message, {"code": RequestCode.ANSWER_TOO_LARGE.value})


def retry_after(retry_after_ms: int | None) -> dict[str, str]:
    """Return the header that tells proxies, in whole seconds, what a body tells clients."""
    return {} if retry_after_ms is None else {"Retry-After": str(-(-retry_after_ms // 1_000))}


def internal(request_id: str, error: GraphQLError | None = None) -> GraphQLError:
    """Tell that something is broken, and nothing of what."""
    told = {"code": RequestCode.INTERNAL.value, "requestId": request_id}
    return _told(error, "Internal error.", told)


def extensions(cause: ShopError) -> dict[str, Any]:
    """Return what programs read of an error of the shop."""
    told: dict[str, Any] = {"code": cause.code.value}
    if field := getattr(cause, "field", ()):
        told["field"] = list(field)
    if retry_after_ms := getattr(cause, "retry_after_ms", None):
        told["retryAfterMs"] = retry_after_ms
    return told


def _told(error: GraphQLError | None, message: str, told: dict[str, Any]) -> GraphQLError:
    nodes, path = (error.nodes, error.path) if error else (None, None)
    positions = error.positions if error and not nodes else None
    source = error.source if error and not nodes else None
    return GraphQLError(
        message, nodes, source=source, positions=positions, path=path, extensions=told
    )

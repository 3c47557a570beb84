"""What a request asks for: the document and what goes with it, out of its address or its body."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import orjson
from starlette.datastructures import QueryParams
from starlette.requests import Request

from graph.request_errors import RequestCode, RequestRefused, bad_request

JSON = "application/json"
MAX_BODY = 256 * 1024
_PARTS = frozenset({"query", "variables", "operationName", "extensions", "documentId"})


@dataclass(frozen=True, slots=True)
class Asked:
    """An operation, as it was sent."""

    query: str | None
    variables: dict[str, Any] | None
    operation_name: str | None
    extensions: dict[str, Any] | None
    #: Names a document that is not sent.
    document_id: str | None = None

    @classmethod
    def of(cls, request: Request, body: bytes) -> Self:
        """Return what a request with this body asks for. Raises RequestRefused."""
        return cls.among(_sent(request, body))

    @classmethod
    def among(cls, sent: Mapping[str, Any]) -> Self:
        """Return what was asked among other things. Raises RequestRefused for a wrong type."""
        return cls(
            query=_optional(sent, "query", str, "a text"),
            variables=_optional(sent, "variables", dict, "an object"),
            operation_name=_optional(sent, "operationName", str, "a text") or None,
            extensions=_optional(sent, "extensions", dict, "an object"),
            document_id=_optional(sent, "documentId", str, "a text"),
        )


#: Headers that mean one thing; two of them could mean one thing to a proxy and another to us.
_ONCE = frozenset({b"content-type", b"content-encoding", b"authorization"})
#: A body that is shorter has no room for many values.
_SMALL = 16 * 1024
MAX_VALUES = 5_000


async def read_body(request: Request) -> bytes:
    """Return the whole body, nothing for a GET. Raises RequestRefused for what is no JSON."""
    found = [name for name, _ in request.headers.raw if name in _ONCE]
    if len(found) > len(set(found)):
        raise bad_request("Send Content-Type, Content-Encoding and Authorization once each.")
    if request.method == "GET":
        return b""
    _check_media(request)
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length[:20]) > MAX_BODY:
        raise _too_large()
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise _too_large()
    return bytes(body)


def _sent(request: Request, body: bytes) -> Mapping[str, Any]:
    if request.method == "GET":
        return _of_address(request.query_params)
    sent = loaded(body, "The body")
    if not isinstance(sent, dict):
        raise bad_request('The body must be a JSON object such as {"query": "{ __typename }"}.')
    return sent


def _of_address(parameters: QueryParams) -> dict[str, Any]:
    sent: dict[str, Any] = dict(parameters)
    for name in sent:
        if name in _PARTS and len(parameters.getlist(name)) > 1:
            raise bad_request(f"Send the parameter {name} once.")
    for name in ("variables", "extensions"):
        if text := sent.pop(name, None):
            sent[name] = loaded(text.encode(errors="surrogatepass"), f"The parameter {name}")
    return sent


def _check_media(request: Request) -> None:
    kind, *parameters = request.headers.get("content-type", "").lower().split(";")
    charsets = [one.strip() for one in parameters if one.strip().startswith("charset=")]
    if kind.strip() != JSON or any(
        one.strip("\"'")[8:].strip("\"'") not in ("utf-8", "utf8") for one in charsets
    ):
        raise _unsupported("Send JSON in UTF-8 with Content-Type: application/json.")
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise _unsupported("Send the body as it is, without Content-Encoding.")


def loaded(text: bytes | str, what: str) -> Any:
    """Return what JSON says. Raises RequestRefused for what is none, or is very many values."""
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise bad_request(f"{what} is no JSON: {error}.") from error
    if len(text) > _SMALL and _values(found) > MAX_VALUES:
        raise bad_request(f"{what} has more than {MAX_VALUES} values.")
    return found


def _values(found: object) -> int:
    """Return how many values there are, all depths together; no more are counted than allowed."""
    waiting = [found]
    for one in waiting:
        if isinstance(one, dict):
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
        if len(waiting) > MAX_VALUES:
            break
    return len(waiting)


def _optional(sent: Mapping[str, Any], name: str, kind: type, told: str) -> Any:
    value = sent.get(name)
    if value is not None and not isinstance(value, kind):
        raise bad_request(f"`{name}` must be {told} or null.")
    return value


def _unsupported(message: str) -> RequestRefused:
    return RequestRefused(415, RequestCode.UNSUPPORTED_MEDIA_TYPE.value, message)


def _too_large() -> RequestRefused:
    message = f"The body is larger than {MAX_BODY} bytes."
    return RequestRefused(413, RequestCode.PAYLOAD_TOO_LARGE.value, message)

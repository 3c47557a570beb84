"""The messages of graphql-transport-ws, and the codes that connections end with."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import orjson
from graphql import GraphQLError
from strawberry.types import ExecutionResult

from graph.answers import MAX_ANSWER
from graph.asked import MAX_BODY, loaded
from graph.request_errors import RequestRefused, answer_too_large

PROTOCOL = "graphql-transport-ws"
#: Types of the messages that are sent.
TYPES = ("connection_ack", "ping", "pong", "next", "error", "complete")
#: Characters of the id of an operation, which clients choose.
_ID_LENGTH = 128
#: Bytes that a reason may have.
_REASON_LENGTH = 123


class Code(IntEnum):
    """Why a connection ends; those from 4400 on are the protocol's."""

    TOO_BIG = 1009
    BROKEN = 1011
    COME_AGAIN = 1013
    BAD_MESSAGE = 4400
    NOT_ACKNOWLEDGED = 4401
    FORBIDDEN = 4403
    NO_PROTOCOL = 4406
    SILENT = 4408
    ID_IN_USE = 4409
    INITIALISED_TWICE = 4429


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it is sent, and its type."""

    kind: str
    text: str


class Ending(Exception):
    """A connection must end, with a code and a sentence that helps."""

    def __init__(self, code: Code, reason: str) -> None:
        """End so."""
        super().__init__(reason)
        self.code = code

    @property
    def reason(self) -> str:
        """The sentence, as long as it may be on the wire."""
        return str(self).encode()[:_REASON_LENGTH].decode(errors="ignore")


def read(text: str | None) -> dict[str, Any]:
    """Return a message of a client, its type a text. Raises Ending for what is none."""
    if text is None:
        raise Ending(Code.BAD_MESSAGE, "Send messages as text.")
    if len(text) > MAX_BODY:
        raise Ending(Code.TOO_BIG, f"A message has at most {MAX_BODY} bytes.")
    try:
        message = loaded(text, "The message")
    except RequestRefused as refused:
        raise Ending(Code.BAD_MESSAGE, str(refused)) from refused
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise Ending(Code.BAD_MESSAGE, 'A message is an object with a text as "type".')
    return message


def payload(message: dict[str, Any]) -> dict[str, Any]:
    """Return the payload of a message, an empty one if there is none. Raises Ending."""
    found = message.get("payload")
    if found is not None and not isinstance(found, dict):
        raise Ending(Code.BAD_MESSAGE, "The payload must be an object.")
    return found or {}


def id_of(message: dict[str, Any]) -> str:
    """Return the id of the operation that a message is about. Raises Ending."""
    found = message.get("id")
    if not isinstance(found, str) or not 1 <= len(found) <= _ID_LENGTH:
        raise Ending(Code.BAD_MESSAGE, f'"id" is a text of 1 to {_ID_LENGTH} characters.')
    return found


def write(kind: str, id_: str | None = None, payload: object = None) -> Message:
    """Return a message as it is sent."""
    told = {"type": kind, "id": id_, "payload": payload}
    kept = {name: one for name, one in told.items() if one is not None}
    return Message(kind, orjson.dumps(kept).decode())


def answer(id_: str, result: ExecutionResult) -> Message:
    """Return the message of a result."""
    told: dict[str, Any] = {"data": result.data}
    if result.errors:
        told["errors"] = [error.formatted for error in result.errors]
    if result.extensions:
        told["extensions"] = result.extensions
    message = write("next", id_, told)
    if len(message.text) > MAX_ANSWER:
        return write(
            "next", id_, {"data": None, "errors": [answer_too_large(MAX_ANSWER).formatted]}
        )
    return message


def refusal(id_: str, errors: Sequence[GraphQLError]) -> Message:
    """Return the message that ends an operation of which nothing was executed."""
    return write("error", id_, [error.formatted for error in errors])

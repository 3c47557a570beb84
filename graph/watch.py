"""Whoever wants to know what is asked over HTTP, and how it went."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from starlette.requests import Request
from starlette.responses import Response

from graph.operation import Caller

Answer: TypeAlias = Callable[[Request], Awaitable[Response]]

#: Stands around the answering of every request, as middleware does; it changes nothing of it.
#: Afterwards `caller` tells what the request was.
Watch: TypeAlias = Callable[[Answer], Answer]


def caller(request: Request) -> Caller | None:
    """Return what is known of a request; None of one that was refused before it was read."""
    found: Caller | None = getattr(request.state, "caller", None)
    return found

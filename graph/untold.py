"""Mistakes that are told to nobody but those who may see the schema.

A message that cites the schema confirms each name that somebody guesses, and gives away the names
and types beside it. So a stranger in production gets one answer to every mistake: the same message,
the same number of errors, no place, and after the same time. The log has what he is not told,
without his values.
"""

import asyncio
import re
import time
from collections.abc import Sequence
from contextlib import suppress

import structlog
from graphql import GraphQLError

from graph.budget import pay_for_mistakes
from graph.operation import Caller
from graph.request_errors import TOLD_ERRORS, RequestCode
from stores.errors import StoreUnavailable

_MESSAGES = {
    RequestCode.GRAPHQL_VALIDATION_FAILED: "The document does not fit the schema of the shop.",
    RequestCode.BAD_USER_INPUT: "A variable has a value that its type does not allow.",
}
_WHO_KNOWS = "Staff is told what is wrong, and so is everybody in development."
#: What a client has sent, at the end of a message; it may be an address of a shopper.
_SENT = re.compile(r"(?:[Ff]ound|(?<!invalid )value): .*", re.DOTALL)
_LONGEST = 200
#: How long each such answer takes: a name that is known leads to more work, or to less.
SECONDS = 0.1

_log = structlog.get_logger()


async def of_document(caller: Caller, mistakes: Sequence[GraphQLError]) -> list[GraphQLError]:
    """Return what the caller is told of the mistakes of a document, of which there are some."""
    if await _is_told(caller):
        return list(mistakes)
    return [await _untold(caller, mistakes, RequestCode.GRAPHQL_VALIDATION_FAILED)]


async def of_variables(caller: Caller, errors: Sequence[GraphQLError]) -> list[GraphQLError]:
    """Return what the caller is told of the errors of an execution: of variables, that one is bad.

    They have no path, and nothing else is wrong as long as they are. Whoever is not told pays for
    them as for a document that is wrong: names inside inputs can be guessed by either.
    """
    bad = [one for one in errors if one.path is None and "code" not in (one.extensions or {})]
    if not bad or await _is_told(caller):
        return list(errors)
    # The answer is the same for who owes it.
    with suppress(GraphQLError):
        await pay_for_mistakes(caller)
    return [await _untold(caller, bad, RequestCode.BAD_USER_INPUT)]


async def _is_told(caller: Caller) -> bool:
    try:
        return await caller.sees_schema()
    except StoreUnavailable:
        # Nobody can say who asks, and a mistake is one all the same.
        return False


async def _untold(
    caller: Caller, mistakes: Sequence[GraphQLError], code: RequestCode
) -> GraphQLError:
    """Log mistakes, and return in due time the one error that stands for whatever they are."""
    found = [f"{_SENT.sub('…', one.message):.{_LONGEST}}" for one in mistakes[:TOLD_ERRORS]]
    _log.info("mistakes_untold", request_id=caller.request_id, code=code.value, mistakes=found)
    await asyncio.sleep(caller.began + SECONDS - time.perf_counter())
    told = {"code": code.value, "requestId": caller.request_id}
    return GraphQLError(f"{_MESSAGES[code]} {_WHO_KNOWS}", extensions=told)

"""What an operation may cost, asked before anything of it is executed."""

import hashlib
from collections.abc import Mapping
from typing import Any

from graphql import GraphQLError

from graph.documents import Facts
from graph.operation import Caller, Charge
from graph.request_errors import RequestCode, rate_limited
from stores.rates import Rate

#: What a client may have saved up, in seconds.
_SAVED_SECONDS = 20
#: To parse and to check a thousand takes some three milliseconds.
CHARACTERS_A_POINT = 10
#: Points that a document costs which is wrong, or asks for too much.
MISTAKEN = 100


async def admit(caller: Caller, facts: Facts, variables: Mapping[str, Any] | None) -> None:
    """Let the caller pay for an operation that may be executed.

    `caller.charge` tells afterwards what it costs. Raises GraphQLError, with a code, if it costs
    too much, now or ever, or is not for the caller; raises StoreUnavailable.
    """
    maximum = caller.mall.settings.max_cost
    requested = facts.price.of(variables or {})
    if requested > maximum > 0:
        caller.charge = Charge(requested, maximum)
        # It was looked at as long as one that is wrong.
        await _spend(caller, MISTAKEN, is_owed=True)
        raise _too_costly(requested, maximum)
    caller.charge = Charge(requested, maximum, facts.keeping)
    await _spend(caller, requested)
    if facts.is_introspection:
        await _check_introspection(caller)


async def pay_for_text(caller: Caller, text: str) -> None:
    """Let the caller pay for a text that is parsed for the first time, whatever becomes of it.

    Raises GraphQLError, with a code, if there is nothing left to pay with.
    """
    await _spend(caller, len(text) // CHARACTERS_A_POINT)


async def pay_for_mistakes(caller: Caller) -> None:
    """Let the caller pay for a document that is wrong: as much for one as for any other.

    What its fields would cost, the schema tells; and whoever guesses names of that is wrong most of
    the time. Whoever has less owes it, or the last points would buy as many guesses. Raises
    GraphQLError, with a code, then.
    """
    await _spend(caller, MISTAKEN, is_owed=True)


async def _spend(caller: Caller, points: int, *, is_owed: bool = False) -> None:
    settings = caller.mall.settings
    if per_second := settings.points_per_second():
        rate = Rate(per_second, max(_SAVED_SECONDS * per_second, settings.max_cost))
        await _take(caller, max(points, 1), rate, is_owed=is_owed)


async def _take(caller: Caller, points: int, rate: Rate, *, is_owed: bool) -> None:
    who = f"user {caller.subject}" if caller.subject is not None else f"address {caller.address()}"
    name = hashlib.blake2b(who.encode(), digest_size=16).hexdigest()
    wait = await caller.mall.stores.rates.spend(name, points, rate, is_owed=is_owed)
    if wait:
        raise rate_limited(wait)


async def _check_introspection(caller: Caller) -> None:
    """Raise GraphQLError unless the caller works here, or is developing."""
    if await caller.sees_schema():
        return
    message = "Only merchants and owners may ask for the schema itself."
    code = RequestCode.INTROSPECTION_FORBIDDEN.value
    raise GraphQLError(message, extensions={"code": code})


def _too_costly(requested: int, maximum: int) -> GraphQLError:
    message = (
        f"The operation costs {requested} points, and {maximum} are allowed; ask for shorter "
        "lists, or for fewer fields of each item."
    )
    return GraphQLError(message, extensions={"code": RequestCode.COST_LIMIT_EXCEEDED.value})

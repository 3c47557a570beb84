"""How what became of a mutation is shown; a payload ends with `is_replay` and `user_errors`."""

from collections.abc import Awaitable
from typing import TypedDict, TypeVar

from graph.nodes import Kind, N
from graph.user_errors import UserError, user_errors
from resolvers.context import Context
from resolvers.mutations import Outcome
from stores.errors import StoreUnavailable

T = TypeVar("T")


class Ending(TypedDict):
    """The values of the fields that every payload ends with."""

    is_replay: bool
    user_errors: list[UserError]


def ending(ctx: Context, outcome: Outcome) -> Ending:
    """Return how a payload ends: `CreateCategoryPayload(category=…, **ending(ctx, outcome))`.

    It comes last, when all that the payload shows was read.
    """
    refusals = (*outcome.refusals, *outcome.late)
    return Ending(is_replay=outcome.is_replay, user_errors=user_errors(ctx, refusals))


async def shown(ctx: Context, kind: Kind[N], outcome: Outcome, field: str) -> N | None:
    """Return the object of a payload's field, read again as it is now; None if refused.

    So a replay shows what its own selection asks for.
    """
    if outcome.targets is None:
        return None
    return await late(outcome, kind.one(ctx, outcome.targets[field]))


async def late(outcome: Outcome, reading: Awaitable[T]) -> T | None:
    """Return what is read for a payload; None if its store went away after the change.

    That is told in userErrors, as the client does best to send the same key again.
    """
    try:
        return await reading
    except StoreUnavailable as error:
        outcome.late.append(error)
        return None

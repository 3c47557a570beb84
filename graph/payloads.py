"""How what became of a mutation is shown; a payload ends with `is_replay` and `user_errors`."""

from typing import TypedDict

from graph.nodes import Kind, N
from graph.user_errors import UserError, user_errors
from resolvers.context import Context
from resolvers.mutations import Outcome


class Ending(TypedDict):
    """The values of the fields that every payload ends with."""

    is_replay: bool
    user_errors: list[UserError]


def ending(ctx: Context, outcome: Outcome) -> Ending:
    """Return how a payload ends: `CreateCategoryPayload(category=…, **ending(ctx, outcome))`."""
    return Ending(is_replay=outcome.is_replay, user_errors=user_errors(ctx, outcome.refusals))


async def shown(ctx: Context, kind: Kind[N], outcome: Outcome, field: str) -> N | None:
    """Return the object of a payload's field, read again as it is now; None if refused.

    So a replay shows what its own selection asks for.
    """
    return None if outcome.targets is None else await kind.one(ctx, outcome.targets[field])

"""What an operation may cost, asked before anything of it is validated or executed."""

from collections.abc import Mapping
from typing import Any

from graphql import GraphQLError

from graph.documents import Facts
from graph.operation import Caller, Charge
from graph.request_errors import RequestCode


def charge(caller: Caller, facts: Facts, variables: Mapping[str, Any] | None) -> None:
    """Let the caller pay for an operation. Raises GraphQLError, with a code, if it costs too much.

    `caller.charge` tells afterwards what it costs.
    """
    maximum = caller.mall.settings.max_cost
    requested = facts.price.of(variables or {})
    caller.charge = Charge(requested, maximum, facts.keeping)
    if requested > maximum > 0:
        raise _too_costly(requested, maximum)


def _too_costly(requested: int, maximum: int) -> GraphQLError:
    message = (
        f"The operation costs {requested} points, and {maximum} are allowed; ask for shorter "
        "lists, or for fewer fields of each item."
    )
    return GraphQLError(message, extensions={"code": RequestCode.COST_LIMIT_EXCEEDED.value})

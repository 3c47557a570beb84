"""Operations that have been seen before: what stands around them without Strawberry.

The same as `Operation` and `Planned` do as extensions, where a document is seen the first time:
a place, a context, and errors that clients may know.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from graphql import GraphQLError
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from graph import request_errors
from graph.admission import Overloaded
from graph.budget import admit
from graph.documents import Facts
from graph.engine import Run
from graph.operation import Caller, Outcome
from graph.telling import Telling
from stores.errors import ShopError


def is_allowed(run: Run, allowed: Iterable[OperationType] | None) -> bool:
    """Return whether an operation is of an allowed type; without any, all are."""
    return allowed is None or OperationType(run.operation.operation.value) in allowed


async def executed(
    run: Run,
    caller: Caller,
    facts: Facts,
    variables: Mapping[str, Any] | None,
    root_value: Any = None,
) -> ExecutionResult:
    """Return data and errors of an operation, as the view answers them."""
    telling = Telling(caller.request_id)
    if refusal := await _refusal(caller, facts, variables):
        return _refused(refusal)
    try:
        result = await _result(run, caller, root_value)
    except Overloaded:
        return _refused(request_errors.overloaded())
    except ShopError as error:
        return _refused(request_errors.of_shop(error))
    except Exception as error:  # noqa: BLE001  The last one who knows of the operation.
        return _refused(telling.masked(error))
    return ExecutionResult(result.data, result.errors and telling.all(result.errors))


async def _refusal(
    caller: Caller, facts: Facts, variables: Mapping[str, Any] | None
) -> GraphQLError | None:
    """Return why an operation is not to be executed; None if it is."""
    try:
        await admit(caller, facts, variables)
    except GraphQLError as error:
        return error
    except ShopError as error:
        return request_errors.of_shop(error)
    return None


async def _result(run: Run, caller: Caller, root_value: Any) -> Any:
    caller.note(run.operation)
    async with caller.visit.place(run.operation):
        # Unless it ends well, which the view sees.
        caller.outcome = Outcome.ERRORS
        ctx = await caller.context()
        try:
            return await run.result(root_value, ctx, caller.fragments)
        finally:
            ctx.loaders.forget()


def _refused(error: GraphQLError) -> ExecutionResult:
    return ExecutionResult(None, [error])

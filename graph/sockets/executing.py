"""Runs operations of connections as HTTP runs them: same admission, limits, errors, deadline."""

import asyncio
import uuid
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLError
from strawberry.exceptions import MissingQueryError
from strawberry.schema.base import BaseSchema
from strawberry.schema.exceptions import CannotGetOperationTypeError
from strawberry.types import ExecutionResult

from graph import request_errors
from graph.admission import Door, Overloaded, Visit
from graph.asked import Asked
from graph.operation import Caller, Outcome
from graph.request_errors import RequestCode, RequestRefused
from graph.subscriptions import News, Opening
from graph.view import DEADLINE_SECONDS
from resolvers.context import CartPocket, Mall
from resolvers.viewers import Viewers

#: Events that are told at once, in a process: however many listen, requests have their turn.
TELLING = 16


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of an operation."""

    result: ExecutionResult
    was_executed: bool
    is_subscription: bool


class Executing:
    """What lives as long as the process."""

    def __init__(self, schema: BaseSchema, door: Door) -> None:
        """Execute by `schema`; queries and mutations come through the door of HTTP."""
        self._schema, self._door = schema, door
        self._telling = asyncio.Semaphore(TELLING)

    async def run(
        self, mall: Mall, viewers: Viewers, asked: Asked, subject: str | None, pocket: CartPocket
    ) -> tuple[Answer, Opening]:
        """Execute an operation, or begin a subscription: then the opening has a wish."""
        opening, ends_at = Opening(), _ends_at()
        try:
            with self._door.visit(ends_at - mall.settings.store_timeout_seconds) as visit:
                caller = Caller(mall, viewers, uuid.uuid4().hex, visit, subject, pocket)
                result = await self._execute(asked, caller, opening, ends_at)
        except Overloaded:
            return _refused(request_errors.overloaded()), opening
        return _answer(result, caller), opening

    async def tell(
        self, mall: Mall, viewers: Viewers, asked: Asked, subject: str | None, news: News
    ) -> ExecutionResult:
        """Execute a subscription for one object, by roles and rights of this moment."""
        async with self._telling:
            ends_at = _ends_at()
            visit = Visit(self._door, lambda: None, ends_at)
            # A replica may not have heard of it yet.
            caller = Caller(mall, viewers, uuid.uuid4().hex, visit, subject, is_fresh=True)
            return await self._execute(asked, caller, news, ends_at)

    async def _execute(
        self, asked: Asked, caller: Caller, root: Opening | News, ends_at: float
    ) -> ExecutionResult:
        try:
            async with asyncio.timeout_at(ends_at):
                return await self._schema.execute(
                    asked.query,
                    variable_values=asked.variables,
                    context_value=caller,
                    root_value=root,
                    operation_name=asked.operation_name,
                    operation_extensions=asked.extensions,
                )
        except RequestRefused as refused:
            return _only(GraphQLError(str(refused), extensions=refused.extensions))
        except MissingQueryError:
            return _only(_coded(RequestCode.BAD_REQUEST, "Send a document as `query`."))
        except CannotGetOperationTypeError:
            message = "The document has no operation of this name."
            return _only(_coded(RequestCode.OPERATION_RESOLUTION_FAILURE, message))
        except TimeoutError:
            message = f"It took longer than {DEADLINE_SECONDS} seconds; ask for less at once."
            return _only(_coded(RequestCode.DEADLINE_EXCEEDED, message))


def _ends_at() -> float:
    return asyncio.get_running_loop().time() + DEADLINE_SECONDS


def _answer(result: ExecutionResult, caller: Caller) -> Answer:
    was_executed = not result.errors or caller.outcome is not Outcome.REFUSED
    return Answer(result, was_executed, caller.operation_kind == "subscription")


def _refused(error: GraphQLError) -> Answer:
    return Answer(_only(error), was_executed=False, is_subscription=False)


def _only(error: GraphQLError) -> ExecutionResult:
    return ExecutionResult(None, [error])


def _coded(code: RequestCode, message: str) -> GraphQLError:
    told: dict[str, Any] = {"code": code.value}
    return GraphQLError(message, extensions=told)

"""Runs operations of connections as HTTP runs them: same admission, limits, errors, deadline."""

import asyncio
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLError
from strawberry.exceptions import MissingQueryError
from strawberry.schema.base import BaseSchema
from strawberry.schema.exceptions import CannotGetOperationTypeError
from strawberry.types import ExecutionResult

from graph import persisted, request_errors
from graph.admission import RETRY_AFTER_MS, Door, Overloaded, Visit
from graph.answers import was_refused
from graph.asked import Asked
from graph.operation import Caller, Outcome
from graph.request_errors import RequestCode, RequestRefused
from graph.subscriptions import News, Opening
from graph.view import DEADLINE_SECONDS
from resolvers.context import CartPocket, Mall
from resolvers.viewers import Viewers
from stores.errors import StoreUnavailable

#: Events that are told at once, in a process: however many listen, requests have their turn.
TELLING = 16


@dataclass(frozen=True, slots=True)
class Party:
    """Who asks over a connection, but for the token, which may change hands."""

    mall: Mall
    viewers: Viewers
    pocket: CartPocket
    address: Callable[[], str]

    def caller(self, visit: Visit, subject: str | None) -> Caller:
        """Return who is to be answered once."""
        request_id = uuid.uuid4().hex
        made = Caller(self.mall, self.viewers, request_id, visit, subject, self.pocket)
        made.address = self.address
        return made


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of an operation."""

    result: ExecutionResult
    was_executed: bool
    is_subscription: bool
    #: The operation with the text of its document, which may have been named by its hash.
    asked: Asked


class Executing:
    """What lives as long as the process."""

    def __init__(self, schema: BaseSchema, door: Door) -> None:
        """Execute by `schema`; queries and mutations come through the door of HTTP."""
        self._schema, self._door = schema, door
        self._telling = asyncio.Semaphore(TELLING)

    async def run(self, party: Party, asked: Asked, subject: str | None) -> tuple[Answer, Opening]:
        """Execute an operation, or begin a subscription: then the opening has a wish."""
        opening, ends_at = Opening(), _ends_at()
        begin_by = ends_at - party.mall.settings.store_timeout_seconds
        try:
            with self._door.visit(begin_by) as visit:
                caller = party.caller(visit, subject)
                asked = await persisted.resolved(asked, party.mall.stores, 400)
                result = await self._execute(asked, caller, opening, ends_at)
            if not was_refused(result):
                await persisted.keep(asked, party.mall.stores)
        except RequestRefused as refused:
            error = GraphQLError(str(refused), extensions=refused.extensions)
            return _refused(error, asked), opening
        except StoreUnavailable as error:
            return _refused(request_errors.of_shop(error), asked), opening
        except Overloaded:
            return _refused(request_errors.overloaded(), asked), opening
        return _answer(result, caller, asked), opening

    async def tell(
        self, party: Party, asked: Asked, subject: str | None, news: News
    ) -> ExecutionResult:
        """Execute a subscription for one object, by roles and rights of this moment."""
        async with self._telling:
            ends_at = _ends_at()
            caller = party.caller(Visit(self._door, lambda: None, ends_at), subject)
            # A replica may not have heard of it yet.
            caller.is_fresh = True
            return await self._execute(asked, caller, news, ends_at)

    async def _execute(
        self, asked: Asked, caller: Caller, root: Opening | News, ends_at: float
    ) -> ExecutionResult:
        try:
            async with asyncio.timeout_at(ends_at):
                return await self._result(asked, caller, root)
        except MissingQueryError:
            return _only(_coded(RequestCode.BAD_REQUEST, "Send a document as `query`."))
        except CannotGetOperationTypeError:
            message = "The document has no operation of this name."
            return _only(_coded(RequestCode.OPERATION_RESOLUTION_FAILURE, message))
        except TimeoutError:
            message = f"It took longer than {DEADLINE_SECONDS} seconds; ask for less at once."
            return _only(_coded(RequestCode.DEADLINE_EXCEEDED, message, RETRY_AFTER_MS))

    async def _result(self, asked: Asked, caller: Caller, root: Opening | News) -> ExecutionResult:
        return await self._schema.execute(
            asked.query,
            variable_values=asked.variables,
            context_value=caller,
            root_value=root,
            operation_name=asked.operation_name,
            operation_extensions=asked.extensions,
        )


def _ends_at() -> float:
    return asyncio.get_running_loop().time() + DEADLINE_SECONDS


def _answer(result: ExecutionResult, caller: Caller, asked: Asked) -> Answer:
    was_executed = not result.errors or caller.outcome is not Outcome.REFUSED
    return Answer(result, was_executed, caller.operation_kind == "subscription", asked)


def _refused(error: GraphQLError, asked: Asked) -> Answer:
    return Answer(_only(error), was_executed=False, is_subscription=False, asked=asked)


def _only(error: GraphQLError) -> ExecutionResult:
    return ExecutionResult(None, [error])


def _coded(code: RequestCode, message: str, retry_after_ms: int | None = None) -> GraphQLError:
    told: dict[str, Any] = {"code": code.value}
    if retry_after_ms is not None:
        told["retryAfterMs"] = retry_after_ms
    return GraphQLError(message, extensions=told)

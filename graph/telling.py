"""What clients are told of errors: codes they may act on, and nothing of what is a bug."""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from graphql import GraphQLError

from graph import request_errors
from graph.request_errors import TOLD_ERRORS, RequestCode, coded
from stores.errors import ShopError

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Telling:
    """Tells the errors of one operation."""

    request_id: str
    #: What a mistake of the client is at this stage; once the operation runs, BAD_USER_INPUT.
    stage: RequestCode = RequestCode.BAD_USER_INPUT

    def all(self, errors: Sequence[GraphQLError]) -> list[GraphQLError]:
        """Return the errors as clients see them, the first of very many."""
        return [self.one(error) for error in errors[:TOLD_ERRORS]]

    def one(self, error: GraphQLError) -> GraphQLError:
        """Return an error with a code, masked if it is a bug."""
        cause = error.original_error
        if error.extensions and "code" in error.extensions:
            return error
        if isinstance(cause, ShopError):
            return request_errors.of_shop(cause, error)
        if isinstance(cause, RecursionError):
            return coded(error, self.stage, "The document is nested too deeply.")
        if self._is_mistake(error, cause):
            return coded(error, self.stage)
        return self.masked(cause or error, error)

    def masked(self, cause: Exception, error: GraphQLError | None = None) -> GraphQLError:
        """Log a bug, and return what clients may know of it."""
        _log.error("operation_failed", request_id=self.request_id, exc_info=cause)
        return request_errors.internal(self.request_id, error)

    def _is_mistake(self, error: GraphQLError, cause: Exception | None) -> bool:
        """Whether the client wrote something wrong: a bad value of an argument has its place."""
        is_executing = self.stage is RequestCode.BAD_USER_INPUT
        if not is_executing or (cause is None and error.path is None):
            return True
        return isinstance(cause, GraphQLError) and (error.path is None or bool(cause.nodes))

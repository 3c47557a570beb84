"""Every statement that a relational store is asked, whichever way it takes."""

from collections.abc import Callable, Generator
from contextlib import contextmanager

from sqlalchemy import event
from sqlalchemy.engine import Engine
from structlog.contextvars import get_contextvars

from stores.driver_cursor import watchers


def of_a_request() -> bool:
    """Return whether a request asks, and no job beside.

    It is known by the name that its log has; a job, begun with the shop, has none.
    """
    return "request_id" in get_contextvars()


@contextmanager
def told(record: Callable[[str], None]) -> Generator[None]:
    """Call `record` with the text of each statement, right before it runs."""

    def before(*call: object) -> None:
        record(str(call[2]))

    event.listen(Engine, "before_cursor_execute", before)
    watchers.append(record)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", before)
        watchers.remove(record)

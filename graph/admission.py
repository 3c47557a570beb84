"""Places for mutations: of more at once than a shop can do, none would be done in time.

Each of three hundred `placeOrder` at once takes three hundred times as long as one alone. All of
them pass their deadlines then, all of the work is lost, and all are sent again.
"""

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager

#: So many mutations run at once; the others wait, and those who came first go first.
PLACES = 16
#: What is left of a request's time must do for the work.
WAIT_SECONDS = 3.0
RETRY_AFTER_MS = 1_000
#: Requests that are inside at once, those that wait included; more are sent away unread.
INSIDE = 128


class Overloaded(Exception):
    """No place became free in time; nothing was begun."""


class Places:
    """The places of one process."""

    def __init__(self) -> None:
        """All of them are free."""
        self._free = asyncio.Semaphore(PLACES)
        self._inside = 0

    @contextmanager
    def inside(self) -> Generator[None]:
        """Be counted while the block runs. Raises Overloaded if there are enough already."""
        if self._inside >= INSIDE:
            raise Overloaded
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1

    @asynccontextmanager
    async def one(self) -> AsyncGenerator[None]:
        """Hold a place while the block runs. Raises Overloaded."""
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await self._free.acquire()
        except TimeoutError as error:
            raise Overloaded from error
        try:
            yield
        finally:
            self._free.release()

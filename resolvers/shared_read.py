"""One read for all who ask at the same time, which is none older than their question."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class SharedRead(Generic[T]):
    """A read that whoever asks while another runs shares with all who do."""

    def __init__(self, read: Callable[[], Awaitable[T]]) -> None:
        """Read by `read`."""
        self._read = read
        self._reading = asyncio.Lock()
        #: The next read, as long as it has not begun.
        self._next: asyncio.Task[T] | None = None
        # The loop itself holds no task.
        self._held: set[asyncio.Task[T]] = set()

    async def __call__(self) -> T:
        """Return what a read found that began after the call. Raises what it raised."""
        if self._next is None:
            self._next = asyncio.create_task(self._one())
            self._held.add(self._next)
            self._next.add_done_callback(self._let_go)
        # Whoever leaves takes it from nobody else.
        return await asyncio.shield(self._next)

    async def _one(self) -> T:
        async with self._reading:
            # Who comes from now on may ask for what this one does not see.
            self._next = None
            return await self._read()

    def _let_go(self, task: asyncio.Task[T]) -> None:
        self._held.discard(task)
        # Looked at, so that the log tells of no failure that nobody waits for any longer.
        if not task.cancelled():
            task.exception()

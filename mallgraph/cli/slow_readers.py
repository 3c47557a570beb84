"""Clients that do not read what they asked for: nothing is kept for them for ever."""

import asyncio
from typing import Any

#: How often it is looked how much a client has read, and how many bytes that must be.
LOOK_SECONDS = 10.0
MIN_READ = 64 * 1024


class SlowReaders(asyncio.Protocol):
    """Put before a protocol of Uvicorn, which waits for ever until an answer has been read.

    An answer lies in memory until the client has it. Closing the connection does not help, as what
    was written is sent before.
    """

    loop: asyncio.AbstractEventLoop
    transport: Any
    _look: asyncio.TimerHandle | None = None
    _unread = 0

    def pause_writing(self) -> None:
        """Begin to look, as the client reads more slowly than is written."""
        super().pause_writing()
        self._look_later()

    def resume_writing(self) -> None:
        """Look no longer: nearly everything has been read."""
        self._look_no_longer()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Look no longer."""
        self._look_no_longer()
        super().connection_lost(exc)

    def _look_later(self) -> None:
        self._look_no_longer()
        self._unread = self.transport.get_write_buffer_size()
        self._look = self.loop.call_later(LOOK_SECONDS, self._check)

    def _check(self) -> None:
        if self._unread - self.transport.get_write_buffer_size() < MIN_READ:
            self.transport.abort()
        else:
            self._look_later()

    def _look_no_longer(self) -> None:
        if self._look is not None:
            self._look.cancel()
            self._look = None

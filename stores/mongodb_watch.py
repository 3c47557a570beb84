"""Whether the driver of MongoDB is looking at a server right now.

It watches servers by tasks of its own, and closing it cancels them. One that is just connecting
loses its socket then, which nobody closes until garbage is collected.
"""

import asyncio

from pymongo.monitoring import (
    ServerHeartbeatFailedEvent,
    ServerHeartbeatListener,
    ServerHeartbeatStartedEvent,
    ServerHeartbeatSucceededEvent,
)


class MongoWatch(ServerHeartbeatListener):
    """Told of each look, from before it connects to its end."""

    def __init__(self) -> None:
        """Know of no look."""
        self._looks: set[object] = set()
        self._ended = asyncio.Event()

    def started(self, event: ServerHeartbeatStartedEvent) -> None:
        """Hear that a server is looked at."""
        self._looks.add(event.connection_id)

    def succeeded(self, event: ServerHeartbeatSucceededEvent) -> None:
        """Hear that it answered."""
        self._end(event.connection_id)

    def failed(self, event: ServerHeartbeatFailedEvent) -> None:
        """Hear that it did not."""
        self._end(event.connection_id)

    async def idle(self) -> None:
        """Wait until no server is being looked at."""
        while self._looks:
            self._ended.clear()
            await self._ended.wait()

    def _end(self, server: object) -> None:
        self._looks.discard(server)
        self._ended.set()

"""A door at which the first answer to every order is lost."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

from tests.proxy import Door

#: In what the shop says of an order that has just been placed; in a replay it says true.
_FIRST = (b'"placeOrder":', b'"isReplay":false')


class LosingDoor(Door):
    """Cuts a connection, over HTTP or WebSocket, when it brings the first answer to an order."""

    def __init__(self, port: int) -> None:
        """Lead to a port of this machine."""
        super().__init__(port)
        self.lost = 0
        #: Answers that asked for the text of a document whose hash nobody had sent before.
        self.unknown = 0

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._links.add(writer)
        inside, out = await asyncio.open_connection("127.0.0.1", self._target)
        asking = asyncio.create_task(self._pump(reader, out))
        try:
            with suppress(OSError):
                await self._answer(inside, writer)
        finally:
            asking.cancel()
            out.transport.abort()
            writer.transport.abort()
            self._links.discard(writer)

    async def _answer(self, inside: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await inside.read(65_536):
            self.unknown += b"PersistedQueryNotFound" in data
            if all(one in data for one in _FIRST):
                self.lost += 1
                return
            writer.write(data)
            await writer.drain()


@asynccontextmanager
async def losing(port: int) -> AsyncGenerator[LosingDoor]:
    """Yield an open door to a port of this machine."""
    door = LosingDoor(port)
    await door.open()
    try:
        yield door
    finally:
        await door.shut()

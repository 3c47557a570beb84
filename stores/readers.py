"""Connections for reading, kept at hand for a moment instead of going back into their pool.

Taking one out of SQLAlchemy's pool and giving it back takes as long as reading a row: each is a
switch into a greenlet and back, and the pool tells its listeners. A shop that is busy reads again
within the moment; the pool sees every connection once in it, and asks and replaces as ever.
"""

import asyncio
import time
from collections.abc import MutableMapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from stores.pools import Fill, fill

#: So long a connection stays out of its pool.
_AT_HAND_SECONDS = 1.0


@dataclass(slots=True)
class Reader:
    """A connection, out of its pool."""

    connection: AsyncConnection
    #: What the pool knows of it.
    info: MutableMapping[Any, Any]
    taken_at: float
    used_at: float

    @property
    def is_sound(self) -> bool:
        """Whether it is left as it was taken."""
        # SQLAlchemy begins a transaction by itself, and ends it with its own call alone.
        return not self.connection.invalidated and not self.connection.in_transaction()


class Readers:
    """The connections of an engine that begins no transactions."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Take them out of the pool of `engine`."""
        self._engine = engine
        self._at_hand: list[Reader] = []
        self._waiting = 0

    async def take(self) -> Reader:
        """Return one that nobody else has. Raises what `AsyncEngine.connect` raises."""
        return await self._known() or await self._new()

    async def put(self, reader: Reader) -> None:
        """Let others have one that was taken."""
        reader.used_at = time.monotonic()
        if reader.is_sound and not self._waiting:
            self._at_hand.append(reader)
        else:
            await _give_back(reader)

    def fill(self) -> Fill:
        """Return how full the pool is; a connection at hand is in nobody's use."""
        whole = fill(self._engine)
        return replace(whole, in_use=whole.in_use - len(self._at_hand))

    async def close(self) -> None:
        """Close all of them, those of the pool too."""
        while self._at_hand:
            await _give_back(self._at_hand.pop())
        await self._engine.dispose()

    async def _known(self) -> Reader | None:
        """Return the one used last, if its moment is not over."""
        oldest = time.monotonic() - _AT_HAND_SECONDS
        while self._at_hand:
            reader = self._at_hand.pop()
            if reader.taken_at > oldest:
                return reader
            await _give_back(reader)
        return None

    async def _new(self) -> Reader:
        # Who waits for the pool sees nothing of what is kept here.
        self._waiting += 1
        try:
            connection = await self._engine.connect()
        finally:
            self._waiting -= 1
        now = time.monotonic()
        raw = await connection.get_raw_connection()
        return Reader(connection, raw.info, taken_at=now, used_at=now)


async def _give_back(reader: Reader) -> None:
    # Also by one who is cancelled: else nobody could take it again.
    await asyncio.shield(asyncio.create_task(_close(reader)))


async def _close(reader: Reader) -> None:
    await reader.connection.close()
    # The pool thinks that it was used right now.
    reader.info["used_at"] = reader.used_at

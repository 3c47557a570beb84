"""Documents that clients name by their hash, once somebody has sent the text.

Anybody may send texts, so there is room for so much and no more: a process keeps the last ones, and
in Redis each hash has one of a fixed number of places, which the next one takes over.
"""

from collections import OrderedDict
from functools import partial
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from stores.shared_redis import SharedRedis

#: Characters of all documents that a process keeps.
CHARACTERS = 4_000_000
#: Documents in Redis; of 64 KiB at most, and then for a day without being asked for.
PLACES = 4_096
SECONDS = 24 * 3_600


class PersistedDocuments(Protocol):
    """Texts by their SHA-256, in 64 hexadecimal digits. Nobody may rely on any."""

    async def get(self, digest: str) -> str | None:
        """Return the text of a digest, if it is still there."""

    async def put(self, digest: str, text: str) -> None:
        """Keep a text, whose digest the caller has checked."""


class MemoryDocuments:
    """Documents of one process."""

    def __init__(self) -> None:
        """Know none yet."""
        self._kept: OrderedDict[str, str] = OrderedDict()
        self._characters = 0

    async def get(self, digest: str) -> str | None:
        """Return a text; see PersistedDocuments."""
        found = self._kept.get(digest)
        if found is not None:
            self._kept.move_to_end(digest)
        return found

    async def put(self, digest: str, text: str) -> None:
        """Keep a text; see PersistedDocuments."""
        if digest in self._kept:
            return
        self._kept[digest] = text
        self._characters += len(text)
        while self._characters > CHARACTERS:
            _, gone = self._kept.popitem(last=False)
            self._characters -= len(gone)


class RedisDocuments:
    """Documents that all processes share; each keeps those it has seen."""

    def __init__(self, shared: "SharedRedis") -> None:
        """Lie in a Redis."""
        self._shared, self._near = shared, MemoryDocuments()

    async def get(self, digest: str) -> str | None:
        """Return a text; see PersistedDocuments."""
        if near := await self._near.get(digest):
            return near
        call = partial(self._shared.client.hmget, _place(digest), ["digest", "text"])
        kept, text = await self._shared.ask("get", call) or (None, None)
        if kept != digest or text is None:
            return None
        await self._near.put(digest, str(text))
        return str(text)

    async def put(self, digest: str, text: str) -> None:
        """Keep a text; see PersistedDocuments."""
        await self._near.put(digest, text)
        await self._shared.ask("put", partial(self._write, digest, text))

    async def _write(self, digest: str, text: str) -> None:
        place = _place(digest)
        async with self._shared.client.pipeline(transaction=True) as together:
            together.hset(place, mapping={"digest": digest, "text": text})
            together.expire(place, SECONDS)
            await together.execute()


def _place(digest: str) -> str:
    return f"document:{int(digest[:8], 16) % PLACES}"

"""Published events as they come: one reader per process, whoever and however many listen.

Nobody has a queue that could grow. Whoever listens holds a place, the publish sequence of the last
event seen; the newest events lie in memory once for all, and whoever is further behind, as it was
away or is slow, reads the store from its place on.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from itertools import takewhile

from resolvers.shared_read import SharedRead
from stores import outbox
from stores.errors import Invalid
from stores.outbox import Event
from stores.sql import Database

POLL_SECONDS = 0.25
BATCH = 500
#: Events that are kept in memory.
RECENT = 2_000


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to be told of."""

    #: The publish sequence behind which it begins.
    since: int
    #: Whether an event may be about it; decided without asking a store.
    concerns: Callable[[Event], bool]
    #: Finds the ids of the objects to tell of.
    ids: Callable[[Event], Awaitable[Sequence[int]]]


class Feed:
    """The published events of a shop, as one process reads them while anybody listens."""

    def __init__(self, database: Database) -> None:
        """Read nothing yet; `run` reads."""
        self._database = database
        self._wanted, self._news = asyncio.Event(), asyncio.Event()
        self._recent: deque[Event] = deque()
        # Memory holds what follows `_start`; None while nobody listens.
        self._start: int | None = None
        self._head = 0
        self.listeners = 0
        # After a restart all who listen come back at once.
        self._kept = SharedRead(self._read_kept)

    async def run(self) -> None:
        """Read until cancelled. Raises StoreUnavailable; run again, it goes on where it was."""
        while True:
            if not self.listeners:
                self._recent.clear()
                self._start = None
                self._wanted.clear()
                await self._wanted.wait()
            if not await self._read():
                await asyncio.sleep(POLL_SECONDS)

    async def place(self, since: int | None) -> int:
        """Return the publish sequence to begin behind: `since`, or the newest one.

        Raises Invalid where events behind `since` are kept no longer, StoreUnavailable.
        """
        first, last = await self._kept()
        if since is None:
            return last
        if not first - 1 <= since <= last:
            raise Invalid(
                f"What followed {since} is not known (any longer); read the orders again, and "
                "begin without since.",
                ("since",),
            )
        return since

    async def ids(self, wish: Wish) -> AsyncGenerator[int]:
        """Yield the ids of what is wished for, without end. Raises StoreUnavailable."""
        async with aclosing(self.after(wish.since)) as events:
            async for event in events:
                if wish.concerns(event):
                    for id_ in await wish.ids(event):
                        yield id_

    async def after(self, sequence: int) -> AsyncGenerator[Event]:
        """Yield the events that follow a publish sequence, without end. Raises StoreUnavailable."""
        self.listeners += 1
        self._wanted.set()
        try:
            while True:
                # Taken before memory is looked at: what comes in between is not missed.
                news, start = self._news, self._start
                if start is None or sequence >= max(start, self._head):
                    await news.wait()
                    continue
                events = await self._following(sequence, start)
                for event in events:
                    sequence = event.publish_sequence or 0
                    yield event
                if not events:
                    # What lay between has been trimmed, or never was.
                    sequence = max(sequence, start)
        finally:
            self.listeners -= 1

    async def _following(self, sequence: int, start: int) -> Sequence[Event]:
        if sequence < start:
            async with self._database.read(fresh=True) as session:
                return await outbox.published_after(session, sequence, BATCH)
        newer = takewhile(
            lambda event: (event.publish_sequence or 0) > sequence, reversed(self._recent)
        )
        return list(newer)[::-1]

    async def _read_kept(self) -> tuple[int, int]:
        async with self._database.read(fresh=True) as session:
            return await outbox.kept(session)

    async def _read(self) -> bool:
        """Read what is new; return whether there may be more."""
        async with self._database.read(fresh=True) as session:
            is_first = self._start is None
            if is_first:
                _, self._head = await outbox.kept(session)
            events = await outbox.published_after(session, self._head, BATCH)
        if is_first:
            self._start = self._head
        self._remember(events)
        if events or is_first:
            # Everybody who waits has the old one; of nothing new, thousands need not be woken.
            self._news.set()
            self._news = asyncio.Event()
        return len(events) == BATCH

    def _remember(self, events: Sequence[Event]) -> None:
        self._recent.extend(events)
        if events:
            self._head = events[-1].publish_sequence or 0
        while len(self._recent) > RECENT:
            self._start = self._recent.popleft().publish_sequence

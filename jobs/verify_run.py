"""One check on its way through the shop: what differs is looked at again, and maybe mended."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from jobs.patience import Pauses
from jobs.verify_check import SECONDS, Check, Difference, Differences, Repair
from resolvers.context import Mall
from stores import outbox
from stores.errors import StoreUnavailable
from stores.walks import PAGE

K = TypeVar("K")
R = TypeVar("R")

_POLL_SECONDS = 0.25
#: So many that differ are looked at again together.
_SUSPECTS = 10 * PAGE


@dataclass(frozen=True, slots=True)
class Manner:
    """How to look: how often, how long to wait for what, and how much to remember."""

    looks: int = 3
    pause_seconds: float = 0.7
    #: How long a store may be away before its checks are given up.
    patience_seconds: float = 10.0
    #: How long a copy may lag behind before it counts as wrong.
    relay_seconds: float = 10.0
    #: Of each check.
    samples: int = 10


@dataclass(slots=True)
class Tally:
    """What came of one check; `samples` are the first differences, those that were mended too."""

    check: str
    looked_at: int = 0
    #: Keys that stayed different, and how many of them are right now.
    differing: int = 0
    mended: int = 0
    samples: list[Difference] = field(default_factory=list)
    #: What was mended, a sentence each, the first ones.
    done: list[str] = field(default_factory=list)
    #: Why the check could not go on, None if it did.
    stopped: str | None = None
    is_done: bool = False

    @property
    def left(self) -> int:
        """How many keys differ still."""
        return self.differing - self.mended


#: Is told of the check that goes on, after each page.
Progress = Callable[[Tally], None]


@dataclass(frozen=True, slots=True)
class Run:
    """One run of one check."""

    mall: Mall
    check: Check[Any]
    tally: Tally
    manner: Manner
    progress: Progress
    is_repairing: bool

    async def finish(self) -> Tally:
        """Look at everything; a store that stays away ends it."""
        try:
            await self._walk()
        except StoreUnavailable as error:
            self.tally.stopped = str(error)
        self.tally.is_done = True
        self.progress(self.tally)
        return self.tally

    async def _walk(self) -> None:
        suspects: list[Any] = []
        async for keys in self._pages():
            suspects += await self._compare(keys)
            self.tally.looked_at += len(keys)
            self.progress(self.tally)
            if len(suspects) >= _SUSPECTS:
                await self._settle(suspects)
                suspects = []
        await self._settle(suspects)

    async def _pages(self) -> AsyncGenerator[Sequence[Any]]:
        last: Any = None
        while keys := await self._asked(partial(self.check.page, self.mall, last)):
            yield keys
            last = keys[-1]

    async def _settle(self, suspects: Sequence[Any]) -> None:
        """Count what stays, and mend it if that is wanted."""
        found = await self._staying(suspects)
        self.tally.differing += len(found)
        self._remember(self.tally.samples, [one for told in found.values() for one in told])
        if found and self.is_repairing and self.check.repair:
            await self._mend(self.check.repair, list(found))

    async def _staying(self, suspects: Sequence[Any]) -> Differences[Any]:
        if suspects and self.check.consumer:
            await self._relayed(self.check.consumer)
        found = await self._compare(suspects)
        for _ in range(self.manner.looks - 1):
            if found:
                await asyncio.sleep(self.manner.pause_seconds)
                found = self._same(found, await self._compare(list(found)))
        return found

    def _same(self, before: Differences[Any], now: Differences[Any]) -> Differences[Any]:
        if self.check.consumer is None:
            return now
        # A copy that moves is alive, even if it never catches up while somebody looks.
        return {key: told for key, told in now.items() if _found(told) == _found(before[key])}

    async def _mend(self, repair: Repair[Any], keys: Sequence[Any]) -> None:
        for some in _pages(keys):
            self._remember(self.tally.done, await self._asked(partial(repair, self.mall, some)))
        self.tally.mended += len(keys) - len(await self._compare(keys))

    async def _compare(self, keys: Sequence[Any]) -> Differences[Any]:
        found: dict[Any, Sequence[Difference]] = {}
        for some in _pages(keys):
            found |= await self._asked(partial(self.check.compare, self.mall, some))
        return found

    async def _relayed(self, consumer: str) -> None:
        """Wait until a consumer has taken in what has happened by now, or for some seconds."""
        began, ends_at = self.mall.clock(), time.monotonic() + self.manner.relay_seconds
        while time.monotonic() < ends_at:
            oldest = await self._asked(partial(self._oldest_waiting, consumer))
            if oldest is None or oldest > began:
                break
            await asyncio.sleep(_POLL_SECONDS)

    async def _oldest_waiting(self, consumer: str) -> datetime | None:
        async with self.mall.stores.database.moment(seconds=SECONDS) as session:
            return await outbox.oldest_waiting(session, consumer)

    async def _asked(self, ask: Callable[[], Awaitable[R]]) -> R:
        """Ask again while a store is away, as long as the patience lasts."""
        pauses = Pauses(self.manner.patience_seconds)
        while True:
            try:
                return await ask()
            except StoreUnavailable as error:
                await pauses.bear(error)

    def _remember(self, told: list[K], more: Sequence[K]) -> None:
        told += more[: self.manner.samples - len(told)]


def _pages(keys: Sequence[K]) -> Iterator[Sequence[K]]:
    for start in range(0, len(keys), PAGE):
        yield keys[start : start + PAGE]


def _found(told: Sequence[Difference]) -> list[str]:
    return [one.found for one in told]

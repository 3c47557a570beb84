"""Reads that are shared: few of them, and none older than the question."""

import asyncio
from contextlib import suppress

import pytest

from resolvers.shared_read import SharedRead


class Store:
    """Counts its reads; each takes a while, and finds what is there when it begins."""

    def __init__(self) -> None:
        self.reads, self.value = 0, 0

    async def read(self) -> int:
        self.reads, found = self.reads + 1, self.value
        await asyncio.sleep(0.01)
        return found


async def test_hundred_who_ask_at_once_read_once_and_who_comes_later_reads_what_is_new() -> None:
    store = Store()
    shared = SharedRead(store.read)
    first = [asyncio.create_task(shared()) for _ in range(100)]
    # The read of those has begun: what happens now, it does not see.
    await asyncio.sleep(0.005)
    store.value = 1
    later = [asyncio.create_task(shared()) for _ in range(100)]

    assert await asyncio.gather(*first, *later) == [0] * 100 + [1] * 100
    assert store.reads == 2


async def test_twin_that_shares_a_read_that_has_begun_tells_what_is_old(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = Store()
    shared = SharedRead(store.read)

    async def careless(self: SharedRead[int]) -> int:
        found = await self._read()
        self._next = None
        return found

    monkeypatch.setattr(SharedRead, "_one", careless)
    first = asyncio.create_task(shared())
    await asyncio.sleep(0.005)
    store.value = 1

    assert (await shared(), await first) == (0, 0)


async def test_who_leaves_takes_the_read_from_nobody_and_a_failure_is_everybodys() -> None:
    store = Store()
    shared = SharedRead(store.read)
    leaving, staying = asyncio.create_task(shared()), asyncio.create_task(shared())
    await asyncio.sleep(0.001)
    leaving.cancel()
    with suppress(asyncio.CancelledError):
        await leaving
    assert (await staying, store.reads) == (0, 1)

    async def away() -> int:
        raise TimeoutError

    failing = SharedRead(away)
    found = await asyncio.gather(failing(), failing(), return_exceptions=True)
    assert [type(one) for one in found] == [TimeoutError] * 2

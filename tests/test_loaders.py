"""Keys are asked for together, and once; nobody who leaves takes the answer of the others along."""

import asyncio
import gc
from collections.abc import Collection
from typing import Any

import pytest

from loaders import batch
from loaders.batch import KeyLoader, Once, is_alone


class Shelf:
    """A store of everything but 0; it can be stuck, or away."""

    def __init__(self) -> None:
        self.calls: list[list[int]] = []
        self.is_free = asyncio.Event()
        self.is_free.set()
        self.loader = KeyLoader[int, str](self._fetch, missing="none")

    async def _fetch(self, keys: Collection[int]) -> dict[int, str]:
        self.calls.append(list(keys))
        await self.is_free.wait()
        if 13 in keys:
            raise LookupError("away")
        return {key: f"value {key}" for key in keys if key}


async def test_keys_of_one_moment_are_one_call_and_each_is_asked_for_once() -> None:
    shelf = Shelf()
    first, second = await asyncio.gather(shelf.loader.many([1, 2, 1]), shelf.loader.many([2, 0]))
    third = await shelf.loader.many([2, 3])

    assert first == ["value 1", "value 2", "value 1"]
    assert second == ["value 2", "none"]
    assert third == ["value 2", "value 3"]
    assert shelf.calls == [[1, 2, 0], [3]]


async def test_whoever_is_woken_by_the_same_moment_joins_the_call() -> None:
    shelf = Shelf()

    async def later() -> list[str]:
        await asyncio.sleep(0)
        return await shelf.loader.many([2])

    await asyncio.gather(shelf.loader.many([1]), later())

    assert shelf.calls == [[1, 2]]


async def test_no_keys_are_no_call() -> None:
    shelf = Shelf()

    assert await shelf.loader.many([]) == []
    assert shelf.calls == []


@pytest.mark.parametrize("alone", [False, True])
async def test_key_asked_for_during_a_call_is_another_call(alone: bool) -> None:  # noqa: FBT001  Of the test's table.
    shelf = Shelf()
    shelf.is_free.clear()
    is_alone.set(alone)
    first = asyncio.create_task(shelf.loader.many([1]))
    await asyncio.sleep(0.01)
    second = asyncio.create_task(shelf.loader.many([1, 2]))
    await asyncio.sleep(0.01)
    shelf.is_free.set()

    assert await first + await second == ["value 1", "value 1", "value 2"]
    assert shelf.calls == [[1], [2]]


async def test_call_that_fails_fails_for_all_who_wait_and_stays_so() -> None:
    shelf = Shelf()
    told = await asyncio.gather(
        shelf.loader.many([13]), shelf.loader.many([1, 13]), return_exceptions=True
    )

    assert [str(one) for one in told] == ["away", "away"]
    with pytest.raises(LookupError):
        await shelf.loader.many([1])
    # A failure that nobody fetched would be a warning, and so an error.
    gc.collect()


async def _left() -> list[str]:
    shelf = Shelf()
    shelf.is_free.clear()
    leaving = asyncio.create_task(shelf.loader.many([1, 2]))
    staying = asyncio.create_task(shelf.loader.many([2]))
    await asyncio.sleep(0.01)
    leaving.cancel()
    await asyncio.wait([leaving])
    shelf.is_free.set()
    return await staying


async def test_who_leaves_takes_no_answer_along() -> None:
    assert await _left() == ["value 2"]


async def test_twin_that_waits_for_the_call_itself_takes_it_along(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def answered(call: Any) -> None:
        await call.task

    monkeypatch.setattr(batch._Call, "answered", answered)

    with pytest.raises(asyncio.CancelledError):
        await _left()


async def test_what_was_read_otherwise_is_not_asked_for_until_it_is_forgotten() -> None:
    shelf = Shelf()
    shelf.loader.keep({1: "beside", 2: "beside"})
    shelf.loader.keep({2: "later"})

    assert await shelf.loader.many([2, 3, 1]) == ["beside", "value 3", "beside"]
    assert shelf.calls == [[3]]

    shelf.loader.forget()

    assert await shelf.loader.many([1]) == ["value 1"]
    assert shelf.calls == [[3], [1]]


async def test_whoever_is_alone_waits_for_nobody() -> None:
    shelf = Shelf()
    is_alone.set(True)
    waits = shelf.loader.many([1, 2, 1])

    with pytest.raises(StopIteration) as told:
        # It ends at once: nothing of it was left to a later turn of the event loop.
        waits.send(None)
    assert told.value.value == ["value 1", "value 2", "value 1"]
    assert await shelf.loader.many([2, 3]) == ["value 2", "value 3"]
    assert shelf.calls == [[1, 2], [3]]


async def test_call_that_fails_for_one_alone_stays_so() -> None:
    shelf = Shelf()
    is_alone.set(True)
    for _ in range(2):
        with pytest.raises(LookupError):
            await shelf.loader.many([13])

    assert shelf.calls == [[13]]


async def test_what_is_worked_out_for_several_is_worked_out_once() -> None:
    derived, times = Once[str, int](), []

    async def work() -> int:
        times.append(1)
        await asyncio.sleep(0.01)
        return len(times)

    left = asyncio.create_task(derived.of("sum", work))
    await asyncio.sleep(0)
    stays = asyncio.create_task(derived.of("sum", work))
    await asyncio.sleep(0)
    left.cancel()

    assert await stays == await derived.of("sum", work) == 1
    derived.forget()
    assert await derived.of("sum", work) == 2

"""Keys are asked for together, and once; nobody who leaves takes the answer of the others along."""

import asyncio
import gc
from collections.abc import Collection

import pytest

from loaders.batch import KeyLoader


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


async def test_key_asked_for_during_a_call_is_another_call() -> None:
    shelf = Shelf()
    shelf.is_free.clear()
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


async def test_twin_without_a_shield_takes_it_along(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asyncio, "shield", lambda task: task)

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

"""Keys of edits in every cart store: an edit that comes again acts once."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from stores import cart_records, carts
from stores.cart_records import Record
from stores.carts import KEPT_FOR, Addition, Edited, MergedToken
from stores.errors import IdempotencyKeyReused
from tests.cart_shelf import LAMP, NOW, TEA, TOKEN, Shelf, add, every, move, shelf

__all__ = ["shelf"]

pytestmark = pytest.mark.timeout(60)


@every
async def test_same_key_is_a_replay_and_shows_the_cart_of_now(shelf: Shelf) -> None:
    first = await shelf.put(TEA, 2, key="k")
    later = await shelf.put(LAMP)

    assert await shelf.put(TEA, 2, key="k") == replace(later, is_replay=True)
    assert first.cart.version == 1


@every
async def test_key_of_another_input_is_refused_and_told_before_the_version(shelf: Shelf) -> None:
    before = (await shelf.put(TEA, 2, key="k")).cart

    with pytest.raises(IdempotencyKeyReused):
        await shelf.put(TEA, 3, key="k")
    change = partial(carts.add, additions=[Addition(TEA, 2, 250)])
    replay = await shelf.store.edit(shelf.owner, "k", f"add {TEA} 2", 0, change)
    assert replay == Edited(before, is_replay=True)


@every
async def test_hundred_keys_are_kept_for_two_days(shelf: Shelf) -> None:
    for number in range(101):
        await shelf.put(TEA, key=f"n{number}")
    assert [(await shelf.put(TEA, key=f"n{n}")).is_replay for n in (100, 1, 0)] == [
        True,
        True,
        False,
    ]
    shelf.now[0] += timedelta(hours=47, minutes=59)
    assert (await shelf.put(TEA, key="n100")).is_replay
    shelf.now[0] += timedelta(minutes=1)
    assert not (await shelf.put(TEA, key="n100")).is_replay
    assert await shelf.held() == {TEA: 103}


@every
async def test_key_is_looked_up(shelf: Shelf) -> None:
    assert await shelf.store.key_use(shelf.owner, "k") is None
    cart = (await shelf.put(TEA, key="k")).cart
    found = await shelf.store.key_use(shelf.owner, "k")

    assert found
    assert (found[0], found[1].used_at) == (cart, NOW)
    assert await shelf.store.key_use(shelf.owner, "K") is None
    assert await shelf.store.key_use(shelf.owner + 1, "k") is None


@every
async def test_key_is_forgotten_by_the_look_up_when_a_retry_would_act_again(shelf: Shelf) -> None:
    async def known(key: str) -> bool:
        return await shelf.store.key_use(shelf.owner, key) is not None

    await shelf.put(TEA, key="k")
    await move(shelf, "m")
    shelf.now[0] += KEPT_FOR - timedelta(microseconds=1)
    assert [await known(key) for key in ("k", "m")] == [True, True]
    shelf.now[0] += timedelta(microseconds=1)
    assert [await known(key) for key in ("k", "m")] == [False, True]
    # A merge is replayed until its token expires, and its key is no other's until then.
    with pytest.raises(IdempotencyKeyReused):
        await move(shelf, "m", MergedToken(6, TOKEN.expires_at), "g")
    shelf.now[0] = TOKEN.expires_at
    assert [await known(key) for key in ("k", "m")] == [False, False]


@every
async def test_twin_that_keeps_keys_for_good_tells_of_what_a_retry_does_again(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def looked_up() -> bool:
        return await shelf.store.key_use(shelf.owner, "k") is not None

    await shelf.put(TEA, key="k")
    shelf.now[0] += KEPT_FOR
    real = Record.key_use
    monkeypatch.setattr(Record, "key_use", lambda record, key, _now: real(record, key, NOW))
    assert await looked_up()
    monkeypatch.undo()
    assert not (await shelf.put(TEA, key="k")).is_replay


async def equal_calls(shelf: Shelf) -> tuple[int, int]:
    """Send one key twenty times at once; return how many acted, and the units that came."""
    sent = [add(store, shelf.owner, "k", TEA) for store in shelf.others[:1] * 20]
    done = await asyncio.gather(*sent)
    return sum(not one.is_replay for one in done), (await shelf.held())[TEA]


@every
async def test_equal_calls_at_once_act_once(shelf: Shelf) -> None:
    assert await equal_calls(shelf) == (1, 1)


@every
async def test_twin_that_keeps_no_key_acts_many_times(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cart_records, "_remembering", lambda record, _use: record)
    assert await equal_calls(shelf) == (20, 20)

"""Merges in every cart store: a temporary cart is moved in once, and remembered."""

import asyncio
import itertools
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from stores import cart_records
from stores.cart_errors import CartTokenInvalid
from stores.cart_merges import MergeMode, merge
from stores.cart_records import KEPT_MERGES
from stores.carts import CartLine, Edited, LineOutcome, MergedToken, OutcomeKind
from stores.errors import IdempotencyKeyReused, LimitExceeded
from tests.cart_shelf import BELL, LAMP, MOVED, TEA, TOKEN, Shelf, every, move, shelf

__all__ = ["shelf"]

pytestmark = pytest.mark.timeout(60)

OUTCOMES = (
    LineOutcome(OutcomeKind.MERGED, TEA, 2, 3),
    LineOutcome(OutcomeKind.CLAMPED, BELL, 4, 3),
)


@every
async def test_temporary_cart_is_moved_in_once(shelf: Shelf) -> None:
    await shelf.put(TEA)
    first = await move(shelf, "m")
    again = await move(shelf, "m")

    assert (first.is_replay, first.outcomes) == (False, OUTCOMES)
    assert (again.is_replay, again.outcomes, again.cart) == (True, OUTCOMES, first.cart)
    assert await shelf.held() == {TEA: 3, BELL: 3}
    with pytest.raises(CartTokenInvalid):
        await move(shelf, "another")
    with pytest.raises(IdempotencyKeyReused):
        await move(shelf, "m", fingerprint="g")
    with pytest.raises(IdempotencyKeyReused):
        await move(shelf, "m", MergedToken(6, TOKEN.expires_at), fingerprint="of cart 6")
    assert await shelf.store.by_owner(shelf.owner) == first.cart


@every
async def test_merge_is_remembered_longer_than_its_key_until_the_token_expires(
    shelf: Shelf,
) -> None:
    await move(shelf, "m")
    shelf.now[0] += timedelta(days=29)
    for number in range(101):
        await shelf.put(LAMP, key=f"n{number}")

    again = await move(shelf, "m")
    assert (again.is_replay, again.outcomes[1]) == (True, OUTCOMES[1])
    shelf.now[0] += timedelta(days=2)
    await move(shelf, "other", MergedToken(6, shelf.now[0] + timedelta(days=30)))
    record = await shelf.store._home.read(shelf.owner)
    assert record
    assert [one.token.cart_id for one in record.merges] == [6]


async def merge_many(shelf: Shelf, count: int, moved: list[CartLine]) -> None:
    """Merge temporary carts with these lines, and once more the last of them."""
    change = partial(merge, moved=moved, mode=MergeMode.SUM, most={TEA: 9, BELL: 3})
    for number in [*range(count), count - 1]:
        token = MergedToken(number + 1, TOKEN.expires_at + timedelta(hours=number))
        done = await shelf.store.merge(shelf.owner, f"t{number}", f"f{number}", token, change)
    assert (done.is_replay, len(done.outcomes)) == (True, len(moved))


async def remembered(shelf: Shelf) -> int:
    record = await shelf.store._home.read(shelf.owner)
    assert record
    return len(record.merges)


@every
async def test_cart_remembers_a_hundred_merges_and_refuses_more(shelf: Shelf) -> None:
    await merge_many(shelf, KEPT_MERGES, MOVED)
    before = await shelf.store._home.read(shelf.owner)

    with pytest.raises(
        LimitExceeded, match="before 2026-12-27T12:00:00Z; add the lines by"
    ) as told:
        await move(shelf, "more", MergedToken(1_000, TOKEN.expires_at))
    assert told.value.field == ("cartToken",)
    assert await shelf.store._home.read(shelf.owner) == before
    # One that was merged is replayed as ever, and there is a place when the first has expired.
    with pytest.raises(CartTokenInvalid):
        await move(shelf, "again", MergedToken(1, TOKEN.expires_at))
    shelf.now[0] = TOKEN.expires_at
    assert not (
        await move(shelf, "more", MergedToken(1_000, shelf.now[0] + timedelta(days=30)))
    ).is_replay


async def test_twin_without_a_limit_grows_with_every_merge(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cart_records, "KEPT_MERGES", 10**9)
    await merge_many(shelf, 2 * KEPT_MERGES, MOVED)
    assert await remembered(shelf) == 2 * KEPT_MERGES


@every
async def test_merge_of_an_empty_cart_takes_no_place_and_is_replayed(shelf: Shelf) -> None:
    await merge_many(shelf, KEPT_MERGES + 1, [])

    assert (await remembered(shelf), await shelf.held()) == (0, {})
    with pytest.raises(IdempotencyKeyReused):
        await move(shelf, "t5", MergedToken(6, TOKEN.expires_at), "other lines")
    # What was put in since is moved by another key, and the first one is replayed still.
    token = MergedToken(6, TOKEN.expires_at)
    cart = (await move(shelf, "u5", token, "other lines")).cart
    assert await shelf.held() == {TEA: 2, BELL: 3}
    assert await move(shelf, "t5", token, "f5") == Edited(cart, is_replay=True)


async def race_of_merges(shelf: Shelf) -> dict[int, int]:
    """Merge one temporary cart under ten keys at once."""
    await asyncio.gather(*(move(shelf, f"m{n}") for n in range(10)), return_exceptions=True)
    return await shelf.held()


@every
async def test_merges_at_once_move_it_in_once(shelf: Shelf) -> None:
    assert await race_of_merges(shelf) == {TEA: 2, BELL: 3}


@every
async def test_twin_without_the_unique_id_merges_many_times(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = itertools.count()
    real = cart_records.merge
    monkeypatch.setattr(
        cart_records,
        "merge",
        lambda use, token, change: real(use, replace(token, cart_id=next(numbers)), change),
    )
    assert await race_of_merges(shelf) == {TEA: 9, BELL: 3}

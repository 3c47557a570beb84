"""What every cart store must do: lines, versions, and edits at once."""

import asyncio
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from structlog.testing import capture_logs

from stores import carts
from stores.cart_store import CartStore, Home
from stores.carts import MAX_LINES, Addition, Cart, Edited, LineChange
from stores.errors import LimitExceeded, NotFound, VersionConflict
from tests.cart_shelf import BELL, LAMP, NOW, SHARED, TEA, Shelf, add, every, shelf, units

__all__ = ["shelf"]

pytestmark = pytest.mark.timeout(60)


@every
async def test_new_cart_is_empty_and_keeps_its_id(shelf: Shelf) -> None:
    cart = await shelf.store.by_owner(shelf.owner)

    assert cart == Cart(cart.id, shelf.owner, 0, NOW)
    assert 0 < cart.id < 2**63
    assert await shelf.store.by_owner(shelf.owner) == cart
    assert (await shelf.put(TEA)).cart.id == cart.id


@every
async def test_whole_cart_comes_back_as_it_was_written(shelf: Shelf) -> None:
    await shelf.put(TEA, 2)
    shelf.now[0] += timedelta(microseconds=1)
    edited = await shelf.put(LAMP, 100_000)

    id_ = edited.cart.id
    lines = [carts.line(id_, TEA, 2, 250), carts.line(id_, LAMP, 100_000, 250)]
    assert edited == Edited(Cart(id_, shelf.owner, 2, shelf.now[0], tuple(lines)), is_replay=False)
    assert await shelf.store.by_owner(shelf.owner) == edited.cart


@every
async def test_units_of_a_variant_join_its_line_at_its_first_price(shelf: Shelf) -> None:
    await shelf.put(TEA, 2)
    dearer = partial(carts.add, additions=[Addition(TEA, 3, 999), Addition(TEA, 1, 999)])
    (line,) = (await shelf.store.edit(shelf.owner, "k", "f", None, dearer)).cart.lines

    assert (line.quantity, line.price_when_added_minor) == (6, 250)


@every
async def test_line_is_changed_deselected_and_removed(shelf: Shelf) -> None:
    for variant in (TEA, LAMP, BELL):
        cart = (await shelf.put(variant)).cart
    tea, lamp, bell = (line.id for line in cart.lines)
    changes = [LineChange(tea, quantity=7), LineChange(lamp, is_selected=False)]
    removal = [*changes, LineChange(bell, quantity=0)]
    edited = await shelf.store.edit(
        shelf.owner, "k", "f", None, partial(carts.update, changes=removal)
    )

    assert edited.cart.lines == (
        carts.line(cart.id, TEA, 7, 250),
        carts.line(cart.id, LAMP, 1, 250, is_selected=False),
    )
    with pytest.raises(NotFound) as refused:
        await shelf.store.edit(
            shelf.owner, "l", "f", None, partial(carts.update, changes=[LineChange(bell, 1)])
        )
    assert refused.value.field == ("lines", "0", "lineId")
    assert await shelf.store.by_owner(shelf.owner) == edited.cart


@every
async def test_other_version_conflicts_with_the_cart_as_it_is_now(shelf: Shelf) -> None:
    cart = (await shelf.put(TEA)).cart
    change = partial(carts.add, additions=[Addition(TEA, 2, 250)])

    for version in (0, 2, -1, 2**31):
        with pytest.raises(VersionConflict) as refused:
            await shelf.store.edit(shelf.owner, "v", "f", version, change)
        assert (refused.value.current, refused.value.current_version) == (cart, 1)
    # The key was left free by all of these.
    edited = await shelf.store.edit(shelf.owner, "v", "f", 1, change)
    assert (edited.cart.version, edited.is_replay, units(edited.cart)) == (2, False, {TEA: 3})


@every
async def test_refusal_changes_nothing(shelf: Shelf) -> None:
    await shelf.put(TEA)
    before = await shelf.store._home.read(shelf.owner)
    many = partial(carts.add, additions=[Addition(n, 1, 5) for n in range(100, MAX_LINES + 100)])

    with pytest.raises(LimitExceeded, match="2001 lines; it holds at most 2000"):
        await shelf.store.edit(shelf.owner, "many", "f", None, many)
    assert await shelf.store._home.read(shelf.owner) == before


@every
async def test_cart_of_two_thousand_lines_is_kept(shelf: Shelf) -> None:
    many = partial(carts.add, additions=[Addition(2**62 + n, 1, 5) for n in range(MAX_LINES)])
    edited = await shelf.store.edit(shelf.owner, "many", "f", None, many)

    assert len({line.id for line in edited.cart.lines}) == MAX_LINES
    assert await shelf.store.by_owner(shelf.owner) == edited.cart


async def parallel_adds(shelf: Shelf, stores: list[CartStore], count: int = 50) -> int:
    """Add one unit many times at once, in turn by each store; return how many came."""
    adds = [
        add(stores[n % len(stores)], shelf.owner, f"p{n}", TEA if n % 2 else LAMP)
        for n in range(count)
    ]
    await asyncio.gather(*adds)
    return sum((await shelf.held()).values())


@every
async def test_fifty_adds_at_once_lose_none(shelf: Shelf) -> None:
    assert await parallel_adds(shelf, [shelf.store]) == 50


@pytest.mark.parametrize("shelf", SHARED, indirect=True)
async def test_fifty_adds_of_two_processes_lose_none(shelf: Shelf) -> None:
    assert await parallel_adds(shelf, shelf.others) == 50


@pytest.mark.parametrize("shelf", SHARED, indirect=True)
async def test_twin_that_reads_then_writes_loses_adds(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    for store in shelf.others:
        home: Any = store._home

        async def unguarded(before: object, after: Any, _home: Any = home) -> bool:
            while not await type(_home).replace(_home, await _home.read(shelf.owner), after):
                pass
            return True

        blind = _Blind(home, unguarded)
        monkeypatch.setattr(store, "_home", blind)
    assert await parallel_adds(shelf, shelf.others) < 50


class _Blind:
    """A home that compares with what lies there now, not with what was read."""

    def __init__(self, home: Home, replace_: Any) -> None:
        self.read, self.replace = home.read, replace_


@every
async def test_carts_of_two_owners_do_not_meet(shelf: Shelf) -> None:
    await asyncio.gather(*(add(shelf.store, shelf.owner + n, "k", TEA, n + 1) for n in range(5)))
    found = [units(await shelf.store.by_owner(shelf.owner + n)) for n in range(5)]

    assert found == [{TEA: n + 1} for n in range(5)]


@every
async def test_home_prepared_again_keeps_its_carts(shelf: Shelf) -> None:
    await shelf.put(TEA)
    with capture_logs() as logs:
        await shelf.store.prepare()
    await shelf.store.ping()

    assert (logs, await shelf.held()) == ([], {TEA: 1})

"""What every cart store must do."""

import asyncio
import itertools
import secrets
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from stores import cart_records, carts, open_stores
from stores.cart_errors import CartTokenInvalid
from stores.cart_merges import MergeMode, merge
from stores.cart_records import KEPT_MERGES, Record
from stores.cart_store import CartStore, Home
from stores.carts import (
    KEPT_FOR,
    MAX_LINES,
    Addition,
    Cart,
    CartLine,
    Edited,
    LineChange,
    LineOutcome,
    MergedToken,
    OutcomeKind,
)
from stores.carts_redis import _CONNECTIONS, RedisCarts
from stores.deadline import deadline
from stores.errors import (
    IdempotencyKeyReused,
    LimitExceeded,
    NotFound,
    StoreUnavailable,
    VersionConflict,
)
from tests import shopping
from tests.proxy import door
from tests.servers import free_port, private

pytestmark = pytest.mark.timeout(60)

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
TEA, LAMP, BELL = 11, 2**62 + 7, 33
HOMES = [
    "file",
    "relational file",
    *(pytest.param(kind, marks=pytest.mark.server) for kind in ("mariadb", "mysql", "redis")),
]
#: Several processes meet in these.
SHARED = [pytest.param(kind, marks=pytest.mark.server) for kind in ("mariadb", "mysql", "redis")]


@dataclass
class Shelf:
    """The cart store of one home, at a time of the test's choice; `others` are other processes'."""

    store: CartStore
    owner: int
    others: list[CartStore]
    now: list[datetime] = field(default_factory=lambda: [NOW])
    keys: Iterator[int] = field(default_factory=itertools.count)

    async def put(self, variant: int, units: int = 1, key: str | None = None) -> Edited:
        chosen = key or f"k{next(self.keys)}"
        return await add(self.store, self.owner, chosen, variant, units)

    async def held(self) -> dict[int, int]:
        return units(await self.store.by_owner(self.owner))


def units(cart: Cart) -> dict[int, int]:
    """Return the units of each variant."""
    return {line.variant_id: line.quantity for line in cart.lines}


async def add(store: CartStore, owner: int, key: str, variant: int, count: int = 1) -> Edited:
    change = partial(carts.add, additions=[Addition(variant, count, 250)])
    return await store.edit(owner, key, f"add {variant} {count}", None, change)


@pytest.fixture
async def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Shelf]:
    kind: str = getattr(request, "param", "file")
    urls: dict[str, str] = {"carts_url": "relational"}
    if kind in ("mariadb", "mysql"):
        urls["sql_url"], kept = request.getfixturevalue(f"{kind}_tables")
        kept.rewind()
    elif kind == "redis":
        urls = {"carts_url": request.getfixturevalue("redis_url")}
    elif kind == "file":
        urls = {}
    chosen = shopping.settings(tmp_path, **urls)
    async with shopping.open_mall(chosen), open_stores(chosen) as one, open_stores(chosen) as two:
        now = [NOW]
        stores = [one.carts, two.carts]
        for store in stores:
            store._clock = lambda: now[0]
        shelf = Shelf(stores[0], 1 + secrets.randbelow(2**62), stores, now)
        yield shelf
        if isinstance(stores[0]._home, RedisCarts):
            await stores[0]._home._client.delete(f"cart:{{{shelf.owner}}}")


every = pytest.mark.parametrize("shelf", HOMES, indirect=True)


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


MOVED = [carts.line(5, TEA, 2, 100), carts.line(5, BELL, 4, 100)]
TOKEN = MergedToken(5, NOW + timedelta(days=30))


async def move(
    shelf: Shelf, key: str, token: MergedToken = TOKEN, fingerprint: str = "f"
) -> Edited:
    most = {TEA: 9, BELL: 3}
    change = partial(merge, moved=MOVED, mode=MergeMode.SUM, most=most)
    return await shelf.store.merge(shelf.owner, key, fingerprint, token, change)


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


@every
async def test_ordered_units_are_taken_once_and_what_came_since_stays(shelf: Shelf) -> None:
    for variant, count in ((TEA, 3), (LAMP, 1), (BELL, 2)):
        await shelf.put(variant, count)
    id_ = (await shelf.store.by_owner(shelf.owner)).id
    first = {"2611270": {TEA: 2, LAMP: 5, 999: 1}}
    await asyncio.gather(*(shelf.store.take(shelf.owner, first, cart_id=id_) for _ in range(5)))

    assert await shelf.held() == {TEA: 1, BELL: 2}
    assert await shelf.store.with_orders(shelf.owner) == (
        await shelf.store.by_owner(shelf.owner),
        ("2611270",),
    )
    assert await shelf.store.with_orders(shelf.owner + 1) is None
    cart = await shelf.store.take(shelf.owner, {"2611271": {BELL: 2}}, cart_id=id_)
    assert (units(cart), cart.version) == ({TEA: 1}, 5)


@every
async def test_units_of_several_orders_are_taken_in_one_step(shelf: Shelf) -> None:
    await shelf.put(TEA, 5)
    id_ = (await shelf.put(BELL, 1)).cart.id
    await shelf.store.take(shelf.owner, {"1": {TEA: 1}}, cart_id=id_)
    orders = {"1": {TEA: 1}, "2": {TEA: 1}, "3": {TEA: 1, BELL: 1}}
    cart = await shelf.store.take(shelf.owner, orders, cart_id=id_)

    assert (units(cart), cart.version) == ({TEA: 2}, 4)
    assert await shelf.store.with_orders(shelf.owner) == (cart, ("1", "2", "3"))
    assert await shelf.store.take(shelf.owner, orders, cart_id=id_) == cart


@every
async def test_order_takes_nothing_from_a_cart_that_came_after_a_lost_one(shelf: Shelf) -> None:
    cart = (await shelf.put(TEA)).cart

    await shelf.store.take(shelf.owner, {"1": {TEA: 1}}, cart_id=cart.id ^ 1)
    assert await shelf.store.by_owner(shelf.owner) == cart
    await shelf.store.take(shelf.owner, {"1": {TEA: 1}}, cart_id=cart.id)
    assert await shelf.held() == {}


@pytest.mark.parametrize("shelf", [SHARED[-1]], indirect=True)
async def test_lost_cart_comes_back_under_a_new_id(shelf: Shelf) -> None:
    before = (await shelf.put(TEA)).cart
    old = await shelf.store._home.read(shelf.owner)
    home: Any = shelf.store._home
    await home._client.delete(f"cart:{{{shelf.owner}}}")
    after = await shelf.store.by_owner(shelf.owner)

    assert after.lines == ()
    assert after.id != before.id
    # What was computed from the lost one is not written over its successor.
    assert old
    assert not await home.replace(old, replace(old, revision=old.revision + 1))


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


async def test_redis_that_is_away_is_told_in_time() -> None:
    store = CartStore(RedisCarts(f"redis://127.0.0.1:{free_port()}", 0.3), 0.3)
    began = time.monotonic()

    with pytest.raises(StoreUnavailable):
        await store.by_owner(1)
    assert time.monotonic() - began < 1
    await store.close()


@pytest.mark.server
@pytest.mark.parametrize("how", ["shut", "stuck"])
async def test_redis_that_comes_back_is_used_again(redis_url: str, how: str) -> None:
    owner = 1 + secrets.randbelow(2**62)
    async with door(redis_url) as (its, through):
        store = CartStore(RedisCarts(through, 0.5), 0.5)
        await add(store, owner, "k", TEA)
        its.stick() if how == "stuck" else await its.shut()
        began = time.monotonic()
        waiting = [add(store, owner, f"w{n}", TEA) for n in range(30)]
        told = await asyncio.gather(*waiting, return_exceptions=True)
        assert {type(one) for one in told} == {StoreUnavailable}
        assert time.monotonic() - began < 2
        if how == "stuck":
            await its.shut()
        await its.open()

        assert (await add(store, owner, "k", TEA)).is_replay
        await store.close()
    async with Redis.from_url(redis_url) as client:
        await client.delete(f"cart:{{{owner}}}")


class Queueing(RedisCarts):
    """Waits for a place inside the call that nobody can cut off."""

    async def _ask(self, _what: str, call: Callable[[], Awaitable[Any]]) -> Any:
        async def in_place() -> Any:
            async with self._places:
                return await call()

        running = asyncio.create_task(in_place())
        self._running.add(running)
        async with deadline("carts", self._timeout_seconds):
            return await asyncio.shield(running)


async def written_after_refusal(home: RedisCarts) -> bool:
    """Write while all places are taken, let them go; return whether what was refused came."""
    owner = 1 + secrets.randbelow(2**62)
    for _ in range(_CONNECTIONS):
        await home._places.acquire()
    with pytest.raises(StoreUnavailable):
        await home.replace(None, cart_records.empty(owner, NOW))
    for _ in range(_CONNECTIONS):
        home._places.release()
    await asyncio.gather(*home._running)
    found = await home.read(owner)
    await home._client.delete(f"cart:{{{owner}}}")
    await home.close()
    return found is not None


@pytest.mark.server
async def test_write_that_found_no_place_in_time_never_comes(redis_url: str) -> None:
    home = RedisCarts(redis_url, 0.3)
    assert not await written_after_refusal(home)
    assert home._places._value == _CONNECTIONS


@pytest.mark.server
async def test_twin_that_waits_where_nobody_can_cut_it_off_writes_late(redis_url: str) -> None:
    assert await written_after_refusal(Queueing(redis_url, 0.3))


@pytest.mark.server
async def test_redis_that_forgets_is_told_loudly(tmp_path: Path) -> None:
    with private("redis", tmp_path) as entry:
        async with Redis.from_url(entry.url) as client:
            await client.config_set("appendonly", "no")
            await client.config_set("maxmemory", "100mb")
            await client.config_set("maxmemory-policy", "allkeys-lru")
        store = CartStore(RedisCarts(entry.url, 2), 2)
        with capture_logs() as logs:
            await store.prepare()
        await store.close()

    assert [(one["event"], one["log_level"], one["why"]) for one in logs] == [
        ("carts_may_be_lost", "warning", "Redis runs without `appendonly yes`."),
        ("carts_may_be_lost", "warning", "Redis has a maxmemory-policy that evicts."),
    ]

"""Worker numbers, the ids made with them, and the leases under them."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest

from stores import leases, workers
from stores.errors import StoreUnavailable
from stores.ids import IdMaker, first_id_at
from stores.leases import Lease
from stores.sql import Database, WriteSession
from stores.workers import Worker

NOW = datetime(2026, 5, 6, 7, 8, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Clock:
    """A clock that tests turn."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


# Worker numbers.


async def test_two_processes_never_hold_one_number(database: Database, sql_url: str) -> None:
    other = Database(sql_url, timeout_seconds=5)
    clock = Clock()
    many = [Worker(side, clock) for side in (database, other) * 6]
    await asyncio.gather(*(one.renew() for one in many))
    numbers = [one.number() for one in many]
    await asyncio.gather(*(one.renew() for one in many))

    assert sorted(numbers) == list(range(12))
    assert [one.number() for one in many] == numbers
    await other.close()


async def test_number_given_back_or_left_is_free_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "WORKERS", 2)
    clock = Clock()
    first, second, third = (Worker(database, clock) for _ in range(3))
    await first.renew()
    await second.renew()
    with pytest.raises(StoreUnavailable):
        await third.renew()

    await first.release()
    clock.now += timedelta(microseconds=1)
    await third.renew()
    assert (second.number(), third.number()) == (1, 0)
    clock.now += workers.LEASE + timedelta(seconds=1)
    await first.renew()
    assert first.number() in (0, 1)


async def test_worker_that_is_not_renewed_in_time_makes_no_ids(database: Database) -> None:
    worker = Worker(database, Clock())
    with pytest.raises(StoreUnavailable):
        worker.number()
    await worker.renew()
    assert worker.number() == 0
    left = worker._valid_until - time.monotonic()
    assert 40 < left <= 45
    worker._valid_until -= left
    with pytest.raises(StoreUnavailable):
        IdMaker(worker.number, Clock()).next()


async def test_released_worker_makes_no_ids(database: Database) -> None:
    worker = Worker(database, Clock())
    await worker.renew()
    await worker.release()

    with pytest.raises(StoreUnavailable):
        worker.number()


# Ids.


@pytest.mark.parametrize("step_milliseconds", [0, -1, 1])
def test_ids_grow_and_never_repeat(step_milliseconds: int) -> None:
    clock = Clock()
    makers = [IdMaker(lambda number=number: number, clock) for number in (0, 255)]  # type: ignore[misc]
    made: list[list[int]] = [[], []]
    for _ in range(1_000):
        clock.now += timedelta(milliseconds=step_milliseconds)
        for maker, ids in zip(makers, made, strict=True):
            ids.append(maker.next())

    assert made == [sorted(ids) for ids in made]
    assert len(set(made[0] + made[1])) == 2_000
    assert 0 < min(made[0]) < max(made[1]) < 2**63


def test_ids_made_later_are_not_below_the_first_of_an_instant() -> None:
    clock = Clock()
    early = IdMaker(lambda: 255, clock, shard=255).next()
    clock.now += timedelta(milliseconds=1)
    later = IdMaker(lambda: 0, clock).next()

    assert early < first_id_at(clock.now) <= later


# Leases.


async def take(database: Database, holder: str, now: datetime) -> bool:
    return await database.transact(
        lambda session: leases.take(session, "relay", holder, now, MINUTE)
    )


async def test_lease_is_prolonged_by_its_holder_and_taken_after_its_end(
    database: Database,
) -> None:
    end = NOW + MINUTE

    assert await take(database, "ann", NOW)
    assert not await take(database, "bob", NOW)
    assert not await take(database, "bob", end)
    assert await take(database, "ann", end)
    assert not await take(database, "bob", end + timedelta(seconds=1))
    assert await take(database, "bob", end + MINUTE + timedelta(microseconds=1))
    assert not await take(database, "ann", end + MINUTE)


async def test_one_of_many_gets_a_new_lease(database: Database) -> None:
    got = await asyncio.gather(*(take(database, f"h{n}", NOW) for n in range(10)))

    assert sorted(got) == [False] * 9 + [True]


async def test_only_its_holder_gives_a_lease_back(database: Database) -> None:
    await take(database, "ann", NOW)
    await database.transact(lambda session: leases.release(session, "relay", "bob", NOW))
    assert not await take(database, "bob", NOW + timedelta(microseconds=1))
    await database.transact(lambda session: leases.release(session, "relay", "ann", NOW))
    assert await take(database, "bob", NOW + timedelta(microseconds=1))


async def test_who_lost_the_lease_moves_nothing_on(database: Database) -> None:
    moved, lease = await _advanced_by_both(database)

    assert moved == [True, True, False, False]
    assert lease == Lease("relay", "bob", NOW + 3 * MINUTE, 7)


async def test_twin_that_compares_nothing_goes_back(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def careless(
        session: WriteSession, name: str, _holder: str, _seen: int, value: int
    ) -> bool:
        mine = leases.leases.c.name == name
        return await session.update(leases.leases.update().where(mine).values(value=value)) == 1

    monkeypatch.setattr(leases, "advance", careless)
    moved, lease = await _advanced_by_both(database)

    assert moved == [True] * 4
    assert lease == Lease("relay", "bob", NOW + 3 * MINUTE, 6)


async def _advanced_by_both(database: Database) -> tuple[list[bool], Lease | None]:
    """Let Ann count to 5, Bob take over and count to 7, and Ann go on from what she saw."""
    await take(database, "ann", NOW)
    moved = [await advance(database, "ann", 0, 5)]
    await take(database, "bob", NOW + 2 * MINUTE)
    moved += [await advance(database, "bob", 5, 7)]
    moved += [await advance(database, "ann", 5, 6), await advance(database, "bob", 5, 6)]
    async with database.read() as session:
        return moved, await leases.by_name(session, "relay")


async def advance(database: Database, holder: str, seen: int, value: int) -> bool:
    return await database.transact(
        lambda session: leases.advance(session, "relay", holder, seen, value)
    )

"""Events: each is numbered once after its commit, and reaches every consumer."""

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from jobs import relay
from jobs.relay import Consumer, Relay
from resolvers.context import Mall
from stores import leases, outbox
from stores.errors import StoreUnavailable
from stores.ids import utc_now
from stores.outbox import Event
from stores.sql import ReadSession, WriteSession
from tests.conftest import HOMES
from tests.empty_shop import empty_settings, open_mall
from tests.statements import told


class Witness:
    """A consumer that writes down what it is handed."""

    def __init__(self, name: str = "witness") -> None:
        self.seen: list[int] = []
        self.failures = 0
        self.consumer = Consumer(name, self.take_in)

    async def take_in(self, events: Sequence[Event]) -> None:
        if self.failures:
            self.failures -= 1
            raise StoreUnavailable("search")
        self.seen += [one.version for one in events]

    async def has_seen(self, count: int, seconds: float = 10) -> None:
        async with asyncio.timeout(seconds):
            while len(self.seen) < count:  # noqa: ASYNC110  It waits for what is really done.
                await asyncio.sleep(0.01)


@pytest.fixture(params=HOMES)
async def mall(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Mall]:
    async with empty_settings(request, tmp_path) as chosen, open_mall(chosen) as opened:
        yield opened


def happening(mall: Mall, version: int, id_: int | None = None) -> Event:
    return Event(id_ or mall.ids.next(), "product.updated", "Product:1", version, {}, mall.clock())


async def write(mall: Mall, *events: Event) -> None:
    await mall.stores.database.transact(lambda session: outbox.append(session, *events))


async def numbers(mall: Mall) -> dict[int, int | None]:
    columns = outbox.outbox.c.version, outbox.outbox.c.publish_sequence
    async with mall.stores.database.read(fresh=True) as session:
        return dict(await session.rows(lambda *row: row, select(*columns)))


@asynccontextmanager
async def relaying(mall: Mall, *witnesses: Witness) -> AsyncGenerator[None]:
    task = asyncio.create_task(relay.run(mall, [one.consumer for one in witnesses]))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_every_event_reaches_every_consumer_once_in_its_order(mall: Mall) -> None:
    first, second = Witness("first"), Witness("second")
    await write(mall, *(happening(mall, version) for version in range(1, 1_201)))
    count = await relay.drain(mall, [first.consumer, second.consumer])
    assert await relay.drain(mall, [first.consumer, second.consumer]) == 0
    assert (count, first.seen, second.seen) == (2_400, [*range(1, 1_201)], [*range(1, 1_201)])
    assert await numbers(mall) == {version: version for version in range(1, 1_201)}


async def test_event_that_commits_late_is_not_lost(mall: Mall) -> None:
    witness = Witness()
    await commit_out_of_order(mall, witness)
    assert witness.seen == [2, 1]


async def test_reading_by_id_would_lose_it(mall: Mall, monkeypatch: pytest.MonkeyPatch) -> None:
    last = 0

    async def waiting(session: ReadSession, _consumer: str, limit: int) -> list[Event]:
        nonlocal last
        columns = outbox._COLUMNS
        statement = select(*columns).where(outbox.outbox.c.id > last).order_by(outbox.outbox.c.id)
        found = await session.rows(Event, statement.limit(limit))
        last = found[-1].id if found else last
        return found

    monkeypatch.setattr(outbox, "waiting", waiting)
    witness = Witness()
    await commit_out_of_order(mall, witness)
    assert witness.seen == [2]


async def commit_out_of_order(mall: Mall, witness: Witness) -> None:
    early, late = mall.ids.next(), mall.ids.next()
    await write(mall, happening(mall, 2, late))
    await relay.drain(mall, [witness.consumer])
    await write(mall, happening(mall, 1, early))
    await relay.drain(mall, [witness.consumer])


async def test_no_event_of_many_writers_is_lost(mall: Mall) -> None:
    witness = Witness()

    async def write_some(writer: int) -> None:
        for number in range(20):
            await write(mall, happening(mall, 100 * writer + number))

    async with relaying(mall, witness):
        await asyncio.gather(*map(write_some, range(12)))
        await witness.has_seen(240)
    assert sorted(witness.seen) == [100 * w + n for w in range(12) for n in range(20)]


async def test_event_is_taken_in_within_two_seconds(mall: Mall) -> None:
    witness = Witness()
    async with relaying(mall, witness):
        await asyncio.sleep(1)
        began = time.monotonic()
        await write(mall, happening(mall, 1))
        await witness.has_seen(1)
    assert time.monotonic() - began < 2


async def test_consumer_whose_store_is_away_stops_no_other_and_misses_nothing(mall: Mall) -> None:
    well, ill = Witness("well"), Witness("ill")
    ill.failures = 2
    async with relaying(mall, well, ill):
        await write(mall, happening(mall, 1))
        await well.has_seen(1)
        assert ill.seen == []
        await ill.has_seen(1)
    assert (well.seen, ill.seen) == ([1], [1])


async def test_drain_tells_that_a_store_stays_away(mall: Mall) -> None:
    witness = Witness()
    witness.failures = 1_000
    await write(mall, happening(mall, 1))
    with pytest.raises(StoreUnavailable):
        await relay.drain(mall, [witness.consumer], patience_seconds=0.5)
    witness.failures = 0
    assert await relay.drain(mall, [witness.consumer]) == 1


async def test_whoever_lost_the_lease_numbers_nothing(mall: Mall) -> None:
    old, new = await two_leaders(mall)
    await write(mall, happening(mall, 1))
    await old.publish()
    assert await numbers(mall) == {1: None}
    await new.publish()
    assert await numbers(mall) == {1: 1}


async def test_without_the_lease_compared_two_would_number(
    mall: Mall, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def advance(*_arguments: object) -> bool:
        return True

    old, _new = await two_leaders(mall)
    monkeypatch.setattr(leases, "advance", advance)
    await write(mall, happening(mall, 1))
    await old.publish()
    assert await numbers(mall) == {1: 1}


async def two_leaders(mall: Mall) -> tuple[Relay, Relay]:
    """Return one that still believes to lead, and the one that does."""
    old, new = Relay(mall, []), Relay(mall, [])
    await old.publish()
    later = utc_now() + relay.LENGTH + timedelta(seconds=1)
    new._clock = lambda: later
    await new.publish()
    assert old._leads()
    assert new._leads()
    return old, new


async def test_follower_waits_until_the_leader_goes(mall: Mall) -> None:
    leader, follower = Relay(mall, []), Relay(mall, [])
    await leader.publish()
    await write(mall, happening(mall, 1))
    await follower.publish()
    assert await numbers(mall) == {1: None}
    await leader.release()
    assert await relay.drain(mall, []) == 0
    assert await numbers(mall) == {1: 1}


async def test_looking_for_events_in_vain_is_one_statement(mall: Mall) -> None:
    leader = Relay(mall, [Witness().consumer])
    seen: list[str] = []
    await leader.publish()

    with told(seen.append):
        await leader.publish()
    assert len([text for text in seen if text != "BEGIN"]) == 1


async def test_leader_that_is_cut_off_while_it_takes_the_lease_gives_it_back(mall: Mall) -> None:
    for steps in range(30):
        task = asyncio.create_task(relay.run(mall, []))
        for _ in range(steps):
            await asyncio.sleep(0.001)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    began = time.monotonic()
    await write(mall, happening(mall, 1))
    await relay.drain(mall, [])
    assert await numbers(mall) == {1: 1}
    assert time.monotonic() - began < 2


async def test_old_events_go_when_every_consumer_has_them(mall: Mall) -> None:
    first, second = Witness("first"), Witness("second")
    consumers = [first.consumer, second.consumer]
    await write(mall, happening(mall, 1), happening(mall, 2))
    await relay.drain(mall, consumers)
    await write(mall, happening(mall, 3))
    await relay.drain(mall, consumers[:1])
    later = mall.clock() + relay.KEPT + timedelta(seconds=1)

    async def trim(session: WriteSession) -> int:
        return await outbox.trim(session, ["first", "second"], later, 500)

    assert await mall.stores.database.transact(trim) == 2
    assert await numbers(mall) == {3: 3}
    await write(mall, happening(mall, 4))
    await relay.drain(mall, consumers)
    assert second.seen == [1, 2, 3, 4]


async def test_young_events_stay(mall: Mall) -> None:
    witness = Witness()
    await write(mall, happening(mall, 1))
    leader = Relay(mall, [witness.consumer])
    await leader.publish()
    await leader.serve(witness.consumer)
    await leader.trim()
    assert await numbers(mall) == {1: 1}

"""The relay: numbers events after commit, and hands them to whoever must know of them.

One process at a time leads, by lease. Whoever lost the lease cannot number anything: the lease's
value counts the events, and is moved on in the transaction that numbers them.
"""

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from jobs import ordered_carts, search_news
from jobs.patience import Pauses, for_ever, pausing
from jobs.tasks import run_together
from resolvers.context import Mall
from stores import leases, outbox, search
from stores.errors import StoreUnavailable
from stores.outbox import Event
from stores.sql import WriteSession

LEASE = outbox.LEASE
LENGTH = timedelta(seconds=10)
BATCH = 500
POLL_SECONDS = 0.25
KEPT = timedelta(days=7)
#: Followers look this often whether the leader is gone; the leader prolongs its lease so often.
_LEASE_SECONDS = 3
_TRIM_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Consumer:
    """Who takes in events, in their order, each at least once; `name` keeps its place."""

    name: str
    take_in: Callable[[Sequence[Event]], Awaitable[None]]
    news: asyncio.Event = field(default_factory=asyncio.Event, compare=False)


class LeaseLost(Exception):
    """Another process leads now."""


async def run(mall: Mall, consumers: Sequence[Consumer] | None = None) -> None:
    """Relay events until cancelled; a store that is away is asked again, and again."""
    relay = Relay(mall, consumers_of(mall) if consumers is None else consumers)
    try:
        await relay.run()
    finally:
        await relay.release()


async def drain(
    mall: Mall, consumers: Sequence[Consumer] | None = None, *, patience_seconds: float = 30
) -> int:
    """Relay until every event is numbered and taken in; return how many were taken in here.

    While another process leads, wait for it. Raises StoreUnavailable when a store stays away for
    longer than the patience.
    """
    relay = Relay(mall, consumers_of(mall) if consumers is None else consumers)
    try:
        return await relay.drain(patience_seconds)
    finally:
        await relay.release()


def consumers_of(mall: Mall) -> list[Consumer]:
    """Return who takes in the events of this shop."""
    return [
        Consumer(search.CONSUMER, partial(search_news.take_in, mall)),
        Consumer(ordered_carts.CONSUMER, partial(ordered_carts.take_in, mall)),
    ]


class Relay:
    """One candidate for the lead, with the consumers it serves while it leads."""

    def __init__(self, mall: Mall, consumers: Sequence[Consumer]) -> None:
        """Hold no lease yet."""
        self._database = mall.stores.database
        self._clock = mall.clock
        self._consumers = consumers
        self._holder = uuid.uuid4().hex
        self._leads_until = 0.0
        self._look_again_at = 0.0

    async def run(self) -> None:
        """Publish, serve each consumer on its own, and trim, for ever."""
        await run_together(
            for_ever("publish", self.publish, pausing(POLL_SECONDS)),
            for_ever("trim", self.trim, pausing(_TRIM_SECONDS)),
            *(
                for_ever(each.name, partial(self.serve, each), partial(_wait_for, each))
                for each in self._consumers
            ),
        )

    async def drain(self, patience_seconds: float) -> int:
        """See `drain` of this module."""
        count, left, pauses = 0, None, Pauses(patience_seconds)
        while True:
            try:
                count += await self._once()
                before, left = left, await self._left()
            except StoreUnavailable as error:
                await pauses.bear(error)
                continue
            if left is None:
                return count
            if left != before:
                pauses.begin_again()
            elif not self._leads():
                await pauses.bear(StoreUnavailable(self._database.name))

    async def publish(self) -> bool:
        """Number the events that have committed; True if there may be more of them."""
        if not await self._take_lead():
            return False
        async with self._database.read(fresh=True) as session:
            ids = await outbox.unpublished(session, BATCH)
        if ids:
            await self._number(ids)
            self._tell()
        return len(ids) == BATCH

    async def serve(self, consumer: Consumer) -> bool:
        """Hand a consumer what it has not taken in; True if there may be more of it."""
        return await self._hand_over(consumer) == BATCH

    async def trim(self) -> bool:
        """Delete old events that every consumer has taken in; True if there may be more."""
        if not self._leads():
            return False
        before, names = self._clock() - KEPT, [consumer.name for consumer in self._consumers]
        count = await self._database.transact(
            lambda session: outbox.trim(session, names, before, BATCH)
        )
        return count == BATCH

    async def release(self) -> None:
        """Give the lease back, so that the next one need not wait for its end."""
        self._leads_until = self._look_again_at = 0.0
        # Also without knowing of any: whoever is cut off while taking it has it all the same.
        with suppress(StoreUnavailable):
            await self._database.transact(
                lambda session: leases.release(session, LEASE, self._holder, self._clock())
            )

    async def _once(self) -> int:
        await self.publish()
        return sum([await self._hand_over(consumer) for consumer in self._consumers])

    async def _left(self) -> list[int] | None:
        """Return how far each consumer is, None if nothing is left for any."""
        async with self._database.read(fresh=True) as session:
            left = bool(await outbox.unpublished(session, 1))
            for consumer in self._consumers:
                left = left or bool(await outbox.waiting(session, consumer.name, 1))
            places = [await outbox.position(session, each.name) or 0 for each in self._consumers]
        return places if left else None

    async def _hand_over(self, consumer: Consumer) -> int:
        if not self._leads():
            return 0
        async with self._database.read(fresh=True) as session:
            events = await outbox.waiting(session, consumer.name, BATCH)
        if events:
            last = events[-1].publish_sequence or 0
            await consumer.take_in(events)
            await self._database.transact(
                lambda session: outbox.move_on(session, consumer.name, last)
            )
        return len(events)

    async def _number(self, ids: Sequence[int]) -> None:
        async def work(session: WriteSession) -> None:
            lease = await leases.by_name(session, LEASE)
            seen = 0 if lease is None else lease.value
            if not await leases.advance(session, LEASE, self._holder, seen, seen + len(ids)):
                raise LeaseLost
            await outbox.publish(session, ids, after=seen)

        try:
            await self._database.transact(work)
        except LeaseLost:
            self._leads_until = 0.0

    def _leads(self) -> bool:
        return time.monotonic() < self._leads_until

    async def _take_lead(self) -> bool:
        began = time.monotonic()
        if began >= self._look_again_at:
            led, leads = self._leads(), await self._take_lease()
            self._leads_until = began + LENGTH.total_seconds() if leads else 0.0
            # Set only now: a lease that could not be asked for is asked for again at once.
            self._look_again_at = began + _LEASE_SECONDS
            if leads and not led:
                self._tell()
        return self._leads()

    async def _take_lease(self) -> bool:
        now = self._clock()
        # Looked at first, as followers would lock the row of the leader again and again.
        async with self._database.read(fresh=True) as session:
            lease = await leases.by_name(session, LEASE)
        if lease and lease.holder != self._holder and lease.until >= now:
            return False
        return await self._database.transact(
            lambda session: leases.take(session, LEASE, self._holder, now, LENGTH)
        )

    def _tell(self) -> None:
        for consumer in self._consumers:
            consumer.news.set()


async def _wait_for(consumer: Consumer) -> None:
    await consumer.news.wait()
    consumer.news.clear()

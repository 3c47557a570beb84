"""The cart store, over any home that can replace a record which is still the one that was read."""

import asyncio
import random
from collections.abc import Mapping
from datetime import datetime
from typing import Protocol
from weakref import WeakValueDictionary

from stores import cart_records
from stores.cart_records import Record, Step
from stores.carts import STORE, Cart, Change, Edited, KeyUse, Merge, MergedToken
from stores.deadline import deadline
from stores.ids import Clock, utc_now


class Home(Protocol):
    """Where records lie. Every method raises StoreUnavailable."""

    async def read(self, owner_id: int) -> Record | None:
        """Return the newest record of an owner."""
        ...

    async def replace(self, before: Record | None, after: Record) -> bool:
        """Write a record in the place of `before`; False if that is no longer there.

        None is the place of an owner without a record. Compared and written in one step.
        """
        ...

    async def remove(self, owner_id: int) -> None:
        """Delete all that is kept of an owner."""
        ...

    async def prepare(self) -> None:
        """Create what is missing."""
        ...

    async def ping(self) -> None:
        """Return if the home answers."""
        ...

    async def close(self) -> None:
        """Give back what the home holds."""
        ...


class CartStore:
    """Where shoppers' carts are kept. Every method raises StoreUnavailable.

    Every edit reads a record, computes the next, and writes it if nobody was quicker. So edits
    from any number of processes happen one after the other, and none is lost. Those of one
    process wait for each other, instead of computing what is then thrown away.
    """

    def __init__(self, home: Home, timeout_seconds: float, clock: Clock = utc_now) -> None:
        """Keep carts in `home`."""
        self._home, self._timeout_seconds, self._clock = home, timeout_seconds, clock
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def by_owner(self, owner_id: int) -> Cart:
        """Return the cart of a shopper: empty, with an id that stays, if there was none.

        A cart that was lost comes back under a new id.
        """
        async with deadline(STORE, self._timeout_seconds):
            return (await self._record(owner_id)).cart

    async def key_use(self, owner_id: int, key: str) -> tuple[Cart, KeyUse] | None:
        """Return what was done under a key, None if nothing was or it is forgotten."""
        record = await self._known(owner_id)
        use = record.key_use(key, self._now()) if record else None
        return (record.cart, use) if record and use else None

    async def with_orders(self, owner_id: int) -> tuple[Cart, tuple[str, ...]] | None:
        """Return a cart and the orders whose units were taken out; None if it was never made.

        Only the last `cart_records.KEPT_ORDERS` are known.
        """
        record = await self._known(owner_id)
        return (record.cart, record.orders) if record else None

    async def edit(
        self, owner_id: int, key: str, fingerprint: str, version: int | None, change: Change
    ) -> Edited:
        """Change a cart once per key; the edits of a cart happen one after the other.

        Raises IdempotencyKeyReused; then VersionConflict, if a version is given that is not the
        cart's; then what `change` raises. A refusal leaves the cart and the key as they were.
        """
        use = KeyUse(key, fingerprint, self._now())
        return await self._do(owner_id, cart_records.edit(use, version, change))

    async def merge(
        self, owner_id: int, key: str, fingerprint: str, token: MergedToken, merge: Merge
    ) -> Edited:
        """Move a temporary cart in, once; a retry under the same key replays the outcomes.

        Nothing is remembered of one that has no lines but its key. The fingerprint tells the
        temporary cart too. Raises CartTokenInvalid when it was moved in under another key,
        IdempotencyKeyReused, LimitExceeded when too many are remembered, and what `merge` raises.
        """
        use = KeyUse(key, fingerprint, self._now())
        return await self._do(owner_id, cart_records.merge(use, token, merge))

    async def take(
        self, owner_id: int, orders: Mapping[str, Mapping[int, int]], *, cart_id: int
    ) -> Cart:
        """Take what was ordered out of a cart, once for each order; return the cart.

        `orders` tells units by variant, by order number. Nothing is taken from a cart that is not
        the one that was ordered from.
        """
        step = cart_records.take(orders, cart_id, self._now())
        return (await self._do(owner_id, step)).cart

    async def forget(self, owner_id: int) -> None:
        """Delete the cart of a shopper, with its keys and what else it remembers."""
        async with deadline(STORE, self._timeout_seconds):
            await self._home.remove(owner_id)

    async def prepare(self) -> None:
        """Create what is missing, and warn in the log of a home that may lose carts."""
        await self._home.prepare()

    async def ping(self) -> None:
        """Return if the home answers."""
        await self._home.ping()

    async def close(self) -> None:
        """Give back what the home holds."""
        await self._home.close()

    async def _known(self, owner_id: int) -> Record | None:
        async with deadline(STORE, self._timeout_seconds):
            return await self._home.read(owner_id)

    async def _do(self, owner_id: int, step: Step) -> Edited:
        turn = self._turns.setdefault(owner_id, asyncio.Lock())
        async with deadline(STORE, self._timeout_seconds), turn:
            return await self._attempts(owner_id, step)

    async def _attempts(self, owner_id: int, step: Step) -> Edited:
        while True:
            if done := await self._attempt(owner_id, step):
                return done
            # Another process was quicker; both would meet again without the jitter.
            await asyncio.sleep(random.uniform(0, 0.01))  # noqa: S311

    async def _attempt(self, owner_id: int, step: Step) -> Edited | None:
        before = await self._record(owner_id)
        after, edited = step(before)
        is_done = after is before or await self._home.replace(before, after)
        return edited if is_done else None

    async def _record(self, owner_id: int) -> Record:
        while (found := await self._home.read(owner_id)) is None:
            made = cart_records.empty(owner_id, self._now())
            if await self._home.replace(None, made):
                return made
        return found

    def _now(self) -> datetime:
        return self._clock()

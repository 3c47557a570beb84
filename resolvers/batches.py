"""Batches: one key for many items, of which each is done or refused by itself, and once.

An item runs in a transaction of its own, under a key that is made from that of the batch; a
refusal is written under that key too. So a batch that was cut off goes on where it stopped, and
one that is sent again tells the same of each item. Behind the last item the outcomes of all are
written under the key of the batch itself: only then is it done.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from resolvers import mutations
from resolvers.commands import Command, fingerprint
from resolvers.context import Context
from resolvers.mutations import Mutation, principal
from resolvers.refused import Refused
from stores import idempotency
from stores.errors import (
    IdempotencyInProgress,
    IdempotencyKeyReused,
    Refusal,
    ShopError,
    StoreUnavailable,
)
from stores.idempotency import KEY_LENGTH, Claim

#: No item is begun later than this; a request as a whole ends at 4.5 seconds.
BEGIN_WITHIN_SECONDS = 3.0
#: What an item is kept with that was refused.
REFUSED = "refused"

C = TypeVar("C", bound=Command)
#: What is kept of an item: what its payload shows, or why it was refused.
Kept = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Item(Generic[C]):
    """One item of a batch, which is told by its fingerprint; other batches have other items."""

    batch: str
    command: C

    @property
    def version(self) -> int | None:
        """Return the version that the command names."""
        version: int | None = getattr(self.command, "version", None)
        return version


@dataclass(frozen=True, slots=True)
class Batch(Generic[C]):
    """Commands, or why there is none, under one key."""

    key: str
    items: Sequence[C | Refused]


async def carried_out(ctx: Context, mutation: Mutation[Item[C]], batch: Batch[C]) -> list[Kept]:
    """Carry out the items one after the other, and return what is kept of each.

    Raises IdempotencyKeyReused, StoreUnavailable, and IdempotencyInProgress when the time is over:
    the same batch goes on then.
    """
    ends_at = asyncio.get_running_loop().time() + BEGIN_WITHIN_SECONDS
    whole, kept = fingerprint(batch), list[Kept]()
    for place, command in enumerate(batch.items):
        if asyncio.get_running_loop().time() > ends_at:
            raise IdempotencyInProgress
        key = _key(batch.key, place)
        if isinstance(command, Refused):
            kept.append(await _remember(ctx, mutation, key, Item(whole, command), command))
        else:
            kept.append(await _one(ctx, mutation, key, Item(whole, command)))
    return kept


def refusal(kept: Kept) -> Refusal | None:
    """Return why an item was refused, None if it was done."""
    return Refused.read(kept[REFUSED]).refusal() if REFUSED in kept else None


async def _one(ctx: Context, mutation: Mutation[Item[C]], key: str, item: Item[C]) -> Kept:
    outcome = await mutations.run(ctx, mutation, key, lambda: item)
    if outcome.targets is not None:
        return outcome.targets
    return await _remember(ctx, mutation, key, item, _final(*outcome.refusals))


def _final(error: ShopError) -> Refused:
    """Return what is kept of a refusal. Raises what is no word about the item itself."""
    if isinstance(error, IdempotencyKeyReused | IdempotencyInProgress | StoreUnavailable):
        raise error
    assert isinstance(error, Refusal)  # noqa: S101  The only others that an outcome holds.
    return Refused.of(error)


async def _remember(
    ctx: Context, mutation: Mutation[Any], key: str, item: Item[Any], refused: Refused
) -> Kept:
    """Keep a refusal; an equal call that was faster, and was not refused, is right."""
    now = ctx.clock()
    wanted = Claim(
        principal=principal(ctx.require(mutation.roles)),
        mutation=mutation.name,
        key=key,
        fingerprint=fingerprint(item),
        targets={REFUSED: refused.plain()},
        started_at=now,
        expires_at=now + idempotency.KEPT_FOR,
    )
    holder = await ctx.database.transact(lambda session: idempotency.claim(session, wanted))
    if holder.fingerprint != wanted.fingerprint:
        raise IdempotencyKeyReused
    return holder.targets


def _key(of_batch: str, place: int) -> str:
    """Return the key of an item; clients cannot send one for what runs under its mutation."""
    told = f"{place}:{of_batch}"
    if len(told) <= KEY_LENGTH:
        return told
    return f"{place}:{hashlib.sha256(of_batch.encode()).hexdigest()}"

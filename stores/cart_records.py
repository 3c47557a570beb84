"""What a home keeps of a cart: its lines, and what makes every edit happen once.

Keys, merges and orders lie with the lines, in one record that a home replaces as a whole: an edit
and the key that it was sent with cannot be parted.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial, reduce
from typing import Any

from stores import carts
from stores.cart_errors import CartTokenInvalid
from stores.carts import (
    KEPT_FOR,
    KEPT_KEYS,
    Cart,
    Change,
    Edited,
    KeyUse,
    LineOutcome,
    Merge,
    MergedToken,
    OutcomeKind,
)
from stores.columns import instant, microseconds
from stores.errors import IdempotencyKeyReused, LimitExceeded, VersionConflict

#: Orders whose units were taken out; each is told about for some minutes only.
KEPT_ORDERS = 200
#: Temporary carts that were moved in; each until its token expires.
KEPT_MERGES = 100


@dataclass(frozen=True, slots=True)
class PastMerge:
    """A temporary cart that was moved in, under which key and with which outcomes."""

    token: MergedToken
    use: KeyUse
    outcomes: tuple[LineOutcome, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """A cart and what was done with it.

    `revision` grows with each write, also one that changes no line.
    """

    cart: Cart
    revision: int = 0
    keys: tuple[KeyUse, ...] = ()
    merges: tuple[PastMerge, ...] = ()
    orders: tuple[str, ...] = ()

    @property
    def stamp(self) -> str:
        """Return what no other state of any cart of this owner ever was."""
        return f"{self.cart.id}.{self.revision}"

    def key_use(self, key: str, now: datetime) -> KeyUse | None:
        """Return the use of a key while a retry of it is a replay.

        Most are remembered for `KEPT_FOR`; that of a merge as long as the merge itself.
        """
        recent = [one for one in self.keys if one.used_at + KEPT_FOR > now]
        merged = [past.use for past in self.merges if past.token.expires_at > now]
        return next((one for one in (*recent, *merged) if one.key == key), None)


#: Returns the record to keep and what to answer; the same record if nothing changed.
Step = Callable[[Record], tuple[Record, Edited]]


def empty(owner_id: int, now: datetime) -> Record:
    """Return a new cart without lines."""
    return Record(Cart(carts.new_id(), owner_id, version=0, updated_at=now))


def edit(use: KeyUse, version: int | None, change: Change) -> Step:
    """Return the step that changes a cart once per key; see `CartStore.edit`."""
    return partial(_edit, use, version, change)


def merge(use: KeyUse, token: MergedToken, change: Merge) -> Step:
    """Return the step that moves a temporary cart in once; see `CartStore.merge`."""
    return partial(_merge, use, token, change)


def take(orders: Mapping[str, Mapping[int, int]], cart_id: int, now: datetime) -> Step:
    """Return the step that takes the units of each order out once; see `CartStore.take`."""
    return partial(_take, orders, cart_id, now)


def _edit(
    use: KeyUse, version: int | None, change: Change, record: Record
) -> tuple[Record, Edited]:
    # The key goes before the version: a retry names a version that its first call has left.
    if _is_known(record, use):
        return record, Edited(record.cart, is_replay=True)
    if version is not None and version != record.cart.version:
        raise VersionConflict("Cart", record.cart.version, record.cart)
    after = _remembering(_written(record, change(record.cart), use.used_at), use)
    return after, Edited(after.cart, is_replay=False)


def _merge(use: KeyUse, token: MergedToken, change: Merge, record: Record) -> tuple[Record, Edited]:
    if _is_known(record, use):
        # A key that no merge is kept with is that of an empty cart: it had nothing to tell.
        told = next((one.outcomes for one in record.merges if one.use.key == use.key), ())
        return record, Edited(record.cart, is_replay=True, outcomes=told)
    if any(one.token.cart_id == token.cart_id for one in record.merges):
        raise CartTokenInvalid(
            "This temporary cart was merged already; go on with a new one.", ("cartToken",)
        )
    cart, outcomes = change(record.cart)
    after = _written(record, cart, use.used_at)
    edited = Edited(after.cart, is_replay=False, outcomes=outcomes)
    if not outcomes:
        # An empty cart may come in again and again, and shall take the place of none that was not.
        return _remembering(after, use), edited
    return _with_merge(after, PastMerge(token, use, outcomes)), edited


def _with_merge(record: Record, new: PastMerge) -> Record:
    kept = [one for one in record.merges if one.token.expires_at > new.use.used_at]
    if len(kept) >= KEPT_MERGES:
        free_at = min(one.token.expires_at for one in kept)
        raise LimitExceeded(
            f"{len(kept)} temporary carts were merged into this one, and no more can be before "
            f"{free_at:%Y-%m-%dT%H:%M:%SZ}; add the lines by addCartLines until then.",
            ("cartToken",),
        )
    return replace(record, merges=(*kept, new))


def _take(
    orders: Mapping[str, Mapping[int, int]], cart_id: int, now: datetime, record: Record
) -> tuple[Record, Edited]:
    new = [number for number in orders if number not in record.orders]
    if cart_id != record.cart.id or not new:
        return record, Edited(record.cart, is_replay=True)
    left = reduce(carts.take, [orders[number] for number in new], record.cart)
    after = _written(record, left, now)
    taken = (*record.orders, *new)[-KEPT_ORDERS:]
    return replace(after, orders=taken), Edited(after.cart, is_replay=False)


def _is_known(record: Record, use: KeyUse) -> bool:
    known = record.key_use(use.key, use.used_at)
    if known is None:
        return False
    if known.fingerprint != use.fingerprint:
        raise IdempotencyKeyReused
    return True


def _written(record: Record, cart: Cart, now: datetime) -> Record:
    """Return the next revision; the version of a cart whose lines are as before stays."""
    if (cart.lines, cart.coupon_codes) != (record.cart.lines, record.cart.coupon_codes):
        updated_at = max(now, record.cart.updated_at)
        cart = replace(cart, version=record.cart.version + 1, updated_at=updated_at)
    return replace(record, cart=cart, revision=record.revision + 1)


def _remembering(record: Record, use: KeyUse) -> Record:
    kept = [
        one for one in record.keys if one.used_at + KEPT_FOR > use.used_at and one.key != use.key
    ]
    return replace(record, keys=(*kept, use)[-KEPT_KEYS:])


def to_plain(record: Record) -> dict[str, Any]:
    """Return a record as lists and texts, without the owner, by whom it is kept."""
    cart = record.cart
    return {
        "id": cart.id,
        "version": cart.version,
        "at": microseconds(cart.updated_at),
        "revision": record.revision,
        "lines": carts.plain_lines(cart),
        "keys": [_plain_use(one) for one in record.keys],
        "merges": [_plain_merge(one) for one in record.merges],
        "orders": list(record.orders),
        **({"codes": list(cart.coupon_codes)} if cart.coupon_codes else {}),
    }


def from_plain(owner_id: int, kept: Mapping[str, Any]) -> Record:
    """Return the record that `to_plain` was given."""
    id_, lines = kept["id"], carts.lines(kept["id"], kept["lines"])
    codes = tuple(kept.get("codes", ()))
    return Record(
        cart=Cart(id_, owner_id, kept["version"], instant(kept["at"]), lines, codes),
        revision=kept["revision"],
        keys=tuple(_use(*one) for one in kept["keys"]),
        merges=tuple(map(_past_merge, kept["merges"])),
        orders=tuple(kept["orders"]),
    )


def _plain_use(use: KeyUse) -> list[Any]:
    return [use.key, use.fingerprint, microseconds(use.used_at)]


def _use(key: str, fingerprint: str, used_at: int) -> KeyUse:
    return KeyUse(key, fingerprint, instant(used_at))


def _plain_merge(past: PastMerge) -> list[Any]:
    outcomes = [
        [one.kind.value, one.variant_id, one.requested, one.quantity] for one in past.outcomes
    ]
    token = past.token
    return [token.cart_id, microseconds(token.expires_at), _plain_use(past.use), outcomes]


def _past_merge(kept: list[Any]) -> PastMerge:
    cart_id, expires_at, use, outcomes = kept
    return PastMerge(
        MergedToken(cart_id, instant(expires_at)),
        _use(*use),
        tuple(LineOutcome(OutcomeKind(kind), *rest) for kind, *rest in outcomes),
    )

"""Carts: what shoppers are about to buy, in Redis, in the relational store or embedded.

Here are the rows and what may be done with them, as pure functions; `stores.cart_merges` has the
rules of merging, and `stores.cart_store` keeps the carts of shoppers.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import TypeAlias

from stores.errors import LimitExceeded, NotFound
from stores.ids import MAX_ID

STORE = "carts"
MAX_LINES = 2_000
MAX_TEMPORARY_LINES = 50
#: Coupons of a cart; those of a temporary one lie in its token, which must not get too long.
MAX_CODES, MAX_TEMPORARY_CODES = 10, 3
#: How many keys a cart remembers, and how long.
KEPT_KEYS = 100
KEPT_FOR = timedelta(hours=48)
#: Odd, so that no two variants of a cart get the same line id.
_SPREAD = 0x5851F42D4C957F2D


@dataclass(frozen=True, slots=True)
class CartLine:
    """Some units of one variant; a cart has one line of each variant."""

    id: int
    variant_id: int
    quantity: int
    is_selected: bool
    price_when_added_minor: int


@dataclass(frozen=True, slots=True)
class Cart:
    """What somebody is about to buy; `owner_id` is 0 for a temporary cart."""

    id: int
    owner_id: int
    version: int
    updated_at: datetime
    lines: tuple[CartLine, ...] = ()
    coupon_codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Addition:
    """Units to put into a cart."""

    variant_id: int
    quantity: int
    price_minor: int


@dataclass(frozen=True, slots=True)
class LineChange:
    """What a line shall be; None leaves it, a quantity of 0 removes the line."""

    line_id: int
    quantity: int | None = None
    is_selected: bool | None = None


class OutcomeKind(Enum):
    """How much of a line was moved."""

    MERGED = "MERGED"
    CLAMPED = "CLAMPED"
    UNAVAILABLE = "UNAVAILABLE"


@dataclass(frozen=True, slots=True)
class LineOutcome:
    """What became of a line that was moved; `quantity` is what the cart holds of it now."""

    kind: OutcomeKind
    variant_id: int
    requested: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Edited:
    """A cart after an edit; `outcomes` are those of a merge."""

    cart: Cart
    is_replay: bool
    outcomes: tuple[LineOutcome, ...] = ()


@dataclass(frozen=True, slots=True)
class KeyUse:
    """An idempotency key that a cart remembers."""

    key: str
    fingerprint: str
    used_at: datetime


@dataclass(frozen=True, slots=True)
class MergedToken:
    """A temporary cart by its id, which is remembered while its token could be sent again."""

    cart_id: int
    expires_at: datetime


#: Returns the cart with other lines, or raises a Refusal; it may be called several times.
Change: TypeAlias = Callable[[Cart], Cart]
Merge: TypeAlias = Callable[[Cart], tuple[Cart, tuple[LineOutcome, ...]]]


def new_id() -> int:
    """Return a random id: carts must be made while the store that numbers workers is away."""
    return 1 + secrets.randbelow(MAX_ID)


def line_id(cart_id: int, variant_id: int) -> int:
    """Return the id of the line of a variant: another one in each cart, the same in one."""
    return ((variant_id * _SPREAD) & MAX_ID) ^ cart_id


def line(
    cart_id: int, variant_id: int, quantity: int, price_minor: int, *, is_selected: bool = True
) -> CartLine:
    """Return a line of a cart, with its id."""
    return CartLine(line_id(cart_id, variant_id), variant_id, quantity, is_selected, price_minor)


def plain_lines(cart: Cart) -> list[list[int]]:
    """Return the lines as lists of numbers."""
    return [
        [one.variant_id, one.quantity, one.price_when_added_minor, int(one.is_selected)]
        for one in cart.lines
    ]


def lines(cart_id: int, plain: Sequence[Sequence[int]]) -> tuple[CartLine, ...]:
    """Return the lines that `plain_lines` was given."""
    return tuple(
        line(cart_id, variant, quantity, price, is_selected=bool(selected))
        for variant, quantity, price, selected in plain
    )


def max_lines(cart: Cart) -> int:
    """Return how many lines a cart may have."""
    return MAX_LINES if cart.owner_id else MAX_TEMPORARY_LINES


def with_lines(cart: Cart, lines: Sequence[CartLine]) -> Cart:
    """Return a cart with these lines. Raises LimitExceeded if it cannot hold so many."""
    most = max_lines(cart)
    if len(lines) > most:
        raise LimitExceeded(
            f"The cart would have {len(lines)} lines; it holds at most {most}.", ("lines",)
        )
    return replace(cart, lines=tuple(lines))


def with_codes(cart: Cart, codes: tuple[str, ...]) -> Cart:
    """Return a cart with these coupons. Raises LimitExceeded if it cannot hold so many."""
    most = MAX_CODES if cart.owner_id else MAX_TEMPORARY_CODES
    if len(codes) > most:
        raise LimitExceeded(f"{len(codes)} coupons; the cart holds {most}.", ("couponCodes",))
    return replace(cart, coupon_codes=codes)


def add(cart: Cart, additions: Sequence[Addition]) -> Cart:
    """Put units in; those of a variant that is there already join its line, and its price stays.

    Raises LimitExceeded.
    """
    lines = {one.variant_id: one for one in cart.lines}
    for new in additions:
        known = lines.get(new.variant_id)
        lines[new.variant_id] = (
            replace(known, quantity=known.quantity + new.quantity)
            if known
            else line(cart.id, new.variant_id, new.quantity, new.price_minor)
        )
    return with_lines(cart, list(lines.values()))


def update(cart: Cart, changes: Sequence[LineChange]) -> Cart:
    """Set quantity and selection of lines; others stay. Raises NotFound with the line's place."""
    lines = {one.id: one for one in cart.lines}
    for place, change in enumerate(changes):
        known = lines.get(change.line_id)
        if known is None:
            raise NotFound("line in this cart", ("lines", str(place), "lineId"))
        if change.quantity == 0:
            # A later change of the same line finds nothing, as it would in a second call.
            del lines[change.line_id]
        else:
            lines[change.line_id] = _changed(known, change)
    return replace(cart, lines=tuple(lines.values()))


def take(cart: Cart, units: Mapping[int, int]) -> Cart:
    """Take units out, by variant; what was added since stays."""
    left = [
        replace(one, quantity=one.quantity - units.get(one.variant_id, 0)) for one in cart.lines
    ]
    lines = tuple(one for one in left if one.quantity > 0)
    # What was ordered has used its coupons; a rest keeps them.
    return replace(cart, lines=lines, coupon_codes=cart.coupon_codes if lines else ())


def _changed(known: CartLine, change: LineChange) -> CartLine:
    quantity = known.quantity if change.quantity is None else change.quantity
    is_selected = known.is_selected if change.is_selected is None else change.is_selected
    return replace(known, quantity=quantity, is_selected=is_selected)

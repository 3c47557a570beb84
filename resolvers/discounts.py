"""What promotions take off lines and shipping: pure rules, the same for carts and orders.

**Order.** Offers are tried by priority, the highest first; among equal ones the older promotion,
which has the smaller id. The order in which they are handed in changes nothing.

**Stacking** is a matter of each line, and of shipping. A promotion that does not stack is used
only on lines that no other promotion has taken anything off, and nothing else is used on these
lines afterwards. So two promotions of two merchants never get in each other's way, and two that
do not stack never touch the same line. What a promotion may not touch does not count for it
either: conditions and tiers are compared with the lines that are left to it.

**Conditions** and tiers look at prices before all discounts, so that a discount never takes away
the right to the next one.

**Actions** are given in the order told, each on what the lines still cost. An amount is rounded
once, half-up, and split among the lines by largest remainder: shares add up to the amount exactly,
and no line costs less than nothing. An offer that would take off nothing is not used.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from resolvers.shares import by_largest_remainder, half_up
from stores.promotion_terms import (
    MILLION,
    Action,
    AmountOff,
    Condition,
    CustomerSegment,
    FixedPrice,
    MinQuantity,
    MinSubtotal,
    PercentOff,
    SegmentCondition,
    ShippingOff,
    TieredDiscount,
)


class Units(Protocol):
    """Some units of one thing, and what one costs before discounts."""

    @property
    def unit_price_minor(self) -> int:
        """Return the price of one unit, in minor units of money."""

    @property
    def quantity(self) -> int:
        """Return how many there are."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A promotion that may be used on some lines, by their places.

    `coupon` is the code that unlocked it; `units_left` are those that a fixed price still has,
    None for any number.
    """

    promotion_id: int
    title: str
    lines: tuple[int, ...]
    actions: tuple[Action, ...]
    conditions: tuple[Condition, ...] = ()
    priority: int = 0
    is_stackable: bool = False
    coupon: str | None = None
    units_left: int | None = None


@dataclass(frozen=True, slots=True)
class Discount:
    """What one promotion takes off: a share of each line, and of shipping; in minor units.

    `units` are those that got a fixed price of which there is a limited number.
    """

    promotion_id: int
    title: str
    coupon: str | None
    shares: tuple[int, ...]
    shipping_minor: int = 0
    units: int = 0

    @property
    def amount_minor(self) -> int:
        """Return all that is taken off."""
        return sum(self.shares) + self.shipping_minor


@dataclass(frozen=True, slots=True)
class Given:
    """All that is taken off some lines and their shipping, in the order of application."""

    discounts: tuple[Discount, ...] = ()

    def of_line(self, place: int) -> int:
        """Return what is taken off a line."""
        return sum(one.shares[place] for one in self.discounts)

    @property
    def of_shipping(self) -> int:
        """Return what is taken off shipping."""
        return sum(one.shipping_minor for one in self.discounts)


NOTHING = Given()


def given(
    goods: Sequence[Units],
    offers: Iterable[Offer],
    segments: Collection[CustomerSegment] = (),
    shipping_minor: int | None = None,
) -> Given:
    """Return what the offers take off, tried by priority; see the module for the rules.

    `segments` are those of the customer; a shipping of None is not known yet and bears nothing.
    """
    bill = _Bill(goods, shipping_minor or 0)
    ordered = sorted(offers, key=lambda one: (-one.priority, one.promotion_id))
    used = (bill.use(offer, segments) for offer in ordered)
    return Given(tuple(one for one in used if one))


@dataclass(slots=True)
class _Bill:
    """What lines and shipping still cost, while offers are used one after the other."""

    goods: Sequence[Units]
    shipping: int
    rests: list[int] = field(init=False)
    #: Places that something was taken off, and those that bear nothing more; see `_SHIPPING`.
    touched: set[int] = field(default_factory=set)
    closed: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.rests = [one.unit_price_minor * one.quantity for one in self.goods]

    def use(self, offer: Offer, segments: Collection[CustomerSegment]) -> Discount | None:
        """Take off what an offer gives, None if that is nothing."""
        barred = self.closed if offer.is_stackable else self.closed | self.touched
        places = [place for place in offer.lines if place not in barred]
        counted = [self.goods[place] for place in places]
        if not places or not all(_holds(one, counted, segments) for one in offer.conditions):
            return None
        use = _Use(self, offer, places, is_shipping_open=_SHIPPING not in barred)
        for action in offer.actions:
            use.take(action)
        return self._used(offer, use)

    def _used(self, offer: Offer, use: "_Use") -> Discount | None:
        shares = tuple(use.shares)
        if not any(shares) and not use.shipping:
            return None
        marked = {place for place, share in enumerate(shares) if share}
        if use.shipping:
            marked.add(_SHIPPING)
        self.touched |= marked
        if not offer.is_stackable:
            self.closed |= marked
        self.rests = [rest - share for rest, share in zip(self.rests, shares, strict=True)]
        self.shipping -= use.shipping
        return Discount(
            offer.promotion_id, offer.title, offer.coupon, shares, use.shipping, use.units
        )


#: The place of shipping, behind no line.
_SHIPPING = -1


class _Use:
    """What one offer takes off, action by action."""

    def __init__(
        self, bill: _Bill, offer: Offer, places: Sequence[int], *, is_shipping_open: bool
    ) -> None:
        self._bill, self._offer, self._places = bill, offer, places
        self._is_shipping_open = is_shipping_open
        self.shares = [0] * len(bill.goods)
        self.shipping = 0
        self.units = 0

    def take(self, action: Action) -> None:
        match action:
            case PercentOff():
                whole = sum(self._rests())
                self._split(_part(whole, action.millionths, action.maximum_minor))
            case AmountOff():
                self._split(action.amount_minor)
            case TieredDiscount():
                self._split(_tier(action, self._goods()))
            case FixedPrice():
                self._fix(action)
            case ShippingOff():
                self._take_shipping(action)

    def _goods(self) -> list[Units]:
        return [self._bill.goods[place] for place in self._places]

    def _rest(self, place: int) -> int:
        return self._bill.rests[place] - self.shares[place]

    def _rests(self) -> list[int]:
        return [self._rest(place) for place in self._places]

    def _split(self, amount: int) -> None:
        rests = self._rests()
        shares = by_largest_remainder(min(amount, sum(rests)), rests)
        for place, share in zip(self._places, shares, strict=True):
            self.shares[place] += share

    def _fix(self, action: FixedPrice) -> None:
        left = self._offer.units_left
        for place in self._places:
            covered = self._bill.goods[place].quantity
            if left is not None and action.quantity_limit is not None:
                covered = min(covered, left - self.units)
            off = self._off(place, covered, action.price_minor)
            if off > 0:
                self.shares[place] += off
                self.units += covered if action.quantity_limit is not None else 0

    def _off(self, place: int, covered: int, price: int) -> int:
        """Return what so many units of a line cost above a price."""
        of_covered = self._rest(place) * covered // max(self._bill.goods[place].quantity, 1)
        return max(of_covered - covered * price, 0)

    def _take_shipping(self, action: ShippingOff) -> None:
        if self._is_shipping_open:
            rest = self._bill.shipping - self.shipping
            self.shipping += _part(rest, action.millionths, action.maximum_minor)


def _part(whole: int, millionths: int, maximum: int | None) -> int:
    part = half_up(whole * millionths, MILLION)
    return part if maximum is None else min(part, maximum)


def _tier(action: TieredDiscount, goods: Sequence[Units]) -> int:
    reached = [one for one in action.tiers if one.subtotal_minor <= _subtotal(goods)]
    return max(reached, key=lambda one: one.subtotal_minor).amount_off_minor if reached else 0


def _holds(
    condition: Condition, goods: Sequence[Units], segments: Collection[CustomerSegment]
) -> bool:
    match condition:
        case MinQuantity():
            return sum(one.quantity for one in goods) >= condition.quantity
        case MinSubtotal():
            return _subtotal(goods) >= condition.amount_minor
        case SegmentCondition():
            return condition.segment in segments


def _subtotal(goods: Sequence[Units]) -> int:
    return sum(one.unit_price_minor * one.quantity for one in goods)

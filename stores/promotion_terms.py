"""Terms of promotions: what must hold, and what is given.

They are kept with the promotion, with the checkout that holds it, and read by the rules that
apply it. Amounts are in minor units, shares in millionths: 125000 is 12.5 percent.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import Enum
from typing import Any, TypeAlias

#: The whole, in the unit of shares.
MILLION = 1_000_000


class CustomerSegment(Enum):
    """Group of customers."""

    FIRST_ORDER = "FIRST_ORDER"
    RETURNING = "RETURNING"


@dataclass(frozen=True, slots=True)
class MinQuantity:
    """The lines in scope have at least this many units."""

    quantity: int


@dataclass(frozen=True, slots=True)
class MinSubtotal:
    """The lines in scope cost at least this much, before any discount."""

    amount_minor: int


@dataclass(frozen=True, slots=True)
class SegmentCondition:
    """The customer belongs to a segment."""

    segment: CustomerSegment


@dataclass(frozen=True, slots=True)
class PercentOff:
    """A share off what the lines in scope still cost, at most `maximum_minor`."""

    millionths: int
    maximum_minor: int | None = None


@dataclass(frozen=True, slots=True)
class AmountOff:
    """An amount off what the lines in scope still cost."""

    amount_minor: int


@dataclass(frozen=True, slots=True)
class FixedPrice:
    """Each unit costs this much, if it costs more; `quantity_limit` units over all orders."""

    price_minor: int
    quantity_limit: int | None = None


@dataclass(frozen=True, slots=True)
class ShippingOff:
    """A share off shipping, at most `maximum_minor`."""

    millionths: int
    maximum_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Tier:
    """An amount off from a subtotal on."""

    subtotal_minor: int
    amount_off_minor: int


@dataclass(frozen=True, slots=True)
class TieredDiscount:
    """The highest tier that the lines in scope reach, before any discount, counts."""

    tiers: tuple[Tier, ...]


Condition: TypeAlias = MinQuantity | MinSubtotal | SegmentCondition
Action: TypeAlias = AmountOff | FixedPrice | PercentOff | ShippingOff | TieredDiscount


def unit_limit(actions: Iterable[Action]) -> int | None:
    """Return how many units get a fixed price by these actions; None for any number."""
    limits = [one.quantity_limit for one in actions if isinstance(one, FixedPrice)]
    return next((limit for limit in limits if limit is not None), None)


@dataclass(frozen=True, slots=True)
class Scope:
    """Products named one by one, by category (with all below it) or by brand; any will do."""

    product_ids: tuple[int, ...] = ()
    category_ids: tuple[int, ...] = ()
    brands: tuple[str, ...] = ()


_KINDS: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in (
        MinQuantity,
        MinSubtotal,
        SegmentCondition,
        PercentOff,
        AmountOff,
        FixedPrice,
        ShippingOff,
        TieredDiscount,
    )
}
#: What makes a field's value again from what JSON can hold.
_READERS: dict[str, Any] = {
    "segment": CustomerSegment,
    "tiers": lambda kept: tuple(Tier(*one) for one in kept),
}


def to_plain(term: Condition | Action) -> dict[str, Any]:
    """Return a term as JSON can hold it, with the name of its kind."""
    told = {field.name: _plain(getattr(term, field.name)) for field in fields(term)}
    return {"kind": type(term).__name__, **told}


def from_plain(kept: Mapping[str, Any]) -> Any:
    """Return the term that `to_plain` was given."""
    values = {
        name: _READERS[name](value) if name in _READERS else value
        for name, value in kept.items()
        if name != "kind"
    }
    return _KINDS[kept["kind"]](**values)


def scope_to_plain(scope: Scope | None) -> list[list[Any]] | None:
    """Return a scope as JSON can hold it, None for all products."""
    if scope is None:
        return None
    return [list(scope.product_ids), list(scope.category_ids), list(scope.brands)]


def scope_from_plain(kept: Sequence[Sequence[Any]] | None) -> Scope | None:
    """Return the scope that `scope_to_plain` was given."""
    return None if kept is None else Scope(*map(tuple, kept))


def _plain(value: Any) -> Any:
    match value:
        case Enum():
            return value.value
        case tuple():
            return [[tier.subtotal_minor, tier.amount_off_minor] for tier in value]
        case _:
            return value

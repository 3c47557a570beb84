"""Which promotions may be used on some lines: as they are now, or as a checkout holds them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from resolvers.context import Context
from resolvers.discounts import Offer
from stores import categories, promotion_terms
from stores.products import Product
from stores.promotion_terms import Action, Condition, SegmentCondition, ShippingOff
from stores.promotions import Promotion


@dataclass(frozen=True, slots=True)
class Goods:
    """Some units of a variant, with what promotions look at; the path is of categories."""

    variant_id: int
    product_id: int
    merchant_id: int
    brand: str | None
    category_path: tuple[int, ...]
    unit_price_minor: int
    quantity: int

    @classmethod
    def of(cls, product: Product, path: Sequence[int], units: tuple[int, int, int]) -> Self:
        """Return units of a product: (variant, price of one, how many)."""
        variant_id, price, quantity = units
        told = (product.id, product.merchant_id, product.brand, tuple(path))
        return cls(variant_id, *told, price, quantity)


@dataclass(frozen=True, slots=True)
class Held:
    """A promotion that concerns some lines, by their places, with its terms.

    A checkout keeps it as it was; only what is used up is looked at again.
    """

    promotion_id: int
    name: str
    lines: tuple[int, ...]
    priority: int
    is_stackable: bool
    is_coupon_required: bool
    limit_per_customer: int | None
    conditions: tuple[Condition, ...]
    actions: tuple[Action, ...]

    @classmethod
    def of(cls, row: Promotion, lines: tuple[int, ...]) -> Self:
        """Hold a promotion as it is now."""
        return cls(
            promotion_id=row.id,
            name=row.name,
            lines=lines,
            priority=row.priority,
            is_stackable=row.is_stackable,
            is_coupon_required=row.is_coupon_required,
            limit_per_customer=row.usage_limit_per_customer,
            conditions=row.conditions,
            actions=row.actions,
        )

    @classmethod
    def of_plain(cls, kept: Mapping[str, Any]) -> Self:
        """Return what `plain` was made of."""
        return cls(
            **{
                **kept,
                "lines": tuple(kept["lines"]),
                "conditions": tuple(map(promotion_terms.from_plain, kept["conditions"])),
                "actions": tuple(map(promotion_terms.from_plain, kept["actions"])),
            }
        )

    def plain(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return {
            "promotion_id": self.promotion_id,
            "name": self.name,
            "lines": list(self.lines),
            "priority": self.priority,
            "is_stackable": self.is_stackable,
            "is_coupon_required": self.is_coupon_required,
            "limit_per_customer": self.limit_per_customer,
            "conditions": list(map(promotion_terms.to_plain, self.conditions)),
            "actions": list(map(promotion_terms.to_plain, self.actions)),
        }

    def offer(self, coupon: str | None, units_left: int | None) -> Offer:
        """Return it as the rules take it."""
        return Offer(
            promotion_id=self.promotion_id,
            title=self.name,
            lines=self.lines,
            actions=self.actions,
            conditions=self.conditions,
            priority=self.priority,
            is_stackable=self.is_stackable,
            coupon=coupon,
            units_left=units_left,
        )

    @property
    def unit_limit(self) -> int | None:
        """Return how many units get its fixed price, over all orders; None for any number."""
        return promotion_terms.unit_limit(self.actions)

    def units_left(self, now: Promotion) -> int | None:
        """Return how many units can get its fixed price yet.

        The promotion as it is now says how many; if it has no such limit any more, its own holds.
        """
        limit = self.unit_limit if now.unit_limit is None else now.unit_limit
        return None if limit is None else max(limit - now.units, 0)

    def asks_for_segment(self) -> bool:
        """Return whether it matters who the customer is."""
        return any(isinstance(one, SegmentCondition) for one in self.conditions)

    def gives_shipping(self) -> bool:
        """Return whether it may take something off shipping."""
        return any(isinstance(one, ShippingOff) for one in self.actions)

    def without_shipping(self) -> Self:
        """Return it without what it takes off shipping."""
        others = (one for one in self.actions if not isinstance(one, ShippingOff))
        return replace(self, actions=tuple(others))

    def met(self) -> Self:
        """Return it without what it asks of the customer."""
        others = (one for one in self.conditions if not isinstance(one, SegmentCondition))
        return replace(self, conditions=tuple(others))


async def active(ctx: Context) -> list[Promotion]:
    """Return the promotions that apply now, whoever asks."""
    return await ctx.loaders.promotions.active(ctx.clock())


async def running(ctx: Context) -> list[Promotion]:
    """Return the same to price something by: uses may be old, of those that have no limit."""
    return await ctx.loaders.promotions.running(ctx.clock())


async def paths(
    ctx: Context, rows: Sequence[Promotion], products: Collection[Product]
) -> dict[int, tuple[int, ...]]:
    """Return the path of each category of products, top first, if a promotion asks for it."""
    ids = list(dict.fromkeys(one.category_id for one in products))
    if not any(row.scope and row.scope.category_ids for row in rows):
        return dict.fromkeys(ids, ())
    # Whole rows, whatever the operation shows of categories.
    async with ctx.database.read() as session:
        found = await categories.by_ids(session, ids)
    return {id_: tuple(found[id_].path()) if id_ in found else () for id_ in ids}


def concerning(rows: Sequence[Promotion], goods: Sequence[Goods]) -> list[Held]:
    """Return the promotions that concern some of the lines: that of a merchant only its own.

    It takes something off shipping only if all lines are its own, as others bear that too.
    """
    places = ((row, _places(row, goods)) for row in rows)
    held = [_payable(row, goods, Held.of(row, lines)) for row, lines in places if lines]
    return [one for one in held if one.actions]


def _payable(row: Promotion, goods: Sequence[Goods], held: Held) -> Held:
    """Return a promotion without what it would give at the cost of others."""
    is_alone = row.merchant_id == 0 or all(one.merchant_id == row.merchant_id for one in goods)
    return held if is_alone or not held.gives_shipping() else held.without_shipping()


def concern(row: Promotion) -> Callable[[Goods], bool]:
    """Return what tells whether a promotion concerns a thing: quickly, as carts have many."""
    merchant_id, scope = row.merchant_id, row.scope
    if scope is None:
        return lambda one: merchant_id in (0, one.merchant_id)
    ids, shelves, brands = map(frozenset, (scope.product_ids, scope.category_ids, scope.brands))

    def concerns(one: Goods) -> bool:
        is_named = (
            one.product_id in ids
            or one.brand in brands
            or not shelves.isdisjoint(one.category_path)
        )
        return is_named and merchant_id in (0, one.merchant_id)

    return concerns


def applying(rows: Sequence[Promotion], now: datetime) -> list[Promotion]:
    """Return those that apply at an instant, the first to be tried first."""
    found = (row for row in rows if row.applies_at(now))
    return sorted(found, key=lambda row: (-row.priority, row.id))


def _places(row: Promotion, goods: Sequence[Goods]) -> tuple[int, ...]:
    concerns = concern(row)
    return tuple(place for place, one in enumerate(goods) if concerns(one))

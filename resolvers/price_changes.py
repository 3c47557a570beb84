"""What an unpaid order costs is changed: its lines share the difference, to the coin.

What is taken off is a discount like that of a promotion: its shares say what each line bears, and
the tax of a line is that of what it costs then. What is added is a discount below zero. Goods
bear it first; what they cannot bear is taken off the delivery.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from resolvers import pricing
from resolvers.shares import by_largest_remainder, half_up
from stores import money
from stores.errors import Invalid
from stores.orders import Order, OrderLine
from stores.payment_errors import AmountExceeded
from stores.shop import Shop

#: How many times the price of an order has been changed, among what is kept of its delivery.
COUNT = "price_changes"


@dataclass(frozen=True, slots=True)
class PriceChange:
    """An order as it is with another price; `shares` are what is taken off each line now."""

    lines: Sequence[OrderLine]
    shares: Sequence[int]
    shipping_off: int
    #: Of the row of the order.
    values: dict[str, Any]

    @property
    def total_minor(self) -> int:
        """Return what the order costs then."""
        total: int = self.values["total_minor"]
        return total


def changed(shop: Shop, order: Order, lines: Sequence[OrderLine], delta: int) -> PriceChange:
    """Return an order whose price is changed by so many minor units, meant as prices are.

    Raises AmountExceeded with the most that can be taken off, and Invalid above the highest price.
    """
    weights = [line.total_minor for line in lines]
    if -delta > sum(weights) + order.shipping_minor:
        raise AmountExceeded(sum(weights) + order.shipping_minor, ("priceDelta",))
    off = min(-delta, sum(weights))
    shares = _shares(off, lines)
    after = [_line(shop, line, share) for line, share in zip(lines, shares, strict=True)]
    values = _sums(shop, order, after, -delta - off)
    if values["total_minor"] > money.MAX_MINOR:
        raise Invalid("That is more than any order may cost.", ("priceDelta", "amount"))
    return PriceChange(after, shares, -delta - off, values)


def _shares(off: int, lines: Sequence[OrderLine]) -> list[int]:
    """Split what is taken off, or added, by what lines cost; by units where that is nothing."""
    for weights in (
        [line.total_minor for line in lines],
        [line.unit_price_minor * line.quantity for line in lines],
        [line.quantity for line in lines],
    ):
        if sum(weights):
            sign = -1 if off < 0 else 1
            return [sign * share for share in by_largest_remainder(abs(off), weights)]
    return [0] * len(lines)


def _line(shop: Shop, line: OrderLine, share: int) -> OrderLine:
    after = line.total_minor - share
    return replace(
        line,
        discount_minor=line.discount_minor + share,
        tax_minor=_tax(shop, line, after),
        total_minor=after,
    )


def _tax(shop: Shop, line: OrderLine, after: int) -> int:
    if line.tax_minor == pricing.tax_of(shop, line.total_minor):
        return pricing.tax_of(shop, after)
    # The shop has another rate by now: a line keeps the one that it was bought at.
    return half_up(line.tax_minor * after, line.total_minor)


def _sums(
    shop: Shop, order: Order, lines: Sequence[OrderLine], shipping_off: int
) -> dict[str, Any]:
    discount = sum(line.discount_minor for line in lines)
    shipping, tax = order.shipping_minor - shipping_off, sum(line.tax_minor for line in lines)
    added = tax if _is_tax_added(shop, order) else 0
    return {
        "discount_minor": discount,
        "shipping_minor": shipping,
        "tax_minor": tax,
        "total_minor": order.subtotal_minor - discount + shipping + added,
        "delivery": _delivery(order, shipping_off),
    }


def _is_tax_added(shop: Shop, order: Order) -> bool:
    goods = order.subtotal_minor - order.discount_minor + order.shipping_minor
    return order.total_minor != goods if order.tax_minor else not shop.is_tax_included


def _delivery(order: Order, shipping_off: int) -> dict[str, Any]:
    kept = {**order.delivery, COUNT: order.delivery.get(COUNT, 0) + 1}
    off = kept.get("discount", 0) + shipping_off
    return {**kept, "discount": off} if off else kept

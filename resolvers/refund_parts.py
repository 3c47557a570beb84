"""What a refund is made of: tax, delivery and goods, as they were bought.

Whatever is given back before, each part goes back at most as often as it came: a part takes no
more than it has left, and no less than the others have no room for. So the last coin of an order
takes the last coin of each part with it.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from resolvers import payment_postings
from resolvers.payment_postings import Parts
from stores.errors import Invalid, NotFound
from stores.orders import Order, OrderLine
from stores.refunds import Refund, RefundStatus


@dataclass(frozen=True, slots=True)
class _Left:
    """What was paid and did not go back, by parts; in minor units."""

    tax: int
    shipping: int
    goods: int


@dataclass(frozen=True, slots=True)
class _Units:
    """Units of a line, by how many of it are gone before they go back, and after."""

    line: OrderLine
    before: int
    after: int

    def share(self, whole: int) -> int:
        """Return their share of a sum of the line: its last unit takes its last coin."""
        units = self.line.quantity
        return whole * self.after // units - whole * self.before // units


def standing(of_order: Sequence[Refund]) -> list[Refund]:
    """Return the refunds that went back, or may yet."""
    return [one for one in of_order if one.status != RefundStatus.FAILED.value]


def of_lines(
    order: Order,
    lines: Sequence[OrderLine],
    earlier: Sequence[Refund],
    amount: int,
    units: Sequence[tuple[int, int]],
) -> Parts:
    """Return the parts of an amount for units of lines, by id.

    Raises NotFound for another line, and Invalid for units that went back before.
    """
    value, tax = _bought(order, lines, earlier, units)
    goods = min(amount, value)
    # Less than what the units cost gives back less of their tax; more is for the delivery.
    of_goods = (2 * tax * goods + value) // (2 * value) if value else 0
    return _fitted(order, earlier, amount, Parts(of_goods, amount - goods))


def by_share(order: Order, earlier: Sequence[Refund], amount: int) -> Parts:
    """Return the parts of an amount for no line in particular: shares of the whole."""
    before = sum(one.amount_minor for one in earlier)
    return _fitted(order, earlier, amount, payment_postings.parts(order, before, amount))


def _fitted(order: Order, earlier: Sequence[Refund], amount: int, wanted: Parts) -> Parts:
    """Return parts as wanted, as far as there is so much of each, and room for the others."""
    left = _left(order, earlier)
    least = amount - left.shipping - left.goods
    tax = _between(least, wanted.tax, min(left.tax, amount))
    least = amount - tax - left.goods
    shipping = _between(least, wanted.shipping, min(left.shipping, amount - tax))
    return Parts(tax, shipping)


def _between(least: int, wanted: int, most: int) -> int:
    return min(max(least, wanted), most)


def _left(order: Order, earlier: Sequence[Refund]) -> _Left:
    # Of an order that was paid in part, as much was posted as this.
    paid = payment_postings.parts(order, 0, order.paid_minor)
    tax = paid.tax - sum(one.tax_minor for one in earlier)
    shipping = paid.shipping - sum(one.shipping_minor for one in earlier)
    whole = order.paid_minor - sum(one.amount_minor for one in earlier)
    return _Left(max(tax, 0), max(shipping, 0), max(whole - tax - shipping, 0))


def _bought(
    order: Order,
    lines: Sequence[OrderLine],
    earlier: Sequence[Refund],
    wanted: Sequence[tuple[int, int]],
) -> tuple[int, int]:
    """Return what the units cost, and the tax of that; each unit goes back once."""
    by_id, gone, value, tax = {line.id: line for line in lines}, _gone(earlier), 0, 0
    for place, (line_id, some) in enumerate(wanted):
        units = _units(by_id.get(line_id), gone[line_id], some, place)
        of_units = units.share(units.line.tax_minor)
        value += units.share(units.line.total_minor)
        value += of_units if _is_tax_added(order) else 0
        tax += of_units
    return value, tax


def _gone(earlier: Sequence[Refund]) -> Counter[int]:
    """Return how many units of each line went back before."""
    gone: Counter[int] = Counter()
    for refund in earlier:
        for line_id, units in refund.lines:
            gone[line_id] += units
    return gone


def _units(line: OrderLine | None, before: int, units: int, place: int) -> _Units:
    """Return units that are to go back. Raises NotFound and Invalid, told of their place."""
    if line is None:
        raise NotFound("line of this order", ("lines", str(place), "orderLineId"))
    after = before + units
    if after > line.quantity:
        reason = f"{line.quantity - before} units of this line can go back."
        raise Invalid(reason, ("lines", str(place), "quantity"))
    return _Units(line, before, after)


def _is_tax_added(order: Order) -> bool:
    goods = order.subtotal_minor - order.discount_minor + order.shipping_minor
    return order.total_minor != goods

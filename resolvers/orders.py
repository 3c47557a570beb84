"""Reading orders: who sees which of them, and what of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from resolvers import order_states, pricing
from resolvers.addresses import Address
from resolvers.context import Context
from resolvers.owners import numbers_of
from resolvers.pricing import PricedLine, Totals
from resolvers.products import is_staff_of
from stores.order_events import OrderEvent, OrderEventKind
from stores.orders import Order, OrderLine, OrderStatus
from stores.users import Role

_PAID = OrderStatus.PAID.value


@dataclass(frozen=True, slots=True)
class SeenOrder:
    """An order as one viewer sees it: to a merchant, its own lines and the sums over them."""

    order: Order
    lines: Sequence[OrderLine]
    is_whole: bool
    #: Whether it is the viewer's own order, or the viewer is the owner.
    is_all: bool
    allowed: tuple[OrderStatus, ...]

    @classmethod
    def by(cls, ctx: Context, order: Order, lines: Sequence[OrderLine]) -> Self:
        """Show an order that the viewer may see."""
        is_all = _sees_all(ctx, order)
        shown = lines if is_all else [line for line in lines if is_staff_of(ctx, line.merchant_id)]
        return cls(order, shown, len(shown) == len(lines), is_all, _allowed(ctx, order, lines))

    def address(self) -> Address:
        """Return where it is delivered to."""
        return Address.of(self.order.shipping_address)

    def totals(self) -> Totals:
        """Return the sums of the order, or those of the lines that are seen."""
        order = self.order
        if self.is_whole:
            return Totals(
                order.subtotal_minor,
                order.discount_minor,
                order.shipping_minor,
                order.tax_minor,
                order.total_minor,
            )
        lines = [_priced(line) for line in self.lines]
        return pricing.sums(lines, is_tax_added=self._is_tax_added())

    def _is_tax_added(self) -> bool:
        order = self.order
        goods = order.subtotal_minor - order.discount_minor + order.shipping_minor
        return order.total_minor != goods


async def by_numbers(ctx: Context, numbers: Sequence[str]) -> list[SeenOrder | None]:
    """Return each order, None for one that is missing or that the viewer may not see."""
    rows = await ctx.loaders.orders.by_number.many(numbers)
    return await seen(ctx, rows)


async def seen(ctx: Context, rows: Sequence[Order | None]) -> list[SeenOrder | None]:
    """Return rows as the viewer sees them, None for those that it may not see.

    Lines are read where they can make a difference: of an order that is missing, or another
    shopper's, those of none, which takes the same time for both.
    """
    is_staff = ctx.is_staff()
    rows = [row if row and (is_staff or may_see(ctx, row, ())) else None for row in rows]
    numbers = numbers_of(rows, lambda row: row.number)
    found = await ctx.loaders.orders.lines.many(numbers)
    lines = dict(zip(numbers, found, strict=True))
    return [
        SeenOrder.by(ctx, row, lines[row.number])
        if row and may_see(ctx, row, lines[row.number])
        else None
        for row in rows
    ]


async def by_keys(ctx: Context, keys: Sequence[int]) -> list[SeenOrder | None]:
    """Return the orders whose numbers are written as whole numbers."""
    return await by_numbers(ctx, [number_of(key) for key in keys])


async def lines_by_ids(ctx: Context, ids: Sequence[int]) -> list[OrderLine | None]:
    """Return each line, None for one that is missing or that the viewer may not see."""
    rows = await ctx.loaders.orders.line_by_id.many(ids)
    orders = await by_numbers(ctx, numbers_of(rows, lambda row: row.number))
    shown = {line.id for one in orders if one for line in one.lines}
    return [row if row and row.id in shown else None for row in rows]


async def events(ctx: Context, numbers: Sequence[str]) -> list[list[OrderEvent]]:
    """Return the events of each order that the viewer may see, the oldest first.

    The caller has seen that it may see the orders.
    """
    seen = dict(zip(numbers, await by_numbers(ctx, numbers), strict=True))
    found = await ctx.loaders.orders.events.many(numbers)
    return [[one for one in some if _is_told(ctx, one, seen[one.number])] for some in found]


async def events_by_ids(ctx: Context, ids: Sequence[int]) -> list[OrderEvent | None]:
    """Return each event, None for one that is missing or whose order may not be seen."""
    rows = await ctx.loaders.orders.event_by_id.many(ids)
    orders = await by_numbers(ctx, numbers_of(rows, lambda row: row.number))
    shown = {one.order.number: one for one in orders if one}
    return [
        row if row and row.number in shown and _is_told(ctx, row, shown[row.number]) else None
        for row in rows
    ]


def _is_told(ctx: Context, event: OrderEvent, seen: SeenOrder | None) -> bool:
    """Return whether an event is the viewer's: notes are for staff, goods for their merchant."""
    if seen is None:
        return False
    if event.kind == OrderEventKind.NOTE_ADDED.value:
        return all(is_staff_of(ctx, line.merchant_id) for line in seen.lines)
    return seen.is_whole or event.merchant_id is None or is_staff_of(ctx, event.merchant_id)


async def publish_sequences(ctx: Context, ids: Sequence[int]) -> list[int | None]:
    """Return the publish sequence of each event, None before and long after it is sent out."""
    return await ctx.loaders.orders.publish_sequence.many(ids)


def number_of(key: int) -> str:
    """Return the order number that a global ID holds as a whole number."""
    return f"{key:018}"


def may_see(ctx: Context, order: Order, lines: Sequence[OrderLine]) -> bool:
    """Return whether an order is the viewer's, has lines of its merchant, or is the owner's."""
    return _sees_all(ctx, order) or any(is_staff_of(ctx, line.merchant_id) for line in lines)


def may_decide(ctx: Context, order: Order, lines: Sequence[OrderLine]) -> bool:
    """Return whether the viewer may call an order off: a merchant only if all is its own."""
    return _sees_all(ctx, order) or all(is_staff_of(ctx, line.merchant_id) for line in lines)


def _sees_all(ctx: Context, order: Order) -> bool:
    viewer = ctx.viewer
    if viewer is None:
        return False
    return viewer.id == order.user_id or Role.OWNER in viewer.roles


def _allowed(ctx: Context, order: Order, lines: Sequence[OrderLine]) -> tuple[OrderStatus, ...]:
    """Return the steps that the viewer may take; an order expires, and is paid, otherwise."""
    mine = sum(line.unshipped for line in lines if is_staff_of(ctx, line.merchant_id))
    left = sum(line.unshipped for line in lines)
    is_buyer = ctx.viewer is not None and ctx.viewer.id == order.user_id
    may = {
        # From one partly shipped status to the same is no step, though more may be shipped.
        OrderStatus.PARTIALLY_SHIPPED: mine > 0 and left > 1 and order.status == _PAID,
        OrderStatus.SHIPPED: 0 < mine == left,
        OrderStatus.COMPLETED: is_buyer,
        OrderStatus.CANCELLED: may_decide(ctx, order, lines),
    }
    return tuple(to for to, is_mine in may.items() if is_mine and order_states.allows(order, to))


def _priced(line: OrderLine) -> PricedLine:
    return PricedLine(line.unit_price_minor, line.quantity, line.discount_minor, line.tax_minor)

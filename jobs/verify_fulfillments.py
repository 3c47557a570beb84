"""Fulfillments and returns: what was sent and came back is what lines, stock and money say."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from jobs.verify_check import SECONDS, Check, Differences, compared, walking
from resolvers.context import Mall
from resolvers.order_steps import status_by
from stores import fulfillments, order_returns, orders, refunds, stock_sums, walks
from stores.fulfillments import Fulfillment, FulfillmentStatus
from stores.order_returns import OrderReturn, ReturnStatus
from stores.orders import Order, OrderLine, OrderStatus
from stores.refunds import Refund, RefundStatus
from stores.sql import ReadSession
from stores.stock_movements import StockMovementKind

NAME = "fulfillments"

_Facts = Iterator[tuple[str, object, object]]
#: In which nothing more happens to what is shipped, or nothing yet.
_BY_LINES = (
    OrderStatus.PAID.value,
    OrderStatus.PARTIALLY_SHIPPED.value,
    OrderStatus.SHIPPED.value,
)
_OPEN = (ReturnStatus.REQUESTED.value, ReturnStatus.APPROVED.value)


@dataclass(frozen=True, slots=True)
class _Whole:
    """An order, what was sent of it and what came back, all of one moment."""

    order: Order
    lines: Sequence[OrderLine]
    sent: Sequence[Fulfillment] = field(default=())
    back: Sequence[OrderReturn] = field(default=())
    money: Mapping[int, Refund] = field(default_factory=dict)
    #: Units of on_hand by kind of movement.
    moved: Mapping[str, int] = field(default_factory=dict)


async def _compare(mall: Mall, numbers: Sequence[str]) -> Differences[str]:
    async with mall.stores.database.moment(seconds=SECONDS) as session:
        wholes = await _wholes(session, numbers)
    found = {one.order.number: compared(NAME, one.order.number, _facts(one)) for one in wholes}
    return {number: differences for number, differences in found.items() if differences}


async def _wholes(session: ReadSession, numbers: Sequence[str]) -> list[_Whole]:
    rows = await orders.by_numbers(session, numbers)
    lines = await orders.lines_by_number(session, numbers)
    sent = await fulfillments.by_numbers(session, numbers)
    back = await order_returns.by_numbers(session, numbers)
    ids = [one.refund_id for some in back.values() for one in some if one.refund_id]
    money = await refunds.by_ids(session, ids)
    moved = await _moved(session, numbers)
    return [
        _Whole(
            row,
            lines.get(number, ()),
            sent.get(number, ()),
            back.get(number, ()),
            money,
            moved[number],
        )
        for number, row in rows.items()
    ]


async def _moved(session: ReadSession, numbers: Sequence[str]) -> dict[str, Counter[str]]:
    """Return how many units each order moved, by kind of movement."""
    moved: dict[str, Counter[str]] = defaultdict(Counter)
    units = await stock_sums.units_of_orders(session, numbers)
    for (number, _, kind), (on_hand, _) in units.items():
        moved[number][kind] += on_hand
    return moved


def _facts(one: _Whole) -> _Facts:
    yield from _lines(one)
    yield from _stock(one)
    if one.order.status in _BY_LINES:
        yield "status, by what is shipped", status_by(one.lines).value, one.order.status
    merchants = {line.id: line.merchant_id for line in one.lines}
    together: list[Fulfillment | OrderReturn] = [*one.sent, *one.back]
    for what in together:
        whose = sorted({merchants.get(line_id, 0) for line_id, _ in what.lines})
        yield "merchant of the lines sent together", whose, [what.merchant_id]
    for back in one.back:
        if back.refund_id is not None:
            yield from _refunded(back, one.money.get(back.refund_id))


def _lines(one: _Whole) -> _Facts:
    standing = [s for s in one.sent if s.status != FulfillmentStatus.CANCELLED.value]
    shipped = _units(s.lines for s in standing)
    returning = _units(b.lines for b in one.back if b.status in _OPEN)
    returned = _units(b.received for b in one.back)
    for line in one.lines:
        name = f"of line {line.position}"
        yield f"shipped {name}", shipped[line.id], line.shipped_quantity
        yield f"asked back {name}", returning[line.id], line.returning_quantity
        yield f"returned {name}", returned[line.id], line.returned_quantity
        yield f"shipped at most what was ordered {name}", True, line.unshipped >= 0
        yield f"returned at most what was shipped {name}", True, line.returnable >= 0


def _stock(one: _Whole) -> _Facts:
    """Tell whether as many units left the stock, and came back, as was written down."""
    left = _units(s.lines for s in one.sent).total()
    came = _units(s.lines for s in one.sent if s.is_restocked).total()
    came += _units(b.restocked for b in one.back).total()
    yield "units that left, by stock", left, -one.moved.get(StockMovementKind.SHIP.value, 0)
    yield "units that came back, by stock", came, one.moved.get(StockMovementKind.RETURN.value, 0)


def _refunded(back: OrderReturn, refund: Refund | None) -> _Facts:
    yield "has its refund", True, refund is not None
    is_back = refund is not None and refund.status == RefundStatus.SUCCEEDED.value
    status = ReturnStatus.CLOSED if is_back else ReturnStatus.RECEIVED
    yield "status of a return, by its refund", status.value, back.status


def _units(of: Iterator[list[list[int]]]) -> Counter[int]:
    units: Counter[int] = Counter()
    for lines in of:
        for line_id, some in lines:
            units[line_id] += some
    return units


FULFILLMENTS = Check(
    name=NAME,
    about="Of each order no more is shipped than ordered and no more returned than shipped; lines, "
    "status, stock and refunds agree with its fulfillments and returns.",
    page=walking(walks.ORDERS),
    compare=_compare,
)

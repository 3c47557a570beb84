"""requestReturn: the shopper asks to send goods back, of each merchant by a return of its own."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from resolvers import order_parcels, versions_after
from resolvers import orders as reading
from resolvers.commands import check
from resolvers.context import SHOPPER, Context
from resolvers.line_quantities import LineUnits, Units, check_lines, named
from resolvers.mutations import Mutation, Targets
from resolvers.order_steps import Advance, advance
from resolvers.return_closing import told
from stores import order_returns, orders
from stores.errors import NotFound, TransitionForbidden, VersionConflict
from stores.order_line_counts import Count
from stores.order_returns import OrderReturn, ReturnStatus
from stores.orders import Order, OrderLine, OrderStatus
from stores.sql import WriteSession

REASON_LENGTH = 1_000
#: Statuses in which some goods are, or were, on their way.
_SENT = (
    OrderStatus.PARTIALLY_SHIPPED.value,
    OrderStatus.SHIPPED.value,
    OrderStatus.COMPLETED.value,
)


@dataclass(frozen=True, slots=True)
class RequestReturn:
    """Ask to send units of lines back, of an order as it was read at this version."""

    number: str
    version: int
    lines: LineUnits
    reason: str

    def __post_init__(self) -> None:
        """Raise a Refusal unless there are lines and a reason."""
        check_lines(self.lines)
        is_told = self.reason.strip() != "" and len(self.reason) <= REASON_LENGTH
        check(is_told, f"A reason has 1 to {REASON_LENGTH} characters.", "reason")


async def _request(
    session: WriteSession, ctx: Context, wanted: RequestReturn, targets: Targets
) -> None:
    order, lines = await _returnable(session, ctx, wanted)
    units = named(wanted.lines, lines, {line.id: line.returnable for line in lines})
    step = Advance(OrderStatus(order.status), order.user_id, ctx.clock())
    new = _returns(wanted, units, targets["returns"], step)
    await advance(session, ctx, order, step, *map(told, new))
    await order_returns.add(session, *new)
    await order_parcels.count(session, Count.ASK_BACK, units)


async def _returnable(
    session: WriteSession, ctx: Context, wanted: RequestReturn
) -> tuple[Order, Sequence[OrderLine]]:
    viewer = ctx.require(SHOPPER)
    order = (await orders.by_numbers(session, [wanted.number])).get(wanted.number)
    lines = (await orders.lines_by_number(session, [wanted.number])).get(wanted.number, [])
    if order is None or order.user_id != viewer.id:
        raise NotFound("order", ("orderId",))
    if order.version != wanted.version:
        raise VersionConflict("Order", order.version, reading.SeenOrder.by(ctx, order, lines))
    if order.status not in _SENT:
        raise TransitionForbidden("order", order.status, "a return")
    return order, lines


def _returns(
    wanted: RequestReturn, units: Units, ids: Sequence[int], step: Advance
) -> list[OrderReturn]:
    return [
        OrderReturn(
            id=id_,
            version=1,
            updated_at=step.at,
            number=wanted.number,
            merchant_id=merchant_id,
            status=ReturnStatus.REQUESTED.value,
            reason=wanted.reason.strip(),
            lines=lines,
            received=[],
            restocked=[],
        )
        # There are as many ids as lines, and no more merchants than these.
        for id_, (merchant_id, lines) in zip(ids, _by_merchant(units).items(), strict=False)
    ]


def _by_merchant(units: Units) -> dict[int, list[list[int]]]:
    found: dict[int, list[list[int]]] = defaultdict(list)
    for line, some in units:
        found[line.merchant_id].append([line.id, some])
    return found


REQUEST_RETURN = Mutation(
    name="requestReturn",
    roles=SHOPPER,
    kind="Order",
    targets=lambda ctx, wanted: {
        "order": int(wanted.number),
        "returns": [ctx.ids.next() for _ in wanted.lines],
    },
    rule=_request,
    version_after=versions_after.of_order,
    is_personal=True,
)

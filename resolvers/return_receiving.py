"""receiveReturn: goods come back once, are sold again if they can be, and money goes back."""

from collections.abc import Sequence
from dataclasses import dataclass

from resolvers import order_parcels, return_money, versions_after
from resolvers.commands import check
from resolvers.context import STAFF, Context
from resolvers.line_quantities import LineUnits, Units, check_lines, named
from resolvers.mutations import Mutation, Targets
from resolvers.order_returns import decided
from resolvers.return_decisions import asked, change, check_note, check_step
from resolvers.return_money import MoneyBack
from stores.order_line_counts import Count
from stores.order_returns import OrderReturn, ReturnStatus
from stores.orders import OrderLine
from stores.reservations import Cause
from stores.sql import WriteSession


@dataclass(frozen=True, slots=True)
class ReceiveReturn:
    """Take units of a return in, as it was read at this version; the amount in minor units."""

    return_id: int
    version: int
    lines: LineUnits
    restocked: LineUnits | None = None
    refund_minor: int | None = None
    note: str | None = None

    def __post_init__(self) -> None:
        """Raise a Refusal for what cannot have come."""
        check_lines(self.lines)
        if self.restocked:
            check_lines(self.restocked, "restockedLines")
        is_some = self.refund_minor is None or self.refund_minor > 0
        check(is_some, "An amount is more than 0; leave it out to give nothing.", "refundAmount")
        check_note(self.note)


async def _receive(
    session: WriteSession, ctx: Context, wanted: ReceiveReturn, targets: Targets
) -> None:
    of = await decided(session, ctx, wanted.return_id, wanted.version)
    row, order, lines = of
    back = _money_back(wanted, row, targets["moneyBack"])
    if row.status == ReturnStatus.RECEIVED.value and back is not None:
        _check_same(wanted, row)
        await return_money.try_again(session, ctx, of, back, note=wanted.note)
        return
    check_step(row, ReturnStatus.RECEIVED)
    came = named(wanted.lines, lines, row.units())
    left = {line.id: some for line, some in came}
    restocked = named(wanted.restocked or (), lines, left, "restockedLines")
    if back is not None:
        return_money.check_may(ctx, lines)
    told = {"refund_id": back.refund_id if back else None, "note": wanted.note or row.note}
    await change(session, ctx, (row, order), **_received(came, restocked), **told)
    await _count(session, row, lines, came)
    if back is not None:
        await return_money.give_back(session, ctx, (row, lines), back)
    cause = Cause(order.number, ctx.require(STAFF).id, ctx.clock())
    await order_parcels.come_back(session, ctx, restocked, cause, row.id)


def _money_back(wanted: ReceiveReturn, row: OrderReturn, refund_id: int) -> MoneyBack | None:
    if wanted.refund_minor is None:
        return None
    return MoneyBack(refund_id, wanted.refund_minor, wanted.lines, row.reason)


def _check_same(wanted: ReceiveReturn, row: OrderReturn) -> None:
    """Raise Invalid unless what is in already is what the caller takes to be in."""
    came = dict(wanted.lines) == _units(row.received)
    check(came, "The goods are in; for their money name the lines that came.", "lines")
    is_same = wanted.restocked is None or dict(wanted.restocked) == _units(row.restocked)
    check(is_same, "The goods are in; leave this out, to try their money again.", "restockedLines")


def _units(lines: Sequence[Sequence[int]]) -> dict[int, int]:
    return {line_id: units for line_id, units in lines}  # noqa: C416  Lists, not pairs.


def _received(came: Units, restocked: Units) -> dict[str, object]:
    """Return how a return is kept of which units came, and some of them are sold again."""
    return {
        "status": ReturnStatus.RECEIVED.value,
        "received": [[line.id, some] for line, some in came],
        "restocked": [[line.id, some] for line, some in restocked],
    }


async def _count(
    session: WriteSession, row: OrderReturn, lines: list[OrderLine], came: Units
) -> None:
    """Count what came; what was asked for and did not come may be asked for again."""
    taken = {line.id: some for line, some in came}
    stayed = [(line, some - taken.get(line.id, 0)) for line, some in asked(row, lines)]
    await order_parcels.count(session, Count.TAKE_BACK, came)
    await order_parcels.count(session, Count.LET_STAY, stayed)


RECEIVE_RETURN = Mutation(
    name="receiveReturn",
    roles=STAFF,
    kind="OrderReturn",
    # The refund is kept as a number of its own: not each return has one.
    targets=lambda ctx, wanted: {"orderReturn": wanted.return_id, "moneyBack": ctx.ids.next()},
    rule=_receive,
    version_after=versions_after.of_return,
)

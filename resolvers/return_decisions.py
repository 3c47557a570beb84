"""approveReturn and rejectReturn: the merchant says whether goods may come back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from resolvers import order_parcels
from resolvers.commands import check
from resolvers.context import STAFF, Context
from resolvers.line_quantities import Units
from resolvers.mutations import Mutation, Targets
from resolvers.order_returns import decided
from resolvers.order_steps import Advance, advance
from resolvers.return_closing import told
from stores import order_returns
from stores.drivers import Retryable
from stores.errors import TransitionForbidden
from stores.order_line_counts import Count
from stores.order_returns import OrderReturn, ReturnStatus
from stores.orders import Order, OrderLine, OrderStatus
from stores.sql import WriteSession

NOTE_LENGTH = 1_000

#: What a return may become from each status.
TRANSITIONS: Mapping[ReturnStatus, tuple[ReturnStatus, ...]] = {
    ReturnStatus.REQUESTED: (ReturnStatus.APPROVED, ReturnStatus.REJECTED),
    # The goods may never come.
    ReturnStatus.APPROVED: (ReturnStatus.RECEIVED, ReturnStatus.REJECTED),
    ReturnStatus.REJECTED: (),
    ReturnStatus.RECEIVED: (ReturnStatus.CLOSED,),
    ReturnStatus.CLOSED: (),
}


@dataclass(frozen=True, slots=True)
class ApproveReturn:
    """Let the shopper send the goods of a return, as it was read at this version."""

    return_id: int
    version: int
    note: str | None = None

    def __post_init__(self) -> None:
        """Raise Invalid for a note that is too long."""
        check_note(self.note)


@dataclass(frozen=True, slots=True)
class RejectReturn:
    """Refuse a return, as it was read at this version."""

    return_id: int
    version: int
    note: str

    def __post_init__(self) -> None:
        """Raise Invalid unless the shopper is told why."""
        check(self.note.strip() != "", "Tell the shopper why.", "note")
        check_note(self.note)


def check_note(note: str | None) -> None:
    """Raise Invalid for a note that is too long."""
    is_short = len(note or "") <= NOTE_LENGTH
    check(is_short, f"A note has at most {NOTE_LENGTH} characters.", "note")


def check_step(row: OrderReturn, to: ReturnStatus) -> None:
    """Raise TransitionForbidden unless a return may become that."""
    if to not in TRANSITIONS[ReturnStatus(row.status)]:
        raise TransitionForbidden("return", row.status, to.value)


async def change(
    session: WriteSession, ctx: Context, of: tuple[OrderReturn, Order], **values: Any
) -> None:
    """Change a return as it was read, and tell it of its order."""
    row, order = of
    step = Advance(OrderStatus(order.status), ctx.require(STAFF).id, ctx.clock())
    await advance(session, ctx, order, step, told(row, values.get("note")))
    if not await order_returns.change(session, row, step.at, **values):
        raise Retryable


async def _approve(
    session: WriteSession, ctx: Context, wanted: ApproveReturn, _targets: Targets
) -> None:
    row, order, _ = await decided(session, ctx, wanted.return_id, wanted.version)
    check_step(row, ReturnStatus.APPROVED)
    status = ReturnStatus.APPROVED.value
    await change(session, ctx, (row, order), status=status, note=wanted.note or None)


async def _reject(
    session: WriteSession, ctx: Context, wanted: RejectReturn, _targets: Targets
) -> None:
    row, order, lines = await decided(session, ctx, wanted.return_id, wanted.version)
    check_step(row, ReturnStatus.REJECTED)
    status = ReturnStatus.REJECTED.value
    await change(session, ctx, (row, order), status=status, note=wanted.note.strip())
    await order_parcels.count(session, Count.LET_STAY, asked(row, lines))


def asked(row: OrderReturn, lines: list[OrderLine]) -> Units:
    """Return the lines that a return asks for, with their units."""
    units = row.units()
    return [(line, units[line.id]) for line in lines if line.id in units]


APPROVE_RETURN = Mutation(
    name="approveReturn",
    roles=STAFF,
    kind="OrderReturn",
    targets=lambda _ctx, wanted: {"orderReturn": wanted.return_id},
    rule=_approve,
)
REJECT_RETURN = Mutation(
    name="rejectReturn",
    roles=STAFF,
    kind="OrderReturn",
    targets=lambda _ctx, wanted: {"orderReturn": wanted.return_id},
    rule=_reject,
)

"""Some units of order lines."""

from collections.abc import Sequence

import strawberry

import resolvers.orders
from graph.batch import Info
from graph.declare import gql_input, gql_type
from graph.optional import given
from graph.orders import ORDER_LINE, OrderLine
from resolvers.context import EVERYONE
from resolvers.line_quantities import LineUnits


@gql_type(roles=EVERYONE)
class OrderLineQuantity:
    """Some units of an order line."""

    line: OrderLine
    quantity: int


@gql_input()
class OrderLineQuantityInput:
    """Some units of an order line."""

    order_line_id: strawberry.ID
    quantity: int


def line_units(lines: list[OrderLineQuantityInput] | None, field: str) -> LineUnits | None:
    """Return what was sent, None for nothing. Raises Invalid at the path of a line."""
    sent = given(lines)
    if sent is None:
        return None
    return tuple(
        (ORDER_LINE.key(one.order_line_id, field, str(place), "orderLineId"), one.quantity)
        for place, one in enumerate(sent)
    )


async def shown_units(
    info: Info, of: Sequence[Sequence[Sequence[int]]]
) -> list[list[OrderLineQuantity]]:
    """Show lists of `[id of a line, units]`; what the viewer may not see is left out."""
    ctx = info.context
    ids = list(dict.fromkeys(line_id for some in of for line_id, _ in some))
    rows = await resolvers.orders.lines_by_ids(ctx, ids)
    found = {row.id: OrderLine.of(ctx, row) for row in rows if row}
    return [
        [
            OrderLineQuantity(line=found[line_id], quantity=units)
            for line_id, units in some
            if line_id in found
        ]
        for some in of
    ]

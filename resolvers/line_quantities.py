"""Units of order lines, as clients send them."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from resolvers.commands import check
from stores.errors import Invalid, LimitExceeded, NotFound, Required
from stores.orders import OrderLine

#: Lines that one call may name.
MAX_LINES = 500

#: `((id of a line, units), …)`.
LineUnits: TypeAlias = tuple[tuple[int, int], ...]
#: The lines themselves, each once, with units.
Units: TypeAlias = Sequence[tuple[OrderLine, int]]


def check_lines(lines: LineUnits, field: str = "lines") -> None:
    """Raise a Refusal unless some lines are named, each once, with units."""
    if not lines:
        raise Required("Name at least one line, or leave this out.", (field,))
    if len(lines) > MAX_LINES:
        raise LimitExceeded(f"{len(lines)} lines; at most {MAX_LINES} at a time.", (field,))
    ids = [line_id for line_id, _ in lines]
    check(len(set(ids)) == len(ids), "Name each line once.", field)
    for place, (_, units) in enumerate(lines):
        check(units > 0, "A quantity is more than 0.", field, str(place), "quantity")


def named(
    wanted: LineUnits, lines: Sequence[OrderLine], left: Mapping[int, int], field: str = "lines"
) -> Units:
    """Return the lines that are named, with their units, of which each has so many left.

    Raises NotFound for a line that is not among those, Invalid for more units than are left.
    """
    by_id, found = {line.id: line for line in lines}, []
    for place, (line_id, units) in enumerate(wanted):
        line = by_id.get(line_id)
        if line is None or line_id not in left:
            raise NotFound("line", (field, str(place), "orderLineId"))
        if units > left[line_id]:
            reason = f"{left[line_id]} units of this line are left for that."
            raise Invalid(reason, (field, str(place), "quantity"))
        found.append((line, units))
    return found

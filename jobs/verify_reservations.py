"""Reservations: each was taken from its level once, and given back once or not at all."""

from collections.abc import Iterator, Mapping, Sequence

from jobs.verify_check import SECONDS, Check, Differences, compared, walking
from resolvers.context import Mall
from stores import orders, reservations, stock_sums, walks
from stores.reservations import HELD, RELEASE, RESERVE, Reservation, ReservationState
from stores.stock_movements import StockMovementKind

NAME = "reservations"

_Key = tuple[str, int]

#: How often units were given back in each state; of a state that is not named, any number.
_RELEASES = {
    **{state.value: 0 for state in HELD},
    ReservationState.RELEASED.value: 1,
    ReservationState.EXPIRED.value: 1,
    ReservationState.SHIPPED.value: 0,
}


async def _compare(mall: Mall, keys: Sequence[_Key]) -> Differences[_Key]:
    numbers, wanted = {number for number, _ in keys}, set(keys)
    async with mall.stores.database.moment(seconds=SECONDS) as session:
        by_number = await reservations.by_numbers(session, numbers)
        known = await orders.by_numbers(session, numbers)
        moved = await stock_sums.units_of_orders(session, numbers)
    kept = {(one.number, one.level_id): one for some in by_number.values() for one in some}
    found = {}
    for key, one in kept.items():
        if key in wanted:
            facts = [("has an order", True, one.number in known), *_facts(one, moved)]
            found[key] = compared(NAME, f"{one.number} of level {one.level_id}", facts)
    return {key: differences for key, differences in found.items() if differences}


def _facts(
    one: Reservation, moved: Mapping[tuple[str, int, str], tuple[int, int]]
) -> Iterator[tuple[str, object, object]]:
    def reserved(kind: str) -> int:
        return moved.get((one.number, one.level_id, kind), (0, 0))[1]

    yield f"movements that reserve {one.quantity}", one.quantity, reserved(RESERVE)
    # What is called back is kept again.
    left = -reserved(StockMovementKind.SHIP.value) - reserved(StockMovementKind.RETURN.value)
    yield "units that were shipped, by movements", one.shipped_quantity, left
    if one.state in _RELEASES:
        # What left and was lost on its way was kept no longer.
        still = one.quantity - one.shipped_quantity
        released = f"movements that release {still}, as it is {one.state}"
        yield released, _RELEASES[one.state] * still, -reserved(RELEASE)


RESERVATIONS = Check(
    name=NAME,
    about="Each reservation belongs to an order, was taken from stock by movements, shipped by "
    "others, and given back if it is released or expired.",
    page=walking(walks.RESERVATIONS),
    compare=_compare,
)

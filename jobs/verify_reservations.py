"""Reservations: each was taken from its level once, and given back once or not at all."""

from collections import Counter
from collections.abc import Iterator, Sequence

from jobs.verify_check import SECONDS, Check, Differences, compared, walking
from resolvers.context import Mall
from stores import orders, reservations, stock_sums, walks
from stores.reservations import HELD, RELEASE, RESERVE, Reservation, ReservationState

NAME = "reservations"

_Key = tuple[str, int]

#: How often units were given back in each state; of a state that is not named, any number.
_RELEASES = {
    **{state.value: 0 for state in HELD},
    ReservationState.RELEASED.value: 1,
    ReservationState.EXPIRED.value: 1,
}


async def _compare(mall: Mall, keys: Sequence[_Key]) -> Differences[_Key]:
    numbers, wanted = {number for number, _ in keys}, set(keys)
    async with mall.stores.database.moment(seconds=SECONDS) as session:
        by_number = await reservations.by_numbers(session, numbers)
        known = await orders.by_numbers(session, numbers)
        moved = await stock_sums.moves_of_orders(session, numbers)
    kept = {(one.number, one.level_id): one for some in by_number.values() for one in some}
    found = {}
    for key, one in kept.items():
        if key in wanted:
            facts = [("has an order", True, one.number in known), *_facts(one, moved)]
            found[key] = compared(NAME, f"{one.number} of level {one.level_id}", facts)
    return {key: differences for key, differences in found.items() if differences}


def _facts(
    one: Reservation, moved: Counter[stock_sums.Move]
) -> Iterator[tuple[str, object, object]]:
    taken = stock_sums.Move(one.number, one.level_id, RESERVE, one.quantity)
    given = stock_sums.Move(one.number, one.level_id, RELEASE, -one.quantity)
    yield f"movements that reserve {one.quantity}", 1, moved[taken]
    if one.state in _RELEASES:
        released = f"movements that release {one.quantity}, as it is {one.state}"
        yield released, _RELEASES[one.state], moved[given]


RESERVATIONS = Check(
    name=NAME,
    about="Each reservation belongs to an order, was taken from stock by one movement, and was "
    "given back by one if it is released or expired.",
    page=walking(walks.RESERVATIONS),
    compare=_compare,
)

"""The stock of orders: kept when one is placed, given back once when it ends."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from stores import inventory, reservations
from stores.checkouts import Checkout
from stores.inventory_errors import InsufficientStock
from stores.orders import Order
from stores.reservations import (
    HELD,
    RELEASE,
    RESERVE,
    Cause,
    Reservation,
    ReservationState,
)
from stores.sql import WriteSession


async def keep(
    session: WriteSession, order: Order, checkout: Checkout, new_id: Callable[[], int]
) -> None:
    """Keep the units of a new order until it ends. Raises InsufficientStock for a short line."""
    kept = _in_order(await _reservations(session, order, checkout, new_id))
    await reservations.add(session, kept)
    cause = Cause(order.number, order.user_id, order.placed_at)
    await reservations.record(session, kept, RESERVE, cause, new_id)
    # The rows that everybody wants come last, each compared and set in one step.
    if len(kept) > 1 and await reservations.take_all(session, kept):
        return
    # One by one, to tell which line is short; one that suffices by now is taken after all.
    for one in kept:
        if not await reservations.take(session, one.level_id, one.quantity):
            raise await _short(session, checkout, one.variant_id, one.quantity)


async def commit(session: WriteSession, order: Order) -> None:
    """Keep for good what is kept for an order until it is paid."""
    await reservations.commit(session, order.number)


async def let_go(session: WriteSession, order: Order, to: ReservationState) -> list[Reservation]:
    """End what is kept for an order, and return it: its units are given back once.

    Units that left, and were lost on their way, are kept no longer, and are no part of it.
    """
    states = [state.value for state in HELD]
    kept = await reservations.by_number(session, order.number)
    held = [one for one in kept if one.state in states]
    ended = [one for one in held if await reservations.move(session, one, to, None)]
    left = [replace(one, quantity=one.quantity - one.shipped_quantity) for one in ended]
    return [one for one in left if one.quantity]


async def give_back(
    session: WriteSession, held: Sequence[Reservation], cause: Cause, new_id: Callable[[], int]
) -> None:
    """Make the units of ended reservations available again, and say so in the stock log."""
    await reservations.record(session, held, RELEASE, cause, new_id)
    for one in _in_order(held):
        await reservations.give_back(session, one.level_id, one.quantity)


def _in_order(kept: Sequence[Reservation]) -> list[Reservation]:
    """Return reservations in the one order in which everybody locks their levels."""
    return sorted(kept, key=lambda one: (one.variant_id, one.warehouse_id))


async def _reservations(
    session: WriteSession, order: Order, checkout: Checkout, new_id: Callable[[], int]
) -> list[Reservation]:
    units = checkout.units()
    shelves = await reservations.shelves(session, units)
    for variant_id in units.keys() - shelves.keys():
        raise await _short(session, checkout, variant_id, units[variant_id])
    state = ReservationState.ACTIVE if order.expires_at else ReservationState.COMMITTED
    return [
        Reservation(
            number=order.number,
            level_id=shelves[variant_id].level_id,
            id=new_id(),
            variant_id=variant_id,
            warehouse_id=shelves[variant_id].warehouse_id,
            quantity=count,
            state=state.value,
            expires_at=order.expires_at,
        )
        for variant_id, count in units.items()
    ]


async def _short(
    session: WriteSession, checkout: Checkout, variant_id: int, requested: int
) -> InsufficientStock:
    left = (await inventory.available(session, [variant_id])).get(variant_id, 0)
    place = next(n for n, line in enumerate(checkout.lines) if line.variant_id == variant_id)
    return InsufficientStock(variant_id, requested, left, ("lines", str(place), "quantity"))

"""Stock that leaves in parcels and comes back: units on hand, and what is kept of them.

The levels change last and in one order, by statements that read and write in one step.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import BigInteger, Update, bindparam, case, or_, update

from stores import inventory_levels, outbox, stock_movements
from stores.columns import Instant
from stores.inventory_levels import MAX_UNITS, InventoryLevel
from stores.reservations import Cause, Reservation, ReservationState, reservations
from stores.sql import WriteSession
from stores.stock_movements import StockMovement, StockMovementKind

_KEPT, _LEVELS = reservations.c, inventory_levels.inventory_levels.c
_UNITS, _AT = bindparam("units", type_=BigInteger), bindparam("at", type_=Instant)
_COMMITTED, _SHIPPED = ReservationState.COMMITTED.value, ReservationState.SHIPPED.value
_LEFT = _KEPT.quantity - _KEPT.shipped_quantity
# Not by IN: a statement that runs for several rows at once takes no list.
_IS_KEPT = or_(_KEPT.state == _COMMITTED, _KEPT.state == _SHIPPED)


def _of_order() -> Update:
    mine = _KEPT.number == bindparam("its_number"), _KEPT.level_id == bindparam("level")
    return update(reservations).where(*mine)


# MySQL sets columns one after the other, and a later one sees the new value of an earlier one;
# so the state comes first.
_TAKE_OUT = (
    _of_order()
    .where(_KEPT.state == _COMMITTED, _LEFT >= _UNITS)
    .ordered_values(
        (_KEPT.state, case((_LEFT == _UNITS, _SHIPPED), else_=_COMMITTED)),
        (_KEPT.shipped_quantity, _KEPT.shipped_quantity + _UNITS),
    )
)
_PUT_BACK = (
    _of_order()
    .where(_IS_KEPT, _KEPT.shipped_quantity >= _UNITS)
    .values(shipped_quantity=_KEPT.shipped_quantity - _UNITS, state=_COMMITTED)
)
_GROW = _of_order().where(_IS_KEPT).values(quantity=_KEPT.quantity + _UNITS, state=_COMMITTED)


def _moved(on_hand: int, reserved: int) -> Update:
    """Return a change of a level by units, up or down."""
    after, kept = _LEVELS.on_hand + on_hand * _UNITS, _LEVELS.reserved + reserved * _UNITS
    statement = update(inventory_levels.inventory_levels).where(
        _LEVELS.id == bindparam("level"), after >= kept, kept >= 0, after <= MAX_UNITS
    )
    return statement.values(
        on_hand=after,
        reserved=kept,
        log_id=_LEVELS.log_id + 1,
        version=_LEVELS.version + 1,
        updated_at=_AT,
    )


@dataclass(frozen=True, slots=True)
class Flow:
    """A way in which units move: what kind of movement, and how each changes a level."""

    kind: StockMovementKind
    on_hand: int
    reserved: int


#: Leaves for whom it was kept; comes back and is kept again; comes back and can be bought.
LEAVES = Flow(StockMovementKind.SHIP, -1, -1)
IS_CALLED_BACK = Flow(StockMovementKind.RETURN, 1, 1)
COMES_BACK = Flow(StockMovementKind.RETURN, 1, 0)
_FLOWS = {
    flow: _moved(flow.on_hand, flow.reserved) for flow in (LEAVES, IS_CALLED_BACK, COMES_BACK)
}


@dataclass(frozen=True, slots=True)
class Parcel:
    """Units of one level that move; `product_id` is told to whoever shows its stock."""

    kept: Reservation
    units: int
    product_id: int


async def take_out(session: WriteSession, parcels: Sequence[Parcel]) -> bool:
    """Take units out of what is kept for their order; False, and none, if one has too few."""
    return await session.update_all(_TAKE_OUT, [_of(one) for one in parcels])


async def put_back(session: WriteSession, parcels: Sequence[Parcel]) -> bool:
    """Keep units again that were taken out; False, and none, if one had fewer."""
    return await session.update_all(_PUT_BACK, [_of(one) for one in parcels])


async def grow(session: WriteSession, kept: Reservation, units: int) -> None:
    """Count units that are kept beside those of an order, as others of it are lost."""
    row = {"its_number": kept.number, "level": kept.level_id, "units": units}
    await session.update_all(_GROW, [row])


@dataclass(frozen=True, slots=True)
class Errand:
    """Why units move, and how; `once` names what may happen one time only."""

    flow: Flow
    cause: Cause
    once: str
    new_id: Callable[[], int]


async def move(session: WriteSession, errand: Errand, parcels: Sequence[Parcel]) -> bool:
    """Move units of levels and write that down; False, and none, if one level cannot.

    Raises UniqueViolation if it has happened before.
    """
    at = errand.cause.at
    in_order = sorted(parcels, key=lambda one: (one.kept.variant_id, one.kept.warehouse_id))
    rows = [{"level": one.kept.level_id, "units": one.units, "at": at} for one in in_order]
    if not await session.update_all(_FLOWS[errand.flow], rows):
        return False
    # Nobody else changes the levels until the end: what they are now is what came of this.
    now = await inventory_levels.by_ids(session, [one.kept.level_id for one in in_order])
    await _tell(session, errand, [(one, now[one.kept.level_id]) for one in in_order])
    return True


async def _tell(
    session: WriteSession, errand: Errand, moved: Sequence[tuple[Parcel, InventoryLevel]]
) -> None:
    told = [(one, level, _movement(errand, one, level)) for one, level in moved]
    onces = [f"{errand.flow.kind.value}:{errand.once}:{level.id}" for _, level in moved]
    await stock_movements.append_once(session, [movement for *_, movement in told], onces)
    events = [
        stock_movements.event(errand.new_id(), movement, level, one.product_id)
        for one, level, movement in told
    ]
    await outbox.append(session, *events)


def _movement(errand: Errand, one: Parcel, level: InventoryLevel) -> StockMovement:
    flow, cause = errand.flow, errand.cause
    return StockMovement(
        id=errand.new_id(),
        level_id=level.id,
        log_id=level.log_id,
        kind=flow.kind.value,
        on_hand_delta=flow.on_hand * one.units,
        reserved_delta=flow.reserved * one.units,
        on_hand_after=level.on_hand,
        reserved_after=level.reserved,
        reason=None,
        reference=cause.number,
        occurred_at=cause.at,
        actor_id=cause.actor_id,
    )


def _of(one: Parcel) -> Mapping[str, object]:
    return {"its_number": one.kept.number, "level": one.kept.level_id, "units": one.units}

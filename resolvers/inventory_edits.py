"""Changing stock by hand: added to, taken from, counted or moved, all of it or nothing.

The database adds the units itself, as long as the row is as it must be; what came of it is read
behind that, while nobody else can change it. So equal edits wait for one another in a line, where
comparing what was read before would send most of them back to the start.
"""

from dataclasses import dataclass
from datetime import datetime

from resolvers.commands import UNCHANGED
from resolvers.context import STAFF, Context
from resolvers.inventory_changes import AdjustInventory, InventoryChange
from resolvers.mutations import Mutation, Targets
from resolvers.products import is_staff_of
from stores import inventory_levels, outbox, products, stock_movements, warehouses
from stores.drivers import Retryable, UniqueViolation
from stores.errors import Invalid, LimitExceeded, NotFound, Refusal, Required, VersionConflict
from stores.inventory_errors import InsufficientStock
from stores.inventory_levels import MAX_UNITS, InventoryLevel, LevelChange
from stores.products import Variant
from stores.sql import WriteSession
from stores.stock_movements import StockMovement


@dataclass(frozen=True, slots=True)
class _Step:
    """One change, where it stands in the input, and its level as it was read."""

    path: tuple[str, str]
    change: InventoryChange
    variant: Variant
    before: InventoryLevel | None

    def delta(self) -> int | None:
        """Return the units to add or take, None if it is not about units."""
        if self.change.set_to is None:
            return self.change.delta
        return self.change.set_to - (self.before.on_hand if self.before else 0)

    def is_stale(self) -> bool:
        """Return whether it is about another version than was read.

        What was counted becomes a delta of what was read, so the two must be of one version.
        """
        told = self.change.version
        return self.before is not None and told not in (None, self.before.version)

    def unit_path(self) -> tuple[str, ...]:
        """Return where the input says how many units."""
        return *self.path, "onHand", "delta" if self.change.set_to is None else "setTo"


async def _adjust(
    session: WriteSession, ctx: Context, command: AdjustInventory, targets: Targets
) -> None:
    now = ctx.clock()
    steps = await _steps(session, ctx, command)
    # In the order in which orders take their stock, so that nobody waits in a circle.
    for step in sorted(steps, key=lambda one: one.change.place()):
        if step.before is None:
            await _begin(session, ctx, step, now)
        else:
            await _change(session, step, step.before, now)
    after = await inventory_levels.by_places(session, [one.change.place() for one in steps])
    moved = [(step, after[step.change.place()]) for step in steps if step.change.moves()]
    movements = [
        _movement(ctx, command, step, level, id_)
        for (step, level), id_ in zip(moved, targets["movements"], strict=True)
    ]
    await stock_movements.append(session, movements)
    events = [
        stock_movements.event(ctx.ids.next(), movement, level, step.variant.product_id)
        for (step, level), movement in zip(moved, movements, strict=True)
    ]
    await outbox.append(session, *events)


async def _steps(session: WriteSession, ctx: Context, command: AdjustInventory) -> list[_Step]:
    changes = command.changes
    their = await products.variants_by_ids(session, {one.variant_id for one in changes})
    homes = await warehouses.by_ids(session, {one.warehouse_id for one in changes})
    levels = await inventory_levels.by_places(session, [one.place() for one in changes])
    steps = []
    for path, change in command.placed():
        variant, warehouse = their.get(change.variant_id), homes.get(change.warehouse_id)
        if variant is None or not is_staff_of(ctx, variant.merchant_id):
            raise NotFound("variant", (*path, "variantId"))
        if warehouse is None or not is_staff_of(ctx, warehouse.merchant_id):
            raise NotFound("warehouse", (*path, "warehouseId"))
        if warehouse.merchant_id != variant.merchant_id:
            raise Invalid("Choose a warehouse of the variant's merchant.", (*path, "warehouseId"))
        steps.append(_Step(path, change, variant, levels.get(change.place())))
    return steps


async def _begin(session: WriteSession, ctx: Context, step: _Step, now: datetime) -> None:
    """Write the level that there was not."""
    _check_first(step)
    try:
        await inventory_levels.add(session, _first(ctx, step, now))
    except UniqueViolation as error:
        # Somebody else made it meanwhile: begin again, and change that.
        raise Retryable from error


def _check_first(step: _Step) -> None:
    change, delta = step.change, step.delta()
    if change.version is not None:
        raise Invalid(
            "There is no stock of this variant in this warehouse yet; leave the version out.",
            (*step.path, "version"),
        )
    if delta is not None and delta < 0:
        raise InsufficientStock(change.variant_id, -delta, 0, step.unit_path())


def _first(ctx: Context, step: _Step, now: datetime) -> InventoryLevel:
    change, delta, point = step.change, step.delta(), step.change.reorder_point
    return InventoryLevel(
        id=ctx.ids.next(),
        version=1,
        updated_at=now,
        variant_id=change.variant_id,
        warehouse_id=change.warehouse_id,
        on_hand=delta or 0,
        reserved=0,
        reorder_point=None if point is UNCHANGED else point,
        log_id=0 if delta is None else 1,
        merchant_id=step.variant.merchant_id,
    )


async def _change(
    session: WriteSession, step: _Step, before: InventoryLevel, now: datetime
) -> None:
    change = step.change
    has_point = change.reorder_point is not UNCHANGED
    is_absolute = change.set_to is not None or has_point
    if is_absolute and change.version is None:
        raise Required(
            f"This level is at version {before.version}; send the version that you have read, or "
            "a delta alone.",
            (*step.path, "version"),
        )
    wanted = LevelChange(
        id=before.id,
        delta=step.delta(),
        version=change.version,
        has_reorder_point=has_point,
        reorder_point=None if change.reorder_point is UNCHANGED else change.reorder_point,
    )
    if step.is_stale() or not await inventory_levels.change(session, wanted, now):
        raise await _why(session, step)


async def _why(session: WriteSession, step: _Step) -> Refusal | Retryable:
    """Return why a level did not change; it may have become right since."""
    change, delta = step.change, step.delta() or 0
    now = (await inventory_levels.by_places(session, [change.place()])).get(change.place())
    if now is None:
        return Retryable()
    if change.version not in (None, now.version):
        return VersionConflict("InventoryLevel", now.version, now, (*step.path, "version"))
    if now.on_hand + delta < now.reserved:
        return InsufficientStock(change.variant_id, -delta, now.available(), step.unit_path())
    if now.on_hand + delta > MAX_UNITS:
        reason = f"A level has at most {MAX_UNITS} units; this one has {now.on_hand}."
        return LimitExceeded(reason, step.unit_path())
    return Retryable()


def _movement(
    ctx: Context, command: AdjustInventory, step: _Step, level: InventoryLevel, id_: int
) -> StockMovement:
    return StockMovement(
        id=id_,
        level_id=level.id,
        log_id=level.log_id,
        kind=command.kind.value,
        on_hand_delta=step.delta() or 0,
        reserved_delta=0,
        on_hand_after=level.on_hand,
        reserved_after=level.reserved,
        reason=command.reason.strip(),
        reference=command.reference,
        occurred_at=level.updated_at,
        actor_id=ctx.require(STAFF).id,
    )


def _targets(ctx: Context, command: AdjustInventory) -> Targets:
    return {
        "levels": [list(change.place()) for change in command.changes],
        "movements": [ctx.ids.next() for change in command.changes if change.moves()],
    }


ADJUST_INVENTORY = Mutation(
    name="adjustInventory",
    roles=STAFF,
    kind="InventoryLevel",
    targets=_targets,
    rule=_adjust,
)

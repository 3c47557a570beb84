"""Changing stock by hand."""

from typing import Annotated

import strawberry

import resolvers.inventory_levels
from graph.batch import Info
from graph.declare import attribute, gql_enum, gql_input, gql_type, mutation
from graph.inventory_levels import InventoryLevel
from graph.operation_status import finds
from graph.optional import changed, given
from graph.payloads import ending, late
from graph.products import VARIANT
from graph.stock_movements import MOVEMENT, StockMovement
from graph.user_errors import UserError
from graph.warehouses import WAREHOUSE
from resolvers.context import STAFF, Context
from resolvers.inventory_changes import AdjustInventory, InventoryChange, InventoryChangeKind
from resolvers.inventory_edits import ADJUST_INVENTORY
from resolvers.mutations import Targets, run

gql_enum(
    InventoryChangeKind,
    RECEIVE="Goods came in.",
    ADJUST="A correction.",
    COUNT="The result of counting.",
    TRANSFER="From one warehouse to another: the deltas of a variant sum to 0.",
)


@gql_input(one_of=True)
class OnHandChangeInput:
    """Exactly one way to change the units on hand."""

    delta: Annotated[int | None, attribute("Units to add, or to take if negative.")] = (
        strawberry.UNSET
    )
    set_to: Annotated[int | None, attribute("Units that were counted.")] = strawberry.UNSET


@gql_input()
class InventoryChangeInput:
    """A change of one stock level, made if there is none."""

    variant_id: strawberry.ID
    warehouse_id: strawberry.ID
    on_hand: Annotated[
        OnHandChangeInput | None, attribute("Left out if only the reorder point changes.")
    ] = strawberry.UNSET
    reorder_point: int | None = strawberry.UNSET
    version: Annotated[
        int | None, attribute("Of the level; needed, except with delta alone or for a new level.")
    ] = strawberry.UNSET

    def change(self, *path: str) -> InventoryChange:
        """Return the change that stands at `path`. Raises Invalid."""
        on_hand = given(self.on_hand)
        return InventoryChange(
            variant_id=VARIANT.key(self.variant_id, *path, "variantId"),
            warehouse_id=WAREHOUSE.key(self.warehouse_id, *path, "warehouseId"),
            delta=given(on_hand.delta) if on_hand else None,
            set_to=given(on_hand.set_to) if on_hand else None,
            reorder_point=changed(self.reorder_point),
            version=given(self.version),
        )


@gql_input()
class AdjustInventoryInput:
    """What adjustInventory needs."""

    changes: Annotated[list[InventoryChangeInput], attribute("At most 100.")]
    kind: InventoryChangeKind = InventoryChangeKind.ADJUST
    reason: str
    reference: Annotated[str | None, attribute("Delivery note or the like.")] = strawberry.UNSET

    def command(self) -> AdjustInventory:
        """Return the command. Raises Invalid, Required or LimitExceeded."""
        return AdjustInventory(
            changes=tuple(
                change.change("changes", str(number)) for number, change in enumerate(self.changes)
            ),
            reason=self.reason,
            kind=self.kind,
            reference=given(self.reference),
        )


@gql_type(public=True)
class AdjustInventoryPayload:
    """What adjustInventory gives back."""

    levels: Annotated[
        list[InventoryLevel] | None, attribute("In the order of the changes.", public=True)
    ]
    movements: Annotated[
        list[StockMovement] | None, attribute("One for each change of onHand.", public=True)
    ]
    is_replay: bool
    user_errors: list[UserError]


@finds(ADJUST_INVENTORY.name)
async def _first_level(ctx: Context, targets: Targets) -> InventoryLevel | None:
    found = await _levels(ctx, targets)
    return found[0] if found else None


@mutation(roles=STAFF)
async def adjust_inventory(
    info: Info, idempotency_key: strawberry.ID, input: AdjustInventoryInput
) -> AdjustInventoryPayload | None:
    """Adds to, takes from, sets or moves stock: all changes or none."""
    ctx = info.context
    outcome = await run(ctx, ADJUST_INVENTORY, idempotency_key, input.command)
    done = outcome.targets
    return AdjustInventoryPayload(
        levels=None if done is None else await late(outcome, _levels(ctx, done)),
        movements=None if done is None else await late(outcome, _movements(ctx, done)),
        **ending(ctx, outcome),
    )


async def _levels(ctx: Context, targets: Targets) -> list[InventoryLevel]:
    places = [(variant, warehouse) for variant, warehouse in targets["levels"]]
    rows = await resolvers.inventory_levels.by_places(ctx, places)
    return [InventoryLevel.of(ctx, row) for row in rows if row]


async def _movements(ctx: Context, targets: Targets) -> list[StockMovement]:
    return [one for one in await MOVEMENT.many(ctx, targets["movements"]) if one]

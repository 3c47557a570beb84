"""What staff asks for when it changes stock by hand, and which of that makes sense."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from resolvers.commands import UNCHANGED, Unchanged, check, check_text
from stores.errors import Invalid, LimitExceeded, Required
from stores.inventory_levels import MAX_UNITS, Place
from stores.stock_movements import REASON_LENGTH, REFERENCE_LENGTH

MAX_CHANGES = 100


class InventoryChangeKind(Enum):
    """Why staff change stock by hand."""

    RECEIVE = "RECEIVE"
    ADJUST = "ADJUST"
    COUNT = "COUNT"
    TRANSFER = "TRANSFER"


@dataclass(frozen=True, slots=True)
class InventoryChange:
    """A change of one level: units to add or take, or those that were counted, or neither."""

    variant_id: int
    warehouse_id: int
    delta: int | None = None
    set_to: int | None = None
    reorder_point: int | Unchanged | None = UNCHANGED
    version: int | None = None

    def place(self) -> Place:
        """Return what names its level."""
        return self.variant_id, self.warehouse_id

    def moves(self) -> bool:
        """Return whether it is about the units on hand."""
        return self.delta is not None or self.set_to is not None


@dataclass(frozen=True, slots=True)
class AdjustInventory:
    """Change levels, all of them or none."""

    changes: tuple[InventoryChange, ...]
    reason: str
    kind: InventoryChangeKind = InventoryChangeKind.ADJUST
    reference: str | None = None

    def __post_init__(self) -> None:
        """Raise Invalid, Required or LimitExceeded for what nobody can mean."""
        if not self.changes:
            raise Required("Send at least one change.", ("changes",))
        if len(self.changes) > MAX_CHANGES:
            raise LimitExceeded(
                f"{len(self.changes)} changes; send at most {MAX_CHANGES} at a time.", ("changes",)
            )
        check_text(self.reason, "reason", REASON_LENGTH)
        if self.reference is not None:
            check_text(self.reference, "reference", REFERENCE_LENGTH)
        for path, change in self.placed():
            _check_units(path, change)
            _check_kind(path, change, self.kind)
        _check_once(self)
        if self.kind is InventoryChangeKind.TRANSFER:
            _check_sums(self)

    def placed(self) -> Iterator[tuple[tuple[str, str], InventoryChange]]:
        """Yield each change with its path inside the input."""
        for number, change in enumerate(self.changes):
            yield ("changes", str(number)), change


def _check_units(path: tuple[str, str], change: InventoryChange) -> None:
    point = change.reorder_point
    if not change.moves() and point is UNCHANGED:
        raise Required("Say what changes: onHand, reorderPoint or both.", (*path, "onHand"))
    check(change.delta != 0, "0 changes nothing; leave it out.", *path, "onHand", "delta")
    counted = change.set_to is None or change.set_to >= 0
    check(counted, "Nobody counts fewer than 0 units.", *path, "onHand", "setTo")
    is_point = point is UNCHANGED or point is None or point >= 0
    check(is_point, "A reorder point is 0 or more units.", *path, "reorderPoint")
    units = {
        ("onHand", "delta"): change.delta,
        ("onHand", "setTo"): change.set_to,
        ("reorderPoint",): None if point is UNCHANGED else point,
    }
    for field, count in units.items():
        if count is not None and abs(count) > MAX_UNITS:
            raise LimitExceeded(f"A level has at most {MAX_UNITS} units.", (*path, *field))


def _check_kind(path: tuple[str, str], change: InventoryChange, kind: InventoryChangeKind) -> None:
    delta = change.delta
    match kind:
        case InventoryChangeKind.RECEIVE:
            is_right = not change.moves() or (delta is not None and delta > 0)
            reason = "RECEIVE adds: send a delta above 0, or ADJUST to correct."
        case InventoryChangeKind.COUNT:
            is_right = delta is None
            reason = "COUNT tells what was counted: send setTo, or ADJUST to add or take."
        case InventoryChangeKind.TRANSFER:
            is_right = delta is not None
            reason = "TRANSFER moves: send a delta for each of the two warehouses."
        case InventoryChangeKind.ADJUST:
            return
    check(is_right, reason, *path, "onHand")


def _check_once(command: AdjustInventory) -> None:
    first: dict[Place, str] = {}
    for path, change in command.placed():
        other = first.setdefault(change.place(), path[1])
        if other != path[1]:
            raise Invalid(
                f"This level stands in change {other} already; send one change for both.", path
            )


def _check_sums(command: AdjustInventory) -> None:
    sums: dict[int, int] = defaultdict(int)
    for change in command.changes:
        sums[change.variant_id] += change.delta or 0
    for path, change in command.placed():
        rest = sums[change.variant_id]
        check(
            rest == 0,
            f"The deltas of a variant sum to 0 in a TRANSFER; these sum to {rest}.",
            *(*path, "onHand", "delta"),
        )

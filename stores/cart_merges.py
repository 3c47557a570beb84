"""How the lines of a temporary cart are moved into a shopper's cart."""

from collections.abc import Mapping, Sequence
from enum import Enum

from stores.carts import Cart, CartLine, LineOutcome, OutcomeKind, line, with_lines


class MergeMode(Enum):
    """Which quantity counts where both carts hold a variant."""

    SUM = "SUM"
    KEEP_LARGER = "KEEP_LARGER"
    KEEP_SHOPPER = "KEEP_SHOPPER"
    KEEP_TEMPORARY = "KEEP_TEMPORARY"


def merge(
    cart: Cart, moved: Sequence[CartLine], mode: MergeMode, most: Mapping[int, int]
) -> tuple[Cart, tuple[LineOutcome, ...]]:
    """Return the cart with `moved` in it, and one outcome for each of them.

    `most` tells how many units a line may have, by variant; one that is not on sale is missing
    there. What the shopper has put in herself is never cut down by what is in stock, unless she
    chose the other cart's quantity. Raises LimitExceeded if there are too many lines.
    """
    lines = {one.variant_id: one for one in cart.lines}
    outcomes = []
    for theirs in moved:
        ours = lines.get(theirs.variant_id)
        outcome = _outcome(ours.quantity if ours else 0, theirs, mode, most.get(theirs.variant_id))
        if outcome.kind is not OutcomeKind.UNAVAILABLE and outcome.quantity > 0:
            lines[theirs.variant_id] = _line(cart.id, ours, theirs, outcome.quantity)
        elif outcome.kind is OutcomeKind.CLAMPED:
            lines.pop(theirs.variant_id, None)
        outcomes.append(outcome)
    return with_lines(cart, list(lines.values())), tuple(outcomes)


def _outcome(ours: int, theirs: CartLine, mode: MergeMode, most: int | None) -> LineOutcome:
    if most is None:
        return LineOutcome(OutcomeKind.UNAVAILABLE, theirs.variant_id, theirs.quantity, ours)
    wanted = _wanted(ours, theirs.quantity, mode)
    least = 0 if mode is MergeMode.KEEP_TEMPORARY else ours
    held = max(least, min(wanted, most))
    kind = OutcomeKind.MERGED if held >= wanted else OutcomeKind.CLAMPED
    return LineOutcome(kind, theirs.variant_id, theirs.quantity, held)


def _wanted(ours: int, theirs: int, mode: MergeMode) -> int:
    match mode:
        case MergeMode.SUM:
            return ours + theirs
        case MergeMode.KEEP_LARGER:
            return max(ours, theirs)
        case MergeMode.KEEP_SHOPPER:
            return ours or theirs
        case MergeMode.KEEP_TEMPORARY:
            return theirs


def _line(cart_id: int, ours: CartLine | None, theirs: CartLine, quantity: int) -> CartLine:
    price = ours.price_when_added_minor if ours else theirs.price_when_added_minor
    is_selected = theirs.is_selected or bool(ours and ours.is_selected)
    return line(cart_id, theirs.variant_id, quantity, price, is_selected=is_selected)

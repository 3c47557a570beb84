"""What may be done with carts: commands, valid from the start."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from resolvers.commands import check
from resolvers.coupon_codes import check_codes
from stores.cart_merges import MergeMode
from stores.carts import MAX_LINES, LineChange
from stores.errors import LimitExceeded


@dataclass(frozen=True, slots=True)
class Units:
    """Some units of a variant."""

    variant_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class AddLines:
    """Put units into a cart."""

    lines: tuple[Units, ...]
    version: int | None = None
    cart_token: str | None = None

    def __post_init__(self) -> None:
        """Raise Invalid or LimitExceeded for what no cart can take."""
        check(bool(self.lines), "Send at least one line.", "lines")
        _check_count(self.lines)
        for place, line in enumerate(self.lines):
            told = f"{line.quantity} units cannot be added; the least is 1."
            check(line.quantity >= 1, told, "lines", str(place), "quantity")


@dataclass(frozen=True, slots=True)
class UpdateLines:
    """Set quantity and selection of lines, and the coupons; others stay."""

    lines: tuple[LineChange, ...] = ()
    version: int | None = None
    cart_token: str | None = None
    #: All that the cart shall have, None for those that it has.
    coupon_codes: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        """Raise Invalid or LimitExceeded for what no line, or no coupon, can be."""
        _check_count(self.lines)
        check_codes(self.coupon_codes or ())
        seen: set[int] = set()
        for place, line in enumerate(self.lines):
            at = ("lines", str(place))
            told = f"{line.quantity} is no quantity; 0 removes the line."
            check(line.quantity is None or line.quantity >= 0, told, *at, "quantity")
            check(line.line_id not in seen, "This line is named twice.", *at, "lineId")
            seen.add(line.line_id)


@dataclass(frozen=True, slots=True)
class MergeToken:
    """Move a temporary cart into the viewer's own."""

    mode: MergeMode = MergeMode.SUM
    cart_token: str | None = None


def _check_count(lines: Sequence[Any]) -> None:
    if len(lines) > MAX_LINES:
        raise LimitExceeded(f"{len(lines)} lines; at most {MAX_LINES} at a time.", ("lines",))

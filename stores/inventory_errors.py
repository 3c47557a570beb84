"""Why a change of stock is refused."""

from dataclasses import dataclass

from stores.errors import ErrorCode, Refusal


@dataclass(eq=False)
class InsufficientStock(Refusal):
    """Fewer units are left than asked for."""

    code = ErrorCode.INSUFFICIENT_STOCK
    sentence = "{requested} units were asked for, {available} are left."
    variant_id: int
    requested: int
    available: int
    field: tuple[str, ...] = ()

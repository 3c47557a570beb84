"""Why a checkout is refused, or does not become an order."""

from dataclasses import dataclass

from stores.errors import ErrorCode, Refusal


@dataclass(eq=False)
class PriceChanged(Refusal):
    """The total is not the expected one; `preview` is what the order would cost now."""

    code = ErrorCode.PRICE_CHANGED
    sentence = "The order would cost {total} now; show that to the buyer, and send it as expected."
    total: str
    preview: object
    field: tuple[str, ...] = ("expectedTotal",)


@dataclass(eq=False)
class CheckoutExpired(Refusal):
    """The checkout ran out of time."""

    code = ErrorCode.CHECKOUT_EXPIRED
    sentence = "The checkout {number} ran out of time; begin it again."
    number: str
    field: tuple[str, ...] = ("orderNumber",)


@dataclass(eq=False)
class OrderNumberUsed(Refusal):
    """The checkout has become an order before, under another key."""

    code = ErrorCode.ORDER_NUMBER_USED
    sentence = "The order {number} has been placed already; look at it before buying again."
    number: str
    field: tuple[str, ...] = ("orderNumber",)

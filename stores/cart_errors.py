"""Why a cart is refused."""

from dataclasses import dataclass

from stores.errors import ErrorCode, Refusal


@dataclass(eq=False)
class CartEmpty(Refusal):
    """There is nothing to order."""

    code = ErrorCode.CART_EMPTY
    sentence = "No line of the cart is selected; add one, or select one."
    field: tuple[str, ...] = ()


@dataclass(eq=False)
class CartTokenInvalid(Refusal):
    """The token of a temporary cart is forged, expired, or its cart was merged already."""

    code = ErrorCode.CART_TOKEN_INVALID
    sentence = "{reason}"
    reason: str
    field: tuple[str, ...] = ()

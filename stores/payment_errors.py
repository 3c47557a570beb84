"""Why a payment, a capture or a refund is refused."""

from dataclasses import dataclass

from stores.errors import ErrorCode, Refusal


@dataclass(eq=False)
class AmountExceeded(Refusal):
    """More money than is left to pay, to capture or to refund; `maximum_minor` is what is left."""

    code = ErrorCode.AMOUNT_EXCEEDED
    sentence = "That is more than is left; details tell how much that is."
    maximum_minor: int
    field: tuple[str, ...] = ("amount",)


@dataclass(eq=False)
class PaymentDeclined(Refusal):
    """The provider refused; the payment is kept, and has ended."""

    code = ErrorCode.PAYMENT_DECLINED
    sentence = "The provider refused the payment; try another way to pay, with a new key."
    field: tuple[str, ...] = ()


@dataclass(eq=False)
class PaymentPending(Refusal):
    """The provider has not told the outcome yet; what was asked is kept, and is asked again."""

    code = ErrorCode.PAYMENT_PENDING
    sentence = "The provider has not answered yet; send the same again in a moment to learn more."
    field: tuple[str, ...] = ()

"""Ways to pay: from the shopper's balance, and by card through the provider that is set."""

from dataclasses import dataclass
from datetime import timedelta

from resolvers.context import Context
from stores.errors import NotFound


@dataclass(frozen=True, slots=True)
class PaymentMethod:
    """A way to pay; `is_held` if the money is only kept ready, until somebody captures it."""

    code: str
    title: str
    is_held: bool = False


BALANCE = PaymentMethod("BALANCE", "Balance")
CARD = PaymentMethod("CARD", "Card")
CARD_LATER = PaymentMethod("CARD_LATER", "Card, charged later", is_held=True)
#: All there ever were, so that old payments can be shown.
ALL = {one.code: one for one in (BALANCE, CARD, CARD_LATER)}
_OF_PROVIDER = (CARD, CARD_LATER)
#: The accounts' database answers at once, or is asked again after so long.
_BALANCE_SECONDS = 10.0


def offered(ctx: Context) -> list[PaymentMethod]:
    """Return the ways to pay an order."""
    return [BALANCE, *(_OF_PROVIDER if ctx.stores.cards else ())]


def chosen(ctx: Context, code: str, *, for_balance: bool = False) -> PaymentMethod:
    """Return the way to pay that has this code. Raises NotFound.

    A balance is paid into by what is charged at once.
    """
    for method in offered(ctx):
        if method.code == code and not (for_balance and method is not CARD):
            return method
    raise NotFound("way to pay; take one that paymentMethods tells", ("methodCode",))


def patience(ctx: Context, code: str) -> timedelta:
    """Return how long an answer is waited for from whoever holds the money."""
    longest = _BALANCE_SECONDS if code == BALANCE.code else ctx.resume_seconds
    return timedelta(seconds=min(longest, ctx.resume_seconds))

"""What payments post to the ledger, split as the order was made up.

The parts of a sum are shares of what the order has in all, reckoned from what was posted before:
so the last coin of each part is posted with the last coin of the order. Tax is a share of the
sum, and delivery one of what is left of it: a coin more is a coin of one part, and takes none of
another.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from resolvers.context import Context
from resolvers.payment_methods import BALANCE
from stores.ledger import Draft, EntrySide, Posting, Transaction, TransactionKind
from stores.ledger_accounts import STRIPES, AccountKind, Place, of_shop, of_user
from stores.orders import Order
from stores.payments import Payment
from stores.refunds import Refund

#: Digits of an order number that count up.
_SERIAL = slice(6, 14)


@dataclass(frozen=True, slots=True)
class Parts:
    """What a sum is made of, in minor units; the rest of it is goods."""

    tax: int
    shipping: int
    discount: int = 0


def stripe(payment: Payment) -> int:
    """Return which part of the shop's accounts a payment is posted to."""
    number = int(payment.number[_SERIAL]) if payment.number else payment.id
    return number % STRIPES


def parts(order: Order, before: int, amount: int) -> Parts:
    """Return what `amount` of an order's total is made of, of which `before` was told already."""
    first, last = _parts_of(order, before), _parts_of(order, before + amount)
    return Parts(
        last.tax - first.tax, last.shipping - first.shipping, last.discount - first.discount
    )


def _parts_of(order: Order, amount: int) -> Parts:
    """Return what the first `amount` of an order's total is made of."""
    tax = order.tax_minor * amount // order.total_minor
    untaxed = order.total_minor - order.tax_minor
    # What was added to the price is no expense, but revenue.
    discount = max(order.discount_minor, 0) * amount // order.total_minor
    shipping = order.shipping_minor * (amount - tax) // untaxed if untaxed else 0
    return Parts(tax, shipping, discount)


def capture(
    ctx: Context, payment: Payment, order: Order | None, amount: int, at: datetime
) -> Posting:
    """Return what is posted when money came; `order` if it counts for one, as it is behind that."""
    here = stripe(payment)
    if payment.number is None:
        rows = [(of_user(payment.user_id), -amount)]
    elif order is None:
        # It goes back by itself.
        rows = [(of_shop(AccountKind.REFUND_EXPENSE, here), -amount)]
    else:
        rows = _sold(parts(order, order.paid_minor - amount, amount), amount, here)
    kind = TransactionKind.PAYMENT if payment.number else TransactionKind.DEPOSIT
    transaction = Transaction(ctx.ids.next(), kind.value, reference(payment), at)
    return _posting(ctx, transaction, [(source(payment), amount), *rows])


def take(ctx: Context, payment: Payment, at: datetime) -> Posting:
    """Return what is posted when money is taken from a balance before it counts for an order."""
    rows = [
        (of_user(payment.user_id), payment.amount_minor),
        (_clearing(payment), -payment.amount_minor),
    ]
    kind = TransactionKind.PAYMENT.value
    transaction = Transaction(ctx.ids.next(), kind, f"shop:take:{payment.id}", at)
    return _posting(ctx, transaction, rows)


def refund(ctx: Context, payment: Payment, row: Refund, at: datetime) -> Posting:
    """Return what is posted when money went back."""
    here = stripe(payment)
    goods = row.amount_minor - row.tax_minor - row.shipping_minor
    rows = [
        (of_shop(AccountKind.REFUND_EXPENSE, here), goods),
        (of_shop(AccountKind.TAX_PAYABLE, here), row.tax_minor),
        (of_shop(AccountKind.SHIPPING_INCOME, here), row.shipping_minor),
        (home(payment), -row.amount_minor),
    ]
    kind = TransactionKind.REFUND.value
    # Without the reason: words stay with the refund, where they can be cleared.
    transaction = Transaction(ctx.ids.next(), kind, went_back(row.id), at, row.actor_id)
    return _posting(ctx, transaction, rows)


def reference(payment: Payment) -> str:
    """Return the name that money which came is posted under."""
    return came(payment.id)


def came(payment_id: int) -> str:
    """Return the same by the id of the payment."""
    return f"shop:capture:{payment_id}"


def went_back(refund_id: int) -> str:
    """Return the name that money which went back is posted under."""
    return f"shop:refund:{refund_id}"


def source(payment: Payment) -> Place:
    """Return the account that a payment comes from.

    A balance whose money was taken before lies with the shop already, as that of a card does.
    """
    return _clearing(payment) if payment.provider_reference else home(payment)


def home(payment: Payment) -> Place:
    """Return the account that a payment goes back to."""
    if payment.method == BALANCE.code:
        return of_user(payment.user_id)
    return _clearing(payment)


def _clearing(payment: Payment) -> Place:
    return of_shop(AccountKind.PROVIDER_CLEARING, stripe(payment))


def _sold(of: Parts, amount: int, here: int) -> list[tuple[Place, int]]:
    goods = amount - of.tax - of.shipping + of.discount
    return [
        (of_shop(AccountKind.PROMOTION_EXPENSE, here), of.discount),
        (of_shop(AccountKind.REVENUE, here), -goods),
        (of_shop(AccountKind.TAX_PAYABLE, here), -of.tax),
        (of_shop(AccountKind.SHIPPING_INCOME, here), -of.shipping),
    ]


def _posting(ctx: Context, transaction: Transaction, rows: Sequence[tuple[Place, int]]) -> Posting:
    """Return a posting of amounts: those above zero are debited, those below are credited."""
    drafts = [
        Draft(place, EntrySide.DEBIT if amount > 0 else EntrySide.CREDIT, abs(amount))
        for place, amount in rows
        if amount
    ]
    return Posting(transaction, drafts, [ctx.ids.next() for _ in drafts], ctx.currency)

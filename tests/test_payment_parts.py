"""An order that is paid in parts: each part of its price is posted once, and never below zero."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers import payment_postings
from resolvers.payment_postings import Parts
from stores.ledger_accounts import AccountKind
from stores.orders import Order
from tests.test_refund_parts import order_of

_SUMS = st.integers(0, 30) | st.integers(0, 10**12)


@st.composite
def _orders(draw: st.DrawFn) -> Order:
    """Draw an order that costs something, of which goods, delivery or tax may be nothing."""
    tax, shipping, goods = draw(_SUMS), draw(_SUMS), draw(_SUMS)
    made = order_of(Random(1), ())
    total = tax + shipping + goods or 1
    return replace(
        made,
        tax_minor=tax,
        shipping_minor=shipping,
        discount_minor=draw(_SUMS) - draw(st.integers(0, 30)),
        total_minor=total,
    )


def _steps(order: Order, cuts: list[int]) -> list[tuple[int, Parts]]:
    """Return what an order is paid by, cut there, and what each sum is made of."""
    ends = sorted({cut % order.total_minor for cut in cuts} - {0})
    pairs = zip([0, *ends], [*ends, order.total_minor], strict=True)
    return [
        (end - begin, payment_postings.parts(order, begin, end - begin)) for begin, end in pairs
    ]


def _goods(amount: int, of: Parts) -> int:
    """Return what is posted as revenue."""
    rows = payment_postings._sold(of, amount, 0)
    (revenue,) = [minor for place, minor in rows if place.kind is AccountKind.REVENUE]
    return -revenue


@given(_orders(), st.lists(st.integers(0, 10**13), max_size=12))
def test_parts_of_a_price_add_up_and_none_is_below_zero(order: Order, cuts: list[int]) -> None:
    steps = _steps(order, cuts)
    posted = [(one.tax, one.shipping, one.discount, _goods(amount, one)) for amount, one in steps]

    discount = max(order.discount_minor, 0)
    goods = order.total_minor - order.tax_minor - order.shipping_minor + discount
    wanted = (order.tax_minor, order.shipping_minor, discount, goods)
    assert tuple(map(sum, zip(*posted, strict=True))) == wanted
    assert min(map(min, posted)) >= 0


def _each_of_the_whole(order: Order, amount: int) -> Parts:
    whole = order.total_minor
    return Parts(order.tax_minor * amount // whole, order.shipping_minor * amount // whole)


def test_twin_that_shares_each_part_by_itself_takes_revenue_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    order = replace(order_of(Random(1), ()), tax_minor=1, shipping_minor=1, total_minor=3)
    order = replace(order, discount_minor=0)
    both = [[_goods(amount, one) for amount, one in _steps(order, [1, 2])]]
    monkeypatch.setattr(payment_postings, "_parts_of", _each_of_the_whole)
    both.append([_goods(amount, one) for amount, one in _steps(order, [1, 2])])

    assert both == [[1, 0, 0], [1, 1, -1]]

"""Refunds of parts of an order add up, in whatever order and size they come."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from resolvers import payment_postings, refund_parts
from resolvers.payment_postings import Parts
from stores.errors import Invalid
from stores.orders import Order, OrderLine
from stores.refunds import Refund
from tests.ledger_books import NOON

ORDERS = 300


def _line(dice: random.Random, id_: int) -> OrderLine:
    total, units = dice.randint(0, 5_000), dice.randint(1, 7)
    tax = total * dice.choice((0, 7, 19)) // 119
    told: dict[str, Any] = dict.fromkeys(
        ("position", "variant_id", "product_id", "merchant_id", "snapshot_id"), id_
    )
    money: dict[str, Any] = {
        "unit_price_minor": 0,
        "discount_minor": 0,
        "tax_minor": tax,
        "total_minor": total,
    }
    words: dict[str, Any] = {"sku": "", "title": "", "options": [], "media": None, "number": "1"}
    return OrderLine(id=id_, quantity=units, **told, **money, **words)


def order_of(dice: random.Random, lines: Sequence[OrderLine]) -> Order:
    subtotal, shipping = sum(line.total_minor for line in lines), dice.randint(1, 900)
    tax, is_added = sum(line.tax_minor for line in lines), dice.random() < 0.5
    total = subtotal + shipping + (tax if is_added else 0)
    paid = total if dice.random() < 0.7 else dice.randint(1, total)
    return Order(
        number="1",
        version=1,
        updated_at=NOON,
        user_id=1,
        status="PAID",
        payment_status="PAID",
        placed_at=NOON,
        expires_at=None,
        shipping_address={},
        delivery={},
        subtotal_minor=subtotal,
        discount_minor=0,
        shipping_minor=shipping,
        tax_minor=tax,
        total_minor=total,
        note=None,
        paid_minor=paid,
    )


def _refund(id_: int, amount: int, parts: Parts, units: list[list[int]]) -> Refund:
    return Refund(
        id=id_,
        payment_id=1,
        sequence=id_,
        number="1",
        status="SUCCEEDED",
        amount_minor=amount,
        tax_minor=parts.tax,
        shipping_minor=parts.shipping,
        reason="",
        lines=units,
        created_at=NOON,
        actor_id=None,
        request_id=f"{id_}",
    )


def _one(
    dice: random.Random, order: Order, lines: Sequence[OrderLine], earlier: Sequence[Refund]
) -> Refund | None:
    """Give some money back, or all that is left; None if the units went back before."""
    left = order.paid_minor - sum(one.amount_minor for one in earlier)
    amount = left if dice.random() < 0.2 else dice.randint(1, left)
    id_, line = len(earlier) + 1, dice.choice(lines)
    units = dice.randint(1, line.quantity)
    if dice.random() < 0.4:
        return _refund(id_, amount, refund_parts.by_share(order, earlier, amount), [])
    try:
        parts = refund_parts.of_lines(order, lines, earlier, amount, [(line.id, units)])
    except Invalid:
        return None
    return _refund(id_, amount, parts, [[line.id, units]])


def wrong_sequences() -> list[str]:
    """Return what does not add up of many orders, each given back in many steps."""
    found = []
    for seed in range(ORDERS):
        dice = random.Random(seed)
        lines = [_line(dice, id_) for id_ in range(1, dice.randint(2, 6))]
        order, back = order_of(dice, lines), list[Refund]()
        while sum(one.amount_minor for one in back) < order.paid_minor:
            if one := _one(dice, order, lines, back):
                back.append(one)
        found += [f"{seed}: {one}" for one in _faults(order, back)]
    return found


def _faults(order: Order, back: Sequence[Refund]) -> list[str]:
    paid = payment_postings.parts(order, 0, order.paid_minor)
    sums = sum(one.tax_minor for one in back), sum(one.shipping_minor for one in back)
    found = [] if sums == (paid.tax, paid.shipping) else [f"{sums} of {paid} went back"]
    for one in back:
        goods = one.amount_minor - one.tax_minor - one.shipping_minor
        if min(goods, one.tax_minor, one.shipping_minor) < 0:
            found.append(f"{one} has a part below zero")
    return found


def test_parts_add_up_whatever_goes_back_in_which_steps() -> None:
    assert wrong_sequences() == []


def test_units_of_a_refund_that_failed_may_go_back_again() -> None:
    dice = random.Random(1)
    line = replace(_line(dice, 1), quantity=1, total_minor=119, tax_minor=19)
    order = replace(order_of(dice, [line]), paid_minor=119, total_minor=119, shipping_minor=0)
    failed = replace(_refund(1, 119, Parts(19, 0), [[1, 1]]), status="FAILED")
    earlier = refund_parts.standing([failed])

    assert refund_parts.of_lines(order, [line], earlier, 119, [(1, 1)]) == Parts(19, 0)
    with pytest.raises(Invalid):
        refund_parts.of_lines(order, [line], [failed], 119, [(1, 1)])


def _unfitted(_order: Order, _earlier: object, _amount: int, wanted: Parts) -> Parts:
    return wanted


def _only_so_much(order: Order, earlier: Sequence[Refund], _amount: int, wanted: Parts) -> Parts:
    left = refund_parts._left(order, earlier)
    return Parts(min(left.tax, wanted.tax), min(left.shipping, wanted.shipping))


@pytest.mark.parametrize("fitted", [_unfitted, _only_so_much])
def test_twin_that_leaves_the_others_no_room_does_not_add_up(
    fitted: Callable[..., Parts], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refund_parts, "_fitted", fitted)
    assert wrong_sequences() != []

"""What lines bear of another price: shares, taxes and sums agree, whatever it becomes."""

import pytest

from resolvers import price_changes, pricing
from stores.orders import Order, OrderLine
from stores.shop import Shop
from tests.ledger_books import NOON


def _order(shop: Shop, *totals: int) -> tuple[Order, list[OrderLine]]:
    """Return an order of lines that cost so much, each by three units or fewer."""
    lines = []
    for place, total in enumerate(totals):
        priced_ = pricing.priced(shop, total, 1)
        lines.append(
            OrderLine(
                id=place,
                number="1",
                position=place,
                variant_id=place,
                product_id=1,
                merchant_id=1,
                snapshot_id=1,
                sku="L",
                title="Lamp",
                options=[],
                media=None,
                unit_price_minor=total,
                quantity=1,
                discount_minor=0,
                tax_minor=priced_.tax_minor,
                total_minor=priced_.total_minor,
            )
        )
    tax = sum(line.tax_minor for line in lines)
    added = 0 if shop.is_tax_included else tax
    order = Order(
        number="1",
        version=1,
        updated_at=NOON,
        user_id=1,
        status="PENDING_PAYMENT",
        payment_status="UNPAID",
        placed_at=NOON,
        expires_at=NOON,
        shipping_address={},
        delivery={},
        subtotal_minor=sum(totals),
        discount_minor=0,
        shipping_minor=490,
        tax_minor=tax,
        total_minor=sum(totals) + 490 + added,
        note=None,
    )
    return order, lines


@pytest.mark.parametrize("is_included", [True, False])
def test_shares_taxes_and_sums_agree_whatever_a_price_becomes(*, is_included: bool) -> None:
    shop = Shop(version=1, updated_at=NOON, is_tax_included=is_included)
    wrong = []
    for totals in ((1, 1, 1), (100, 1, 0), (0, 0), (999, 333, 7), (10**9, 1)):
        order, lines = _order(shop, *totals)
        for delta in (1, 2, 7, 10_001, -1, -2, -sum(totals), -sum(totals) - 490):
            if -delta > sum(totals) + 490 or delta == 0:
                continue
            found = price_changes.changed(shop, order, lines, delta)
            values = found.values
            goods = sum(line.total_minor for line in found.lines)
            tax = sum(line.tax_minor for line in found.lines)
            is_right = (
                -sum(found.shares) - found.shipping_off == delta
                and all(line.total_minor >= 0 and line.tax_minor >= 0 for line in found.lines)
                and values["shipping_minor"] >= 0
                and values["tax_minor"] == tax
                and values["total_minor"]
                == goods + values["shipping_minor"] + (0 if is_included else tax)
            )
            if not is_right:
                wrong.append((totals, delta, found))

    assert wrong == []


def test_line_keeps_the_rate_that_it_was_bought_at() -> None:
    then, now = [
        Shop(version=1, updated_at=NOON, tax_rate_millionths=rate) for rate in (190_000, 70_000)
    ]
    order, lines = _order(then, 11_900)
    found = price_changes.changed(now, order, lines, -5_950)

    assert (found.lines[0].total_minor, found.lines[0].tax_minor) == (5_950, 950)

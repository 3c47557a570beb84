"""What lines cost."""

from datetime import UTC, datetime

import pytest

from resolvers.pricing import Totals, priced, tax_of, totals
from stores.shop import Shop

NOW = datetime(2026, 1, 1, tzinfo=UTC)
INCLUDED = Shop(1, NOW)
ADDED = Shop(1, NOW, is_tax_included=False)


@pytest.mark.parametrize(
    ("shop", "minor", "tax"),
    [
        (INCLUDED, 11_900, 1_900),
        (INCLUDED, 3, 0),
        (INCLUDED, 4, 1),
        (ADDED, 10_000, 1_900),
        (ADDED, 50, 10),
        (ADDED, 0, 0),
    ],
)
def test_tax_is_contained_or_added_and_rounded_half_up(shop: Shop, minor: int, tax: int) -> None:
    assert tax_of(shop, minor) == tax


def test_tax_is_rounded_once_per_line_not_per_unit() -> None:
    # 19 % of 1.02 are 0.1938: by unit 0.19, three lines of 100 units each would lose 0.38 apiece.
    line = priced(ADDED, 102, 100)

    assert (line.total_minor, line.tax_minor) == (10_200, 1_938)


def test_totals_are_the_sums_of_their_lines_and_the_shipping() -> None:
    lines = [priced(INCLUDED, 1_000, 3, discount_minor=500), priced(INCLUDED, 250, 2)]

    assert totals(INCLUDED, lines) == Totals(3_500, 500, None, 399 + 80, 3_000)
    assert totals(INCLUDED, lines, 490) == Totals(3_500, 500, 490, 479, 3_490)
    dear = [priced(ADDED, 1_000, 1)]
    assert totals(ADDED, dear, 100) == Totals(1_000, 0, 100, 190, 1_290)

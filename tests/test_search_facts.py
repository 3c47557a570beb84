"""What products state, and the ranges that facets of numbers find by themselves."""

from decimal import Decimal
from itertools import pairwise
from random import Random

import pytest

from stores.search import Range, SpecTerm
from stores.search_facts import Fact, Kind, decimal, facts, millionths, own_ranges
from tests.search_shelf import product

CENT = Decimal(1)


def ends(*pairs: tuple[str, str]) -> tuple[Range, ...]:
    return tuple(Range(Decimal(low), Decimal(high)) for low, high in pairs)


@pytest.mark.parametrize(
    ("low", "high", "found"),
    [
        ("3", "3", ends(("3", "3"))),
        ("1", "10", ends(("0", "2"), ("2", "4"), ("4", "6"), ("6", "8"), ("8", "10"))),
        ("0.5", "2.4", ends(("0.5", "1"), ("1", "1.5"), ("1.5", "2"), ("2", "2.5"))),
        ("-5", "3", ends(("-6", "-4"), ("-4", "-2"), ("-2", "0"), ("0", "2"), ("2", "4"))),
    ],
)
def test_numbers_are_counted_in_round_ranges(low: str, high: str, found: tuple[Range, ...]) -> None:
    assert own_ranges(Decimal(low), Decimal(high)) == found


def test_no_price_is_counted_twice() -> None:
    assert own_ranges(Decimal(99), Decimal(101), CENT) == ends(("99", "99"), ("100", "101"))


def test_ranges_are_few_and_hold_every_number() -> None:
    chance = Random(5)
    for _ in range(2_000):
        low = Decimal(chance.randrange(-(10**12), 10**12)).scaleb(-chance.randrange(7))
        high = low + Decimal(chance.randrange(1, 10 ** chance.randrange(1, 12))).scaleb(-6)
        found = own_ranges(low, high)

        assert 1 <= len(found) <= 5
        assert [one.maximum for one in found[:-1]] == [one.minimum for one in found[1:]]
        assert (found[0].minimum or 0) <= low < high <= (found[-1].maximum or 0)


def test_numbers_are_kept_to_a_millionth() -> None:
    assert decimal(millionths(Decimal("2.4"))) == Decimal("2.4")
    assert str(decimal(millionths(Decimal(100)))) == "100"
    assert millionths(Decimal("1e40")) == 2**63 - 1
    kept = [millionths(Decimal(number)) for number in ("-1e40", "-1", "-0.000001", "0", "0.1")]
    assert all(one < other for one, other in pairwise(kept))


def test_product_states_each_fact_once() -> None:
    specs = (
        SpecTerm("color", "Color", None, ("red", "red", "")),
        SpecTerm("color", "Colour", None, ("blue\0",)),
        SpecTerm("weight", "Weight", "kg", number=Decimal("0.5")),
        SpecTerm("weight", "Weight", "g", number=Decimal(500)),
    )
    stated = [fact for fact in facts(product(1, specs=specs)) if fact.key.startswith("spec.")]

    assert stated == [
        Fact("spec.color", Kind.TEXT, "red"),
        Fact("spec.color", Kind.TEXT, "blue"),
        Fact("spec.weight", Kind.NUMBER, 500_000),
    ]

"""What promotions take off: shares that add up, for any cart and any promotions."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolvers import discounts, pricing
from resolvers.discounts import Discount, Given, Offer
from resolvers.shares import by_largest_remainder, half_up
from stores.promotion_terms import (
    MILLION,
    Action,
    AmountOff,
    CustomerSegment,
    FixedPrice,
    MinQuantity,
    MinSubtotal,
    PercentOff,
    SegmentCondition,
    ShippingOff,
    Tier,
    TieredDiscount,
)
from stores.shop import Shop
from tests.test_pricing import NOW


@dataclass(frozen=True)
class Goods:
    unit_price_minor: int
    quantity: int


PRICES = st.integers(0, 10**9)
SHARES = st.integers(1, MILLION)
CAPS = st.none() | st.integers(0, 10**7)
TIERS = st.lists(st.builds(Tier, PRICES, PRICES), min_size=1, max_size=4).map(tuple)
ACTIONS: st.SearchStrategy[Action] = st.one_of(
    st.builds(PercentOff, SHARES, CAPS),
    st.builds(AmountOff, PRICES),
    st.builds(FixedPrice, PRICES, st.none() | st.integers(1, 50)),
    st.builds(ShippingOff, SHARES, CAPS),
    st.builds(TieredDiscount, TIERS),
)
CONDITIONS = st.one_of(
    st.builds(MinQuantity, st.integers(0, 20)),
    st.builds(MinSubtotal, PRICES),
    st.builds(SegmentCondition, st.sampled_from(CustomerSegment)),
)


@dataclass(frozen=True)
class Case:
    """A cart, and what is offered for it."""

    goods: tuple[Goods, ...]
    offers: tuple[Offer, ...]
    shipping: int
    segments: frozenset[CustomerSegment]

    def given(self) -> Given:
        return discounts.given(self.goods, self.offers, self.segments, self.shipping)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    goods = draw(st.lists(st.builds(Goods, PRICES, st.integers(1, 99)), min_size=1, max_size=6))
    places = st.lists(st.sampled_from(range(len(goods))), min_size=1, unique=True).map(sorted)
    offer = st.builds(
        Offer,
        promotion_id=st.integers(1, 10**6),
        title=st.just("Sale"),
        lines=places.map(tuple),
        actions=st.lists(ACTIONS, min_size=1, max_size=3).map(tuple),
        conditions=st.lists(CONDITIONS, max_size=2).map(tuple),
        priority=st.integers(0, 3),
        is_stackable=st.booleans(),
        units_left=st.none() | st.integers(0, 50),
    )
    offers = draw(st.lists(offer, max_size=5, unique_by=lambda one: one.promotion_id))
    segments = draw(st.frozensets(st.sampled_from(CustomerSegment)))
    return Case(tuple(goods), tuple(offers), draw(PRICES), segments)


SHOPS = st.builds(
    lambda rate, included: Shop(1, NOW, tax_rate_millionths=rate, is_tax_included=included),
    st.integers(0, 300_000),
    st.booleans(),
)


def _kept(case: Case, shop: Shop) -> list[str]:
    """Return which rules of money an order of the case breaks."""
    given_ = case.given()
    lines = [
        pricing.priced(shop, one.unit_price_minor, one.quantity, given_.of_line(place))
        for place, one in enumerate(case.goods)
    ]
    shipping = case.shipping - given_.of_shipping
    sums = pricing.totals(shop, lines, shipping)
    added = 0 if shop.is_tax_included else sum(line.tax_minor for line in lines)
    amounts = sum(one.amount_minor for one in given_.discounts)
    rules = {
        "no share is negative": all(min(one.shares) >= 0 for one in given_.discounts),
        "no discount is nothing": all(one.amount_minor > 0 for one in given_.discounts),
        "no line costs less than nothing": all(line.total_minor >= 0 for line in lines),
        "shipping costs nothing at least": 0 <= shipping <= case.shipping,
        "shares are the discounts": amounts == sums.discount_minor + given_.of_shipping,
        "the total is the sum of the lines": sums.total_minor
        == sum(line.total_minor for line in lines) + shipping + added,
    }
    return [rule for rule, is_kept in rules.items() if not is_kept]


@pytest.mark.slow
@given(cases(), SHOPS)
@settings(max_examples=120, deadline=None)
def test_shares_add_up_and_nothing_costs_less_than_nothing(case: Case, shop: Shop) -> None:
    assert _kept(case, shop) == []


@given(cases(), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_order_in_which_offers_are_found_changes_nothing(case: Case, chance: Random) -> None:
    mixed = list(case.offers)
    chance.shuffle(mixed)

    assert discounts.given(case.goods, mixed, case.segments, case.shipping) == case.given()


@given(cases())
@settings(max_examples=60, deadline=None)
def test_exclusive_offers_share_no_line(case: Case) -> None:
    alone = {one.promotion_id for one in case.offers if not one.is_stackable}
    found = case.given().discounts
    for place in range(len(case.goods)):
        users = [one.promotion_id for one in found if one.shares[place]]
        assert len(users) <= 1 or not alone.intersection(users)
    shipped = [one.promotion_id for one in found if one.shipping_minor]
    assert len(shipped) <= 1 or not alone.intersection(shipped)


@given(cases())
@settings(max_examples=60, deadline=None)
def test_no_more_units_get_the_fixed_price_than_are_left(case: Case) -> None:
    left = {one.promotion_id: one.units_left for one in case.offers}
    for one in case.given().discounts:
        most = left[one.promotion_id]
        fixed = sum(isinstance(each, FixedPrice) for each in _actions(case, one))
        assert most is None or fixed != 1 or one.units <= most


def _actions(case: Case, found: Discount) -> Sequence[Action]:
    return next(one.actions for one in case.offers if one.promotion_id == found.promotion_id)


def _rounded_alone(amount: int, weights: Sequence[int]) -> list[int]:
    """The twin: each share is rounded for itself."""
    whole = sum(weights)
    return [half_up(amount * weight, whole) if whole else 0 for weight in weights]


def _split_differs(split: Callable[[int, Sequence[int]], list[int]]) -> bool:
    """Return whether some amount, at most the whole, is not what its shares add up to."""
    weights = itertools.product(range(6), repeat=3)
    cases = ((amount, one) for one in weights for amount in range(sum(one) + 1))
    return any(sum(split(amount, one)) != amount for amount, one in cases)


def test_largest_remainders_add_up_and_the_twin_that_rounds_each_share_does_not() -> None:
    assert (_split_differs(by_largest_remainder), _split_differs(_rounded_alone)) == (False, True)


def test_twin_that_rounds_per_unit_loses_money_on_many_units() -> None:
    # 10 % off 7 units of 0.99: 0.69 of the line, but 0.10 of each unit would be 0.70.
    off = (PercentOff(100_000),)
    (once,) = discounts.given([Goods(99, 7)], [Offer(1, "Ten", (0,), off)]).discounts
    by_unit = 7 * half_up(99 * 100_000, MILLION)

    assert (once.amount_minor, by_unit) == (69, 70)


BASKET = [Goods(1_000, 3), Goods(250, 2), Goods(333, 1)]
ALL = (0, 1, 2)


def _offer(id_: int, *actions: Action, **more: Any) -> Offer:
    return Offer(id_, f"P{id_}", actions=actions, **{"lines": ALL, **more})


#: What is offered for the basket of 38.33 -> what each promotion takes off, by its id.
EXAMPLES: dict[str, tuple[list[Offer], dict[int, tuple[int, ...]]]] = {
    "percent": ([_offer(1, PercentOff(100_000))], {1: (300, 50, 33)}),
    "percent with a maximum": ([_offer(1, PercentOff(500_000, 100))], {1: (78, 13, 9)}),
    "amount": ([_offer(1, AmountOff(1_000))], {1: (783, 130, 87)}),
    "amount above all": ([_offer(1, AmountOff(9_999))], {1: (3_000, 500, 333)}),
    "full reduction": (
        [_offer(1, TieredDiscount((Tier(3_000, 300), Tier(5_000, 900), Tier(3_833, 400))))],
        {1: (313, 52, 35)},
    ),
    "tier not reached": ([_offer(1, TieredDiscount((Tier(3_834, 1),)))], {}),
    "fixed price": ([_offer(1, FixedPrice(250))], {1: (2_250, 0, 83)}),
    "flash sale": ([_offer(1, FixedPrice(100, 10), units_left=4)], {1: (2_700, 150, 0)}),
    "flash sale sold out": ([_offer(1, FixedPrice(100, 10), units_left=0)], {}),
    "two units are too few": ([_offer(1, AmountOff(9), conditions=(MinQuantity(7),))], {}),
    "subtotal in scope only": (
        [_offer(1, AmountOff(9), lines=(1,), conditions=(MinSubtotal(501),))],
        {},
    ),
    "exclusive: the first in priority takes all": (
        [_offer(1, AmountOff(1_000)), _offer(2, AmountOff(383), priority=1)],
        {2: (300, 50, 33)},
    ),
    "exclusive: the older among equals": (
        [_offer(2, AmountOff(1_000)), _offer(1, AmountOff(383))],
        {1: (300, 50, 33)},
    ),
    "exclusive on other lines": (
        [_offer(1, AmountOff(100), lines=(0,)), _offer(2, AmountOff(50))],
        {1: (100, 0, 0), 2: (0, 30, 20)},
    ),
    "stacked: the second on what the first left": (
        [
            _offer(1, PercentOff(500_000), is_stackable=True),
            _offer(2, PercentOff(500_000), is_stackable=True),
        ],
        {1: (1_500, 250, 167), 2: (750, 125, 83)},
    ),
    "stacked: conditions look at prices before": (
        [
            _offer(1, AmountOff(3_000), is_stackable=True),
            _offer(2, AmountOff(800), is_stackable=True, conditions=(MinSubtotal(3_833),)),
        ],
        {1: (2_348, 391, 261), 2: (626, 105, 69)},
    ),
    "two actions of one": (
        [_offer(1, FixedPrice(500), AmountOff(100))],
        {1: (1_564, 22, 14)},
    ),
    "first order only": (
        [_offer(1, AmountOff(9), conditions=(SegmentCondition(CustomerSegment.FIRST_ORDER),))],
        {},
    ),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_example_takes_off_what_is_told(name: str) -> None:
    offers, told = EXAMPLES[name]
    found = discounts.given(BASKET, offers).discounts

    assert {one.promotion_id: one.shares for one in found} == told


def test_segment_is_of_the_customer() -> None:
    returning = (SegmentCondition(CustomerSegment.RETURNING),)
    offers = [_offer(1, AmountOff(10), conditions=returning)]

    assert discounts.given(BASKET, offers, {CustomerSegment.FIRST_ORDER}).discounts == ()
    assert len(discounts.given(BASKET, offers, {CustomerSegment.RETURNING}).discounts) == 1


def test_free_shipping_takes_off_shipping_once_it_is_known() -> None:
    offers = [_offer(1, ShippingOff(MILLION)), _offer(2, ShippingOff(MILLION))]

    assert discounts.given(BASKET, offers).discounts == ()
    (only,) = discounts.given(BASKET, offers, shipping_minor=490).discounts
    assert (only.promotion_id, only.shares, only.shipping_minor) == (1, (0, 0, 0), 490)

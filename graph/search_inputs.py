"""What a search is narrowed by, and what it counts."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Annotated

import strawberry

from graph.declare import attribute, gql_input
from graph.merchants import MERCHANT
from graph.optional import given
from graph.ranges import DecimalRangeInput
from resolvers.search import check_condition, check_request
from stores import money
from stores.errors import Invalid
from stores.search import Condition, FacetRequest, Range

#: The facet whose values are objects, named by their IDs.
MERCHANT_KEY = "merchant"
MAX_FILTERS = 20
MAX_FACETS = 20


@gql_input(one_of=True)
class SearchMatchInput:
    """Exactly one kind of test."""

    any_of: list[str] | None = strawberry.UNSET
    range: DecimalRangeInput | None = strawberry.UNSET
    is_true: bool | None = strawberry.UNSET


@gql_input()
class SearchFilterInput:
    """A condition on one facet."""

    key: Annotated[
        str,
        attribute(
            "category (by slug), brand, price, merchant (by ID), isAvailable, or spec.<key>."
        ),
    ]
    match: SearchMatchInput

    def condition(self, currency: str, *field: str) -> Condition:
        """Return the condition, prices in minor units. Raises Invalid."""
        any_of, within = self._any_of(*field), given(self.match.range)
        low, high = within.ends(*field, "match", "range") if within else (None, None)
        asked = Condition(
            key=self.key,
            any_of=None if any_of is None else tuple(sorted(set(any_of))),
            minimum=low,
            maximum=high,
            is_true=given(self.match.is_true),
        )
        return _in_minor(
            check_condition(asked, has_range=within is not None, field=field), currency
        )

    def _any_of(self, *field: str) -> list[str] | None:
        any_of = given(self.match.any_of)
        if any_of is None or self.key != MERCHANT_KEY:
            return any_of
        path = (*field, "match", "anyOf")
        return [str(MERCHANT.key(id_, *path, str(n))) for n, id_ in enumerate(any_of)]


@gql_input()
class FacetInput:
    """A facet to count."""

    key: Annotated[str, attribute("As in SearchFilterInput.")]
    limit: Annotated[int, attribute("Most frequent values.")] = 20
    ranges: Annotated[
        list[DecimalRangeInput] | None,
        attribute("Counts these ranges; numbers without them get ranges of their own."),
    ] = strawberry.UNSET

    def request(self, currency: str, *field: str) -> FacetRequest:
        """Return what to count, prices in minor units. Raises Invalid."""
        ends = [one.ends(*field, "ranges") for one in given(self.ranges) or ()]
        factor = _factor(self.key, currency)
        ranges = tuple(Range(_times(low, factor), _times(high, factor)) for low, high in ends)
        return check_request(FacetRequest(self.key, self.limit, ranges), field=field)


def conditions(filters: Sequence[SearchFilterInput] | None, currency: str) -> tuple[Condition, ...]:
    """Return the conditions of a search. Raises Invalid."""
    told = filters or ()
    if len(told) > MAX_FILTERS:
        raise Invalid(f"{len(told)} filters; at most {MAX_FILTERS} at a time.", ("filters",))
    return tuple(one.condition(currency, "filters", str(n)) for n, one in enumerate(told))


def requests(facets: Sequence[FacetInput] | None, currency: str) -> tuple[FacetRequest, ...] | None:
    """Return what to count, None if that was left out. Raises Invalid."""
    if facets is None:
        return None
    if len(facets) > MAX_FACETS:
        raise Invalid(f"{len(facets)} facets; at most {MAX_FACETS} at a time.", ("facets",))
    return tuple(one.request(currency, "facets", str(n)) for n, one in enumerate(facets))


def _in_minor(condition: Condition, currency: str) -> Condition:
    factor = _factor(condition.key, currency)
    low, high = _times(condition.minimum, factor), _times(condition.maximum, factor)
    return replace(condition, minimum=low, maximum=high)


def _factor(key: str, currency: str) -> Decimal:
    return Decimal(10) ** money.EXPONENTS[currency] if key == "price" else Decimal(1)


def _times(value: Decimal | None, factor: Decimal) -> Decimal | None:
    return None if value is None else value * factor

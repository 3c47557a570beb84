"""Ranges that filters are made of."""

from datetime import datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

import strawberry

from graph.declare import gql_input
from stores import money
from stores.errors import Invalid


@gql_input()
class DecimalRangeInput:
    """Numbers from min to max, both included; either end may be open."""

    min: Decimal | None = strawberry.UNSET
    max: Decimal | None = strawberry.UNSET

    def ends(self, *field: str) -> tuple[Decimal | None, Decimal | None]:
        """Return both ends, None where open. Raises Invalid for a range upside down."""
        low, high = _given(self.min), _given(self.max)
        if low is not None and high is not None and low > high:
            raise Invalid(f"min ({low}) is above max ({high}); exchange them.", field)
        return low, high

    def minor(self, currency: str, *field: str) -> tuple[int | None, int | None]:
        """Return both ends in minor units, those inside of the range. Raises Invalid."""
        low, high = self.ends(*field)
        return _minor(low, currency, ROUND_CEILING), _minor(high, currency, ROUND_FLOOR)


@gql_input()
class DateTimeRangeInput:
    """Time from start (included) to end (not included); either end may be open."""

    start: datetime | None = strawberry.UNSET
    end: datetime | None = strawberry.UNSET

    def ends(self, *field: str) -> tuple[datetime | None, datetime | None]:
        """Return both ends, None where open. Raises Invalid for a range upside down."""
        start, end = self.start or None, self.end or None
        if start and end and start > end:
            raise Invalid("start is after end; exchange them.", field)
        return start, end


def _given(value: Decimal | None) -> Decimal | None:
    return None if value is strawberry.UNSET else value


def _minor(value: Decimal | None, currency: str, rounding: str) -> int | None:
    if value is None:
        return None
    minor = value.scaleb(money.EXPONENTS[currency]).to_integral_value(rounding)
    # Beyond what any price may be, all numbers are alike; the database takes 64 bits.
    return max(-money.MAX_MINOR, min(int(minor), money.MAX_MINOR))

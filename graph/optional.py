"""Arguments that may be left out: a default of None would print `= null` in the schema."""

from typing import TypeVar

import strawberry

T = TypeVar("T")


def given(value: T | None) -> T | None:
    """Return what was sent, None for null and for what was left out."""
    return None if value is strawberry.UNSET else value

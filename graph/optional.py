"""Arguments that may be left out: a default of None would print `= null` in the schema."""

from typing import TypeVar

import strawberry

from resolvers.commands import UNCHANGED, Unchanged
from stores.errors import Required

T = TypeVar("T")


def given(value: T | None) -> T | None:
    """Return what was sent, None for null and for what was left out."""
    return None if value is strawberry.UNSET else value


def changed(value: T) -> T | Unchanged:
    """Return what an update was sent, null included, or UNCHANGED for what was left out."""
    return UNCHANGED if value is strawberry.UNSET else value


def kept(value: T | None, *field: str) -> T | Unchanged:
    """Return the same for a field that cannot be cleared. Raises Required for null."""
    if value is None:
        raise Required(f"{field[-1]} cannot be cleared; send a value, or leave it out.", field)
    return changed(value)

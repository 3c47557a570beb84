"""What objects belong to, of which some are missing.

Whether a viewer may see an object is often found out by what it belongs to, for which a store is
asked once more. That is asked of a missing object as well, as if it belonged to something that is
not there: or the statements, and the time that they take, would tell what is missing from what is
somebody else's.
"""

from collections.abc import Callable, Iterable
from typing import TypeVar

from stores.ids import NO_ID

R = TypeVar("R")

#: No order has this number.
NO_NUMBER = ""


def ids_of(rows: Iterable[R | None], owner: Callable[[R], int]) -> list[int]:
    """Return the id of what each row belongs to, NO_ID of a missing one."""
    return [NO_ID if row is None else owner(row) for row in rows]


def numbers_of(rows: Iterable[R | None], number: Callable[[R], str | None]) -> list[str]:
    """Return the number of the order that each row belongs to, NO_NUMBER where there is none."""
    return [NO_NUMBER if row is None else number(row) or NO_NUMBER for row in rows]

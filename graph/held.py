"""Objects that hold their row: an attribute of the row is one of theirs, and nothing is copied.

What is not the row's own as it stands there is computed when it is asked for.
"""

from typing import Any, Generic, Self, TypeVar

import strawberry

from resolvers.context import Context

R = TypeVar("R")


class Held(Generic[R]):
    """Base of a type that `holds` rows, made of one by `of`."""

    ctx: strawberry.Private[Context]
    row: strawberry.Private[R]

    @classmethod
    def of(cls, ctx: Context, row: R) -> Self:
        """Show a row."""
        # What a dataclass would fill in is the row's.
        one = cls.__new__(cls)
        one.ctx, one.row = ctx, row
        return one

    @property
    def key(self) -> int:
        """The key of its row."""
        row: Any = self.row
        key: int = row.id
        return key

    def __getattr__(self, name: str) -> Any:
        """Return an attribute of the row; plans read it there themselves."""
        if name in ("row", "ctx"):
            raise AttributeError(name)
        return getattr(self.row, name)

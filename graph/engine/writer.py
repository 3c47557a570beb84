"""Lines of Python and the names they use."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Writer:
    """Text of a function that grows line by line.

    Names of values have an underscore, variables have none, so that neither hides the other,
    whatever a schema calls its types.
    """

    def __init__(self) -> None:
        """Begin inside a function."""
        self.lines: list[str] = []
        self.names: dict[str, Any] = {}
        self._depth = 1
        self._count = 0

    def line(self, text: str) -> None:
        """Write a line."""
        self.lines.append("    " * self._depth + text)

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """Write a head, and what is written meanwhile inside it."""
        self.line(head)
        self._depth += 1
        yield
        self._depth -= 1

    def variable(self, prefix: str) -> str:
        """Return the name of a new variable."""
        self._count += 1
        return f"{prefix}{self._count}"

    def name(self, wanted: str, value: Any) -> str:
        """Return a name of a value, `wanted` or one like it."""
        name = wanted
        while self.names.setdefault(name, value) is not value:
            name = self.variable(f"{wanted}_")
        return name

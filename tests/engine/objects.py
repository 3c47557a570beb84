"""Values of the schema of `tests.engine.world`, and what an operation did to them."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class Colour(Enum):
    RED = "r"
    GREEN = "g"
    BLUE = "b"


@dataclass(eq=False, repr=False)
class Thing:
    """An object: plain values as attributes, awaited ones in `later`."""

    kind: str
    later: dict[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        # Objects hold one another.
        return f"a {type(self).__name__}"


class Dog(Thing): ...


class Cat(Thing): ...


class Person(Thing): ...


class Home(Thing): ...


class Root(Thing): ...


@dataclass
class Effects:
    """The context of an operation: what its mutations did, and what was asked of the schema."""

    total: int = 0
    log: list[str] = field(default_factory=list)
    #: Place of a field in the answer -> its type.
    types: dict[tuple[str | int, ...], Any] = field(default_factory=dict)

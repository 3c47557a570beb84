"""Refusals that are kept, to be told again as they were."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any, Self

from stores.errors import Refusal

#: Objects as they are now: they are read again whenever a refusal is told.
_NOT_KEPT = frozenset({"current"})


@dataclass(frozen=True, slots=True)
class Refused:
    """A refusal as plain values: the name of its class, and its facts."""

    kind: str
    facts: dict[str, Any]

    @classmethod
    def of(cls, refusal: Refusal) -> Self:
        """Return what is kept of a refusal."""
        kept = {field.name for field in fields(refusal)} - _NOT_KEPT
        return cls(type(refusal).__name__, {name: getattr(refusal, name) for name in sorted(kept)})

    @classmethod
    def read(cls, plain: dict[str, Any]) -> Self:
        """Return what `plain` wrote."""
        return cls(plain["kind"], plain["facts"])

    def plain(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return {"kind": self.kind, "facts": self.facts}

    def refusal(self) -> Refusal:
        """Return the refusal."""
        facts = self.facts | {"field": tuple(self.facts["field"])}
        return _kind(self.kind)(**facts)


def _kind(name: str) -> type[Refusal]:
    return next(one for one in _kinds(Refusal) if one.__name__ == name)


def _kinds(of: type[Refusal]) -> Iterator[type[Refusal]]:
    for kind in of.__subclasses__():
        yield kind
        yield from _kinds(kind)

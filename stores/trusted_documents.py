"""Documents of the shop's own clients, in a file that their build writes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class TrustedDocuments:
    """Texts by the hash that the build gave them; with `only`, nothing else is executed."""

    by_hash: Mapping[str, str] = field(default_factory=dict)
    only: bool = False
    _texts: frozenset[str] = frozenset()

    @classmethod
    def of(cls, path: Path | None, *, only: bool) -> "TrustedDocuments":
        """Return those of a file. Raises ValueError, which says what is wrong with it."""
        found = {} if path is None else read(path)
        return cls(found, only, frozenset(found.values()))

    def allows(self, text: str) -> bool:
        """Return whether a text may be executed that came whole."""
        return not self.only or text in self._texts


def read(path: Path) -> dict[str, str]:
    """Return the texts of a file by their hashes. Raises ValueError."""
    try:
        found: Any = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ValueError(f"must name a JSON file in UTF-8: {error}") from error
    if not isinstance(found, dict) or not all(isinstance(one, str) for one in found.values()):
        raise ValueError("must hold one JSON object, of hashes and their documents")
    return {digest.removeprefix("sha256:"): text for digest, text in found.items()}

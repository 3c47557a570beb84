"""Parts of answers that are kept ready, as JSON: those that nobody changes without their version.

Every request reads the rows it shows, with price and stock; what else a row decides, such as its
pictures and its data sheet, is taken from here as long as the row is at the version it was made of.
So nothing is ever stale, in however many processes, and no process tells another of an edit.
"""

from typing import Any

import orjson

from graph.engine import Fragments

#: What a fragment needs besides its bytes.
_OVERHEAD = 400


def fragments(megabytes: int) -> Fragments | None:
    """Return room for so many megabytes; nothing is kept in none."""
    return Fragments(megabytes * 2**20, _written) if megabytes else None


def _written(value: Any) -> tuple[orjson.Fragment, int]:
    content = orjson.dumps(value)
    return orjson.Fragment(content), len(content) + _OVERHEAD

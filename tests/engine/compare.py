"""Whether an answer of the engine is one that the specification allows, where another is known.

Data must be equal, to the order of its keys. Of errors, the specification leaves open which are
told below a place that an error has nulled. So errors are taken together by the place that they
have nulled. Both answers have the same places; each error of the engine is one that graphql-core
finds when nothing is propagated; and at each place one of them is such that null goes up from it to
just that place.

Where nothing is propagated, nothing is left open: each error nulls its own place.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any, TypeAlias

from graphql import ExecutionResult, is_non_null_type

Keys: TypeAlias = tuple[str | int, ...]
Told: TypeAlias = tuple[Keys, str]
Types: TypeAlias = Mapping[Keys, Any]


def difference(
    result: ExecutionResult, reference: ExecutionResult, whole: ExecutionResult, types: Types
) -> str | None:
    """Return what is wrong with a result, or None.

    `whole` is the reference without propagation of errors, `types` are those of its places.
    """
    if _shown(result.data) != _shown(reference.data):
        return "The data differs."
    ours, theirs = by_place(result), by_place(reference)
    if ours.keys() != theirs.keys():
        return f"Errors null {sorted(map(str, ours))}, not {sorted(map(str, theirs))}."
    if len(set(told(result))) < len(result.errors or ()):
        return "An error is told twice."
    if unknown := set(told(result)) - set(told(whole)):
        return f"Nobody knows of {sorted(map(str, unknown))}."
    for place, errors in ours.items():
        if not any(_reaches(keys, place, types) for keys, _ in errors):
            return f"Nothing there nulls {place}: {errors}."
    return None


def difference_in_place(result: ExecutionResult, reference: ExecutionResult) -> str | None:
    """Return what is wrong with a result, or None, where nothing is propagated."""
    if _shown(result.data) != _shown(reference.data):
        return "The data differs."
    ours, theirs = (Counter(told(one)) for one in (result, reference))
    return None if ours == theirs else f"It tells {ours - theirs}, and not {theirs - ours}."


def _shown(data: Any) -> str:
    return json.dumps(data, default=lambda value: f"no JSON: {value!r}")


def told(result: ExecutionResult) -> list[Told]:
    """Return path and message of each error."""
    return [(tuple(error.path or ()), error.message) for error in result.errors or ()]


def by_place(result: ExecutionResult) -> dict[Keys, list[Told]]:
    """Return the errors by the place where the data ends above them."""
    found = defaultdict(list)
    for keys, message in told(result):
        found[_ending(result.data, keys)].append((keys, message))
    return found


def _ending(data: Any, keys: Keys) -> Keys:
    for length, key in enumerate(keys):
        if data is None:
            return keys[:length]
        try:
            data = data[key]
        except (LookupError, TypeError):
            return (*keys, "is nowhere")
    return keys if data is None else (*keys, "is not null")


def _reaches(keys: Keys, place: Keys, types: Types) -> bool:
    """Return whether null goes up from the place of an error to another, and stays there."""
    needed = [_is_needed(keys[:length], types) for length in range(len(place) + 1, len(keys) + 1)]
    return all(needed) and (not place or not _is_needed(place, types))


def _is_needed(keys: Keys, types: Types) -> bool:
    depth = 0
    while isinstance(keys[-1], int):
        keys, depth = keys[:-1], depth + 1
    type_ = types[keys]
    for _ in range(depth):
        type_ = (type_.of_type if is_non_null_type(type_) else type_).of_type
    return is_non_null_type(type_)

"""What is wrong with a value, in sentences for whoever wrote it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from resolvers.json_kinds import kind_of

_MAX_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to correct; `path` leads to it from the value that was checked."""

    path: tuple[str, ...]
    reason: str


def problems(error: ValidationError, name: str = "") -> list[Problem]:
    """Return the problems in our own sentences, in the order of the fields.

    `name` is that of the value that was checked, where it is no field itself.
    """
    details = [detail for detail in error.errors(include_url=False) if not _is_echo(detail)]
    return [Problem(_path(detail), _reason(detail, name)) for detail in details]


_PATTERNS = {
    "slug": "A slug is made of lower-case letters and digits with single hyphens between them.",
    "key": "A key is made of a to z, 0 to 9, dots, hyphens and underscores.",
    "unit": "A unit is a UCUM code without blanks, for example mm.",
    "barcode": "A barcode has 8 to 14 digits and nothing else.",
    "url": "An address begins with https:// and a host, without blanks, user name or password.",
    "file": (
        "A file is named by its path below the folder of the import file, without . or .. in it,"
        " and ends in .png, .jpg, .jpeg, .webp or .svg."
    ),
}

_SENTENCES = {
    "missing": "This field is missing; it must be given.",
    "extra_forbidden": "There is no field of this name; leave it out or correct its spelling.",
    "string_type": "A text in quotes is needed, not {kind}.",
    "string_unicode": "The text holds half of a character; write both of its \\u codes.",
    "string_too_short": "The text is empty; at least {min_length} character is needed.",
    "string_too_long": "The text has {length} characters; at most {max_length} are allowed.",
    "literal_error": "{shown} is not one of the words allowed: {expected}.",
    "int_type": "A whole number without quotes is needed, not {kind}.",
    "bool_type": "true or false without quotes is needed, not {kind}.",
    "greater_than_equal": "The number is {shown}; at least {ge} is needed.",
    "less_than_equal": "The number is {shown}; at most {le} is allowed.",
    "tuple_type": "A list in [ ] is needed, not {kind}.",
    "too_short": "The list is empty; at least {min_length} entry is needed.",
    "too_long": "The list has {actual_length} entries; at most {max_length} are allowed.",
    "model_type": "An object in {{ }} is needed, not {kind}.",
}


def _is_echo(detail: ErrorDetails) -> bool:
    # Entries that were refused do not count, so a list of them is called empty as well.
    return detail["type"] == "too_short" and bool(detail["input"])


def _path(detail: ErrorDetails) -> tuple[str, ...]:
    return tuple(_shown(step) if isinstance(step, str) else str(step) for step in detail["loc"])


def _reason(detail: ErrorDetails, name: str) -> str:
    if detail["type"] == "string_pattern_mismatch":
        return _PATTERNS[str((name, *detail["loc"])[-1])]
    sentence = _SENTENCES.get(detail["type"])
    return detail["msg"] if sentence is None else sentence.format_map(_facts(detail))


def _facts(detail: ErrorDetails) -> Mapping[str, Any]:
    given = detail["input"]
    facts = {"kind": kind_of(given), "shown": _shown(given), **detail.get("ctx", {})}
    if isinstance(given, str):
        facts["length"] = len(given)
    return facts


def _shown(value: object) -> str:
    text = str(value).encode(errors="replace").decode()
    return text if len(text) <= _MAX_SHOWN else text[:_MAX_SHOWN] + "…"

"""One line of an import file as a JSON object, read without losing a digit or a field."""

import codecs
import json
import re
from decimal import Decimal, InvalidOperation
from typing import Any

from jobs.row_problems import whole
from resolvers.json_kinds import kind_of

MAX_LINE_BYTES = 1_000_000
_MAX_INTEGER_DIGITS = 60
_SURROGATE = re.compile("[\ud800-\udfff]")


def read_object(line: bytes) -> dict[str, Any]:
    """Return the object a line holds; fractions are Decimals, with all their digits.

    Raises RowRefused for what is not UTF-8, not JSON, too long, or says a field twice.
    """
    if len(line) > MAX_LINE_BYTES:
        raise whole(f"The line has {len(line)} bytes; at most {MAX_LINE_BYTES} are allowed.")
    value = _json(_text(line))
    if not isinstance(value, dict):
        raise whole(f"A line is one object in {{ }}, not {kind_of(value)}.")
    return value


def _text(line: bytes) -> str:
    try:
        text = line.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        raise whole(f"Byte {error.start + 1} of the line is not UTF-8; save the file so.") from None
    if not text.strip():
        raise whole("The line is empty; a line is one object in { }.")
    return text


def _json(text: str) -> object:
    # orjson rounds long numbers to floats; a price or a spec keeps its digits.
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        place = f"at character {error.pos + 1}"
        raise whole(
            f"The line is not valid JSON {place}; check quotes, commas and brackets."
        ) from None
    except RecursionError:
        raise whole("The line nests too deeply; a product has lists of objects only.") from None


def _no_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise whole(f"The field {_safe(twice)} stands twice in one object; keep one of the two.")
    if not all(map(str.isascii, found)) and _SURROGATE.search("".join(found)):
        raise whole("The name of a field holds half of a character; names are as in the example.")
    return found


def _safe(name: str) -> str:
    return name[:64].encode(errors="replace").decode()


def _no_constant(name: str) -> object:
    raise whole(f"{name} is not a JSON number; leave the field out.")


def _integer(digits: str) -> int:
    # Python refuses to read thousands of digits, with an error of its own.
    if len(digits) > _MAX_INTEGER_DIGITS:
        raise whole(f"A number has {len(digits)} digits; at most 30 are allowed.")
    return int(digits)


def _fraction(digits: str) -> Decimal:
    try:
        return Decimal(digits)
    except InvalidOperation:
        raise whole("The exponent of a number is too large; write the number in full.") from None


_DECODER = json.JSONDecoder(
    parse_float=_fraction,
    parse_int=_integer,
    parse_constant=_no_constant,
    object_pairs_hook=_no_repetition,
)

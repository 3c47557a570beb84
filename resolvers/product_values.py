"""Types of the values of a product: each is cleaned, checked and told about in a sentence.

The import reads its lines by them, the mutations their input.
"""

import re
import unicodedata
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field, PlainValidator, Strict, StringConstraints
from pydantic_core import PydanticCustomError

from resolvers.json_kinds import kind_of
from resolvers.plain_text import plain_text
from stores.money import MAX_MINOR

MAX_DIGITS = 30
MAX_PRICE = Decimal(10) ** 13
_MAX_HTML = 100_000
_HALF = "The text holds half of a character; write both of its \\u codes."
_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def _clean(value: object) -> object:
    if not isinstance(value, str):
        return value
    text = value.strip()
    if text.isascii() and text.isprintable():
        return text
    if _SURROGATE.search(text):
        raise PydanticCustomError("surrogate", _HALF)
    text = unicodedata.normalize("NFC", text)
    if found := _UNSEEN.search(text):
        place = {"code": f"U+{ord(found[0]):04X}", "place": found.start() + 1}
        message = "Character {place} is {code}, which cannot be seen; take it out."
        raise PydanticCustomError("unseen", message, place)
    return text


def _clean_or_none(value: object) -> object:
    return _clean(value) or None


def as_description(value: object) -> object:
    """Return the plain text of a description, None if nothing is left of it."""
    if not isinstance(value, str):
        return value
    if len(value) > _MAX_HTML:
        facts = {"length": len(value), "max": _MAX_HTML}
        message = "The text has {length} characters with its tags; at most {max} are allowed."
        raise PydanticCustomError("html_too_long", message, facts)
    if _SURROGATE.search(value):
        raise PydanticCustomError("surrogate", _HALF)
    return unicodedata.normalize("NFC", plain_text(value)) or None


def _number(value: object) -> Decimal:
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        return _short(Decimal(value))
    if isinstance(value, Decimal | int) and not isinstance(value, bool):
        return _short(Decimal(value))
    message = "A number, or a text like 12.50 with a point, is needed, not {kind}."
    kind = "another text" if isinstance(value, str) else kind_of(value)
    raise PydanticCustomError("number_type", message, {"kind": kind})


def _short(number: Decimal) -> Decimal:
    _, digits, exponent = number.as_tuple()
    places = int(exponent)
    whole_digits, fraction = max(len(digits) + places, 1), max(-places, 0)
    if whole_digits + fraction > MAX_DIGITS:
        message = "The number has more than {max} digits; round it."
        raise PydanticCustomError("too_many_digits", message, {"max": MAX_DIGITS})
    return Decimal(format(number, "f"))


def _sku(value: object) -> object:
    text = _clean(value)
    if isinstance(value, str) and (value != value.strip() or not str(text).isprintable()):
        message = "A SKU is made of characters that can be seen and has no blanks at its ends."
        raise PydanticCustomError("sku_blanks", message)
    return text


def _price(value: object) -> Decimal:
    price = _number(value)
    if not 0 <= price <= MAX_PRICE:
        message = "The price is {price}; it lies between 0 and {max} whole units of the currency."
        raise PydanticCustomError("price_range", message, {"price": price, "max": MAX_PRICE})
    return price


def to_minor(price: Decimal, exponent: int) -> int:
    """Return minor units of a currency, never rounded.

    Raises ValueError for more digits than the currency has, or more than a price may be.
    """
    minor = price.scaleb(exponent)
    if minor != minor.to_integral_value():
        raise ValueError(f"The price {price} has more than {exponent} digits after the point.")
    if minor > MAX_MINOR:
        raise ValueError(f"The price {price} is too high for a currency of {exponent} digits.")
    return int(minor)


_Clean = BeforeValidator(_clean)
BlankIsNone = BeforeValidator(_clean_or_none)
Text100 = Annotated[str, StringConstraints(min_length=1, max_length=100), _Clean]
Text200 = Annotated[str, StringConstraints(min_length=1, max_length=200), _Clean]
Text500 = Annotated[str, StringConstraints(min_length=1, max_length=500), _Clean]
Text2000 = Annotated[str, StringConstraints(min_length=1, max_length=2_000), _Clean]
Long = Annotated[str, StringConstraints(max_length=20_000)]
_WORDS = r"[\p{Ll}\p{Lo}\p{Lm}\p{M}\p{Nd}]+"
Slug = Annotated[str, StringConstraints(max_length=80, pattern=rf"^{_WORDS}(-{_WORDS})*$"), _Clean]
Key = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[a-z0-9_.-]+$")]
Unit = Annotated[str, StringConstraints(max_length=32, pattern=r"^[!-~]+$")]
Barcode = Annotated[str, StringConstraints(pattern=r"^[0-9]{8,14}$")]
Sku = Annotated[str, StringConstraints(min_length=1, max_length=64), BeforeValidator(_sku)]
_HTTPS = r"^https://[A-Za-z0-9.-]+(:[0-9]{1,5})?([/?#][!-~]*)?$"
Url = Annotated[str, StringConstraints(max_length=2_000, pattern=_HTTPS), _Clean]
_NAME = r"[\p{L}\p{M}\p{N}_-][\p{L}\p{M}\p{N}_. -]*"
_FILE = rf"^({_NAME}/)*{_NAME}\.(png|jpe?g|webp|svg)$"
File = Annotated[str, StringConstraints(max_length=255, pattern=_FILE), _Clean]
Pixels = Annotated[int, Field(ge=1, le=100_000)]
Count = Annotated[int, Field(ge=0, le=10**9)]
Number = Annotated[Decimal, PlainValidator(_number)]
Price = Annotated[Decimal, PlainValidator(_price)]
# A list of JSON becomes a tuple here, which strict mode would refuse; its entries stay strict.
FromList = Strict(strict=False)

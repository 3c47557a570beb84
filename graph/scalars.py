"""Scalars: how dates, decimals, codes and addresses are written in requests and answers."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NewType

import strawberry
from graphql import GraphQLError

from stores.ids import MAX_ID

BigInt = NewType("BigInt", int)
CurrencyCode = NewType("CurrencyCode", str)
URL = NewType("URL", str)

_BIG_INT = re.compile(r"-?[0-9]{1,19}")
_DECIMAL = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?")
#: Characters of a text that a client sends as a scalar; longer ones are refused unread.
_MAX_LENGTH = 64


def parse_decimal(value: Any) -> Decimal:
    """Read a decimal from a text or a whole number; floats have lost digits already."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not _DECIMAL.fullmatch(text[:_MAX_LENGTH]):
        raise GraphQLError('A Decimal is a text of plain digits, such as "12.50".')
    return Decimal(text)


def parse_instant(value: Any) -> datetime:
    """Read an RFC 3339 instant; one without an offset names no instant."""
    message = 'A DateTime is an instant by RFC 3339, such as "2026-11-22T09:30:00Z".'
    if not isinstance(value, str) or len(value) > _MAX_LENGTH:
        raise GraphQLError(message)
    try:
        instant = datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise GraphQLError(message) from error
    if datetime.fromisoformat(value).tzinfo is None:
        raise GraphQLError(message)
    return instant


def show_instant(value: datetime) -> str:
    """Write an instant in UTC, with Z."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def parse_big_int(value: Any) -> int:
    """Read a 64-bit integer from a text or a whole number."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not _BIG_INT.fullmatch(text) or abs(int(text)) > MAX_ID:
        raise GraphQLError('A BigInt is a text of digits within 64 bits, such as "12".')
    return int(text)


def parse_text(value: Any) -> str:
    """Read a code or an address."""
    if not isinstance(value, str):
        raise GraphQLError("This is a text.")
    return value


def show_decimal(value: Decimal) -> str:
    """Write all digits and no exponent."""
    text = str(value)
    # `format` takes three times as long, and is needed for very small numbers only.
    return format(value, "f") if "E" in text else text


#: Name of a scalar -> class of its values, and what writes one; None if it is written as it is.
#: So the engine asks no scalar for each value.
WRITTEN: dict[str, tuple[type, Callable[[Any], str] | None]] = {
    "DateTime": (datetime, show_instant),
    "Decimal": (Decimal, show_decimal),
    "BigInt": (int, str),
    "CurrencyCode": (str, None),
    "URL": (str, None),
}

#: Python type -> scalar, for the configuration of the schema.
SCALARS: dict[object, Any] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="Instant by RFC 3339, always sent in UTC.",
        specified_by_url="https://scalars.graphql.org/andimarek/date-time",
        serialize=show_instant,
        parse_value=parse_instant,
    ),
    Decimal: strawberry.scalar(
        name="Decimal",
        description="Exact decimal number, sent as a string, for example 12.50.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc8259#section-6",
        serialize=show_decimal,
        parse_value=parse_decimal,
    ),
    BigInt: strawberry.scalar(
        name="BigInt",
        description="64-bit integer, sent as a string, because JSON numbers lose digits past 2^53.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc8259#section-6",
        serialize=str,
        parse_value=parse_big_int,
    ),
    CurrencyCode: strawberry.scalar(
        name="CurrencyCode",
        description="Currency code by ISO 4217, for example EUR.",
        specified_by_url="https://www.iso.org/iso-4217-currency-codes.html",
        parse_value=parse_text,
    ),
    URL: strawberry.scalar(
        name="URL",
        description="Absolute URL.",
        specified_by_url="https://url.spec.whatwg.org/",
        parse_value=parse_text,
    ),
}

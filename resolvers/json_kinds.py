"""What JSON calls the values that a sender wrote, for sentences about them."""

from decimal import Decimal

_KINDS: dict[type, str] = {
    bool: "true or false",
    int: "a number",
    Decimal: "a number with a point",
    str: "a text",
    list: "a list",
    tuple: "a list",
    dict: "an object",
    type(None): "null",
}


def kind_of(value: object) -> str:
    """Return what JSON calls a value, with its article."""
    return _KINDS[type(value)]

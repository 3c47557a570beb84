"""Codes of coupons, as shoppers write them."""

import re
from collections.abc import Sequence

from resolvers.commands import check
from stores.carts import MAX_CODES
from stores.coupons import CODE_LENGTH

MIN_LENGTH = 3
_CODE = re.compile(rf"[A-Z0-9-]{{{MIN_LENGTH},{CODE_LENGTH}}}")


def tidied(codes: Sequence[str]) -> tuple[str, ...]:
    """Return codes as they are kept: in capitals, without blanks around, each once."""
    return tuple(dict.fromkeys(code.strip().upper() for code in codes))


def is_code(text: str) -> bool:
    """Return whether a tidied text may be a code."""
    return bool(_CODE.fullmatch(text))


def checked(codes: Sequence[str]) -> tuple[str, ...]:
    """Return codes as they are kept. Raises Invalid."""
    found = tidied(codes)
    check_codes(found)
    return found


def check_codes(codes: Sequence[str]) -> None:
    """Raise Invalid for more tidied codes than an order takes, or for what none can be."""
    check(len(codes) <= MAX_CODES, f"At most {MAX_CODES} coupons at a time.", "couponCodes")
    for place, code in enumerate(codes):
        reason = (
            f"{code!r:.40} is no code; it has {MIN_LENGTH} to {CODE_LENGTH} letters A to Z, digits "
            "and hyphens."
        )
        check(is_code(code), reason, "couponCodes", str(place))

"""Signatures of what a provider tells on its own.

X-Signature: t=1767225600,v1=5f1d…      HMAC-SHA256 of "1767225600." and the body
"""

import hashlib
import hmac
import re
from datetime import datetime

#: News that are older, or newer, than this are somebody's who has recorded them.
WINDOW_SECONDS = 300
HEADER = "x-signature"
_SIGNATURE = re.compile(r"t=([0-9]{1,12}),v1=([0-9a-f]{64})")


def sign(body: bytes, key: str, at: datetime) -> str:
    """Return the value of the header that signs a body now."""
    seconds = int(at.timestamp())
    return f"t={seconds},v1={_digest(body, key, seconds)}"


def is_signed(body: bytes, header: str, key: str, now: datetime) -> bool:
    """Return whether the body was signed with the key, within the last minutes."""
    found = _SIGNATURE.fullmatch(header)
    if found is None or abs(int(found[1]) - now.timestamp()) > WINDOW_SECONDS:
        return False
    return hmac.compare_digest(_digest(body, key, int(found[1])), found[2])


def _digest(body: bytes, key: str, seconds: int) -> str:
    return hmac.new(key.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()

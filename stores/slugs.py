"""Slugs: names as they stand in addresses, in any script."""

import re
import unicodedata
from collections.abc import Iterator

LENGTH = 80
_APOSTROPHES = str.maketrans("", "", "'\u2019")
#: Small letters, letters without capitals, marks on letters, and digits.
_KEPT = frozenset({"Ll", "Lo", "Lm", "Mn", "Mc", "Me", "Nd"})
_GAPS = re.compile("-{2,}")


def slugify(text: str) -> str:
    """Return the letters and digits of a text in small, with single hyphens between its words.

    At most 80 characters; empty if nothing of the text can stand in an address.
    """
    small = unicodedata.normalize("NFC", text.translate(_APOSTROPHES).lower())
    kept = "".join(one if unicodedata.category(one) in _KEPT else "-" for one in small)
    return _cut(_GAPS.sub("-", kept).strip("-"), LENGTH)


def lengthened(slug: str, *more: str) -> str:
    """Return a slug with more words behind it, cut so that those stay whole if they can."""
    end = _cut("-".join(filter(None, map(slugify, more))), LENGTH)
    start = _cut(slug, max(LENGTH - len(end) - 1, 0))
    return "-".join(filter(None, (start, end)))


def numbered(slug: str) -> Iterator[str]:
    """Yield a slug with 2, 3 and so on behind it, without end."""
    number = 2
    while True:
        yield lengthened(slug, str(number))
        number += 1


def _cut(slug: str, length: int) -> str:
    return slug[:length].rstrip("-")

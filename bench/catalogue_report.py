"""What converters share: reading source lines, prices, and a count of what became of each row."""

import gzip
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

_MISREAD = re.compile("[\x80-\x9f]")


@dataclass
class Report:
    """Counts of one source; what was adapted is still written, what was dropped is not."""

    source: str
    exponent: int
    read: int = 0
    written: int = 0
    adapted: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)

    def rows(self, path: Path) -> Iterator[dict[str, Any]]:
        """Yield the rows of the source, and count them."""
        for row in rows_of(path):
            self.read += 1
            yield row

    def cut(self, text: str, most: int, what: str) -> str:
        """Return a text of at most `most` characters, and count it if it was longer."""
        if len(text) <= most:
            return text
        self.adapted[f"{what} cut at {most} characters"] += 1
        return text[:most].rstrip()

    def price(self, amount: Decimal) -> str:
        """Return the price half-up to the digits of the shop's currency, and count roundings."""
        rounded = amount.quantize(Decimal(1).scaleb(-self.exponent), ROUND_HALF_UP)
        if rounded != amount:
            self.adapted["price rounded half-up"] += 1
        return str(rounded)


def rows_of(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of a compressed file of JSON lines; numbers keep their digits."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line, parse_float=Decimal)


def digest(text: str, digits: int) -> str:
    """Return a short name for a text that is the same in every run."""
    return hashlib.sha256(text.encode()).hexdigest()[:digits]


def one_line(text: str) -> str:
    """Return a text on one line, with single blanks and the signs it was meant to have."""
    return " ".join(meant(text).split())


def meant(text: str) -> str:
    """Return a text whose Windows-1252 signs were read as Latin-1, read again; ™ is U+0099."""
    return _MISREAD.sub(lambda found: found[0].encode("latin-1").decode("cp1252", "ignore"), text)


def secure(address: str) -> str:
    """Return the https address of a picture; it is never fetched."""
    return "https://" + address.removeprefix("https:").removeprefix("http:").lstrip("/")

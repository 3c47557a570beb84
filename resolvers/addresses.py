"""Postal addresses, as they are sent, kept and frozen in orders."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from stores.errors import Invalid

NAME_LENGTH = 100
_COUNTRY = re.compile(r"[A-Z]{2}")
_LENGTHS = {"phone": 32, "postal_code": 16}
_NEEDED = ("name", "country_code", "city", "line1")


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address; the country by two letters of ISO 3166-1, the region as people write it."""

    name: str
    country_code: str
    city: str
    line1: str
    phone: str | None = None
    region: str | None = None
    district: str | None = None
    line2: str | None = None
    postal_code: str | None = None

    def __post_init__(self) -> None:
        """Raise Invalid for what no parcel could be sent to."""
        if not _COUNTRY.fullmatch(self.country_code):
            raise Invalid(
                "A country has two capital letters by ISO 3166-1, such as DE.", ("countryCode",)
            )
        for told in fields(self):
            _check(told.name, getattr(self, told.name))

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Self:
        """Return the address that `plain` gave."""
        return cls(**kept)

    def plain(self) -> dict[str, str]:
        """Return what is kept: the lines that were filled in."""
        return {name: text for name, text in asdict(self).items() if text is not None}

    def place(self) -> str:
        """Return the country with its region, as delivery rates name them: DE, or US-CA."""
        return f"{self.country_code}-{self.region}" if self.region else self.country_code


def _check(name: str, text: str | None) -> None:
    longest = _LENGTHS.get(name, NAME_LENGTH)
    if text is None and name not in _NEEDED:
        return
    shortest = 1 if name in _NEEDED else 0
    is_valid = text is not None and shortest <= len(text.strip()) and len(text) <= longest
    if not is_valid or not (text or "").isprintable():
        told = _camel(name)
        raise Invalid(f"{told} has {shortest} to {longest} printable characters.", (told,))


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.title, others))

"""Settings of what becomes of parcels: where carriers tell of them."""

from collections.abc import Iterator

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings

from stores import store_urls

#: Stands in a URL where the number of a parcel goes.
PLACE = "{number}"


class ParcelSettings(BaseSettings):
    """Where carriers tell of parcels."""

    tracking_urls: str = Field(
        "",
        description="Pages where carriers tell of a parcel, as Carrier=https://host/path/{number}, "
        "with blanks between them, a plus for a blank in a carrier's name; no parcel has a link if "
        "left out.",
    )

    @field_validator("tracking_urls")
    @classmethod
    def _pages(cls, value: str) -> str:
        for _, url in tracking_pages(value):
            store_urls.check(url, store_urls.WEB_SCHEMES)
            if PLACE not in url:
                raise ValueError(f"has a page without {PLACE}, which stands for a parcel's number")
        return value


def tracking_pages(told: str) -> Iterator[tuple[str, str]]:
    """Yield carriers, without case, and their pages."""
    for one in told.split():
        carrier, _, url = one.partition("=")
        yield carrier.replace("+", " ").casefold(), url

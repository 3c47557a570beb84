"""What the demo shop sells: a catalogue in the import format, and pictures drawn for it."""

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True)
class DemoMerchant:
    """A seller of the demo shop, named as in the catalogue."""

    name: str
    slug: str
    language: Literal["en", "zh-CN"]


MERCHANTS = (
    DemoMerchant("Harbour Goods", "harbour-goods", "en"),
    DemoMerchant("山茶杂货", "山茶杂货", "zh-CN"),
)


def catalogue() -> Path:
    """Return the file of the catalogue; its pictures are named from its folder."""
    return _folder() / "catalogue.jsonl"


def pictures() -> Path:
    """Return the folder of the pictures, one SVG of 800 by 800 for each product, by slug."""
    return _folder() / "pictures"


def _folder() -> Path:
    # The package is installed as files, never inside an archive.
    return Path(str(files(__name__)))

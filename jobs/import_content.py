"""What a line of an import file says, checked and ready to be written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jobs.product_rows import (
    MediaRow,
    Problem,
    ProductRow,
    RowRefused,
    SpecRow,
    VariantRow,
    parse,
)
from resolvers.product_content import TOLD, content_hash, variant_title
from stores.media import MediaStore
from stores.products import Variant
from stores.specs import Spec

MAX_FILE_BYTES = 20_000_000


@dataclass(frozen=True, slots=True)
class Content:
    """A product as its line wants it; its variants have no ids yet."""

    line: int
    row: ProductRow
    media: list[dict[str, Any]]
    specs: list[Spec]
    variants: list[Variant]
    #: SHA-256 of everything buyers see; stock is none of it, as it moves by itself.
    content_hash: str


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads lines for a shop, with the pictures that lie beside the import file."""

    folder: Path
    store: MediaStore
    exponent: int

    def content(self, number: int, line: bytes) -> Content:
        """Return what a line says. Raises RowRefused."""
        row = parse(line)
        media = [self._medium(place, one) for place, one in enumerate(row.media)]
        specs = [_spec(one) for one in row.specs]
        variants = [self._variant(row, place, one) for place, one in enumerate(row.variants)]
        return Content(number, row, media, specs, variants, _hash(row, media, specs, variants))

    def _medium(self, place: int, medium: MediaRow) -> dict[str, Any]:
        shown = {
            "kind": medium.kind,
            "alt": medium.alt,
            "width": medium.width,
            "height": medium.height,
        }
        if medium.file is None:
            return {"url": medium.url} | shown
        return {"objectKey": self._kept(f"media.{place}.file", medium.file)} | shown

    def _kept(self, field: str, name: str) -> str:
        try:
            path = (self.folder / name).resolve(strict=True)
            _refuse_outside(field, name, path, self.folder)
            ending = path.suffix.lower().removeprefix(".").replace("jpeg", "jpg")
            return self.store.put(path.read_bytes(), ending)
        except OSError as error:
            raise _refused(field, f"The file {name} cannot be read: {error.strerror}.") from None

    def _variant(self, product: ProductRow, place: int, row: VariantRow) -> Variant:
        price, before = self._prices(place, row)
        options = [[option.name, option.value] for option in row.options]
        return Variant(
            id=0,
            product_id=0,
            merchant_id=0,
            position=place,
            sku=row.sku,
            barcode=row.barcode,
            title=row.title or variant_title(product.title, options),
            options=options,
            price_minor=price,
            compare_at_minor=before,
            weight_grams=row.weight_grams,
            media_position=row.media,
        )

    def _prices(self, place: int, row: VariantRow) -> tuple[int, int | None]:
        try:
            price = row.price_minor(self.exponent)
        except ValueError as error:
            raise _refused(f"variants.{place}.price", str(error)) from None
        try:
            return price, row.compare_at_price_minor(self.exponent)
        except ValueError as error:
            raise _refused(f"variants.{place}.compareAtPrice", str(error)) from None


def _spec(row: SpecRow) -> Spec:
    return Spec(row.key, row.label, row.value, row.group, row.unit)


def _hash(
    row: ProductRow,
    media: Sequence[Mapping[str, Any]],
    specs: Sequence[Spec],
    variants: Sequence[Variant],
) -> str:
    told = row.model_dump(include=TOLD)
    return content_hash(told, row.category, media, specs, variants)


def _refuse_outside(field: str, name: str, path: Path, folder: Path) -> None:
    # A link could lead to any file of the machine, and its content into the shop.
    if not path.is_relative_to(folder.resolve()):
        raise _refused(field, f"The file {name} lies outside the folder of the import file.")
    if path.stat().st_size > MAX_FILE_BYTES:
        raise _refused(field, f"The file {name} has more than {MAX_FILE_BYTES} bytes.")


def _refused(field: str, reason: str) -> RowRefused:
    return RowRefused((Problem(field, reason),))

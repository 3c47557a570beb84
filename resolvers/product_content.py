"""What a product says to buyers, whoever wrote it: an import or its staff."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

import orjson

from stores.products import TITLE_LENGTH, Product, Variant
from stores.slugs import lengthened, slugify
from stores.specs import Spec, to_plain
from stores.text import title_key

MAX_SPECS = 300
MAX_MEDIA = 50
MAX_OPTIONS = 5
#: What of a product itself is in its hash, by the names of the row.
TOLD = {"slug", "title", "subtitle", "description", "brand", "status"}

_BLANK = Product(
    id=0,
    version=0,
    updated_at=datetime.min,  # noqa: DTZ901  Nobody sees it.
    created_at=datetime.min,  # noqa: DTZ901
    revision=0,
    merchant_id=0,
    category_id=0,
    slug="",
    title="",
    title_key="",
    subtitle=None,
    description=None,
    brand=None,
    status="",
    media=[],
    specs_id=None,
    min_price_minor=0,
    max_price_minor=0,
    content_hash="",
)


def blank(id_: int, at: datetime) -> Product:
    """Return a product that says nothing yet, at version 0: what a new one is an edit of."""
    return replace(_BLANK, id=id_, updated_at=at, created_at=at, media=[])


def slug_candidates(title: str, sku: str, seller: str = "") -> list[str]:
    """Return slugs for a product that was given none, the nicest first."""
    own = slugify(title) or slugify(sku) or "product"
    return [own, lengthened(own, sku), lengthened(own, seller, sku)]


def variant_title(product_title: str, options: Sequence[Sequence[str]]) -> str:
    """Return the title of a variant that was given none: what it is chosen by."""
    words = " / ".join(value for _, value in options) or product_title
    return words[:TITLE_LENGTH].rstrip()


def with_keys(product: Product, variants: Sequence[Variant]) -> Product:
    """Return a product with what lists sort it by: its folded title, and its lowest price."""
    prices = [variant.price_minor for variant in variants]
    return replace(
        product,
        title_key=title_key(product.title),
        min_price_minor=min(prices),
        max_price_minor=max(prices),
    )


def content_hash(
    told: Mapping[str, object],
    category: Sequence[str],
    media: Sequence[Mapping[str, Any]],
    specs: Sequence[Spec],
    variants: Sequence[Variant],
) -> str:
    """Return the SHA-256 of everything buyers see; stock is none of it, as it moves by itself.

    `told` are the slug, the texts and the status, `category` the names of all shelves from the
    top down. Ids are left out: the same product in another shop has the same hash.
    """
    seen = {
        **told,
        "category": category,
        "media": media,
        "specs": to_plain(specs),
        "variants": [asdict(_without_ids(variant)) for variant in variants],
    }
    return hashlib.sha256(orjson.dumps(seen, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _without_ids(variant: Variant) -> Variant:
    return replace(variant, id=0, product_id=0, merchant_id=0)

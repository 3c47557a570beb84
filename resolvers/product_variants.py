"""The units of sale of a product, as edits change them."""

from collections.abc import Sequence
from dataclasses import replace

from resolvers import product_media
from resolvers.commands import UNCHANGED, or_else
from resolvers.product_content import variant_title
from resolvers.product_parts import VariantEdit, check_count
from stores import products
from stores.errors import Duplicate, Invalid, NotFound
from stores.ids import IdMaker
from stores.products import MAX_VARIANTS, Product, Variant
from stores.sql import ReadSession


def edited(
    ids: IdMaker,
    product: tuple[Product, Product],
    known: Sequence[Variant],
    edits: Sequence[VariantEdit],
    removed: Sequence[int] = (),
) -> list[Variant]:
    """Return the variants after edits, in the order of display; new ones stand last.

    `product` is it before and after, `known` are its variants before. Raises NotFound, Invalid,
    Duplicate and LimitExceeded, each at its path.
    """
    _check_known(known, edits, removed)
    places = {edit.variant_id: place for place, edit in enumerate(edits)}
    rows = [(row, places.get(row.id)) for row in known if row.id not in removed]
    for place, edit in enumerate(edits):
        if edit.variant_id is None:
            rows.append((_blank(ids, product[1]), place))
    if not rows:
        raise Invalid("A product has at least one variant.", ("removeVariantIds",))
    check_count(rows, MAX_VARIANTS, "variants")
    found = [_edited(*product, edits, row, place) for row, place in rows]
    _check_skus(found, edits)
    return [replace(row, position=position) for position, row in enumerate(found)]


async def refuse_taken_skus(
    session: ReadSession, product: Product, edits: Sequence[VariantEdit]
) -> None:
    """Raise Duplicate for a SKU that another product of the same merchant has."""
    skus = {edit.sku: place for place, edit in enumerate(edits) if edit.sku is not UNCHANGED}
    codes = [(product.merchant_id, sku) for sku in skus]
    for variant in (await products.variants_by_codes(session, codes)).values():
        if variant.product_id != product.id:
            raise Duplicate("variant", ("variants", str(skus[variant.sku]), "sku"))


def _check_known(
    known: Sequence[Variant], edits: Sequence[VariantEdit], removed: Sequence[int]
) -> None:
    mine = {row.id for row in known}
    for place, id_ in enumerate(removed):
        if id_ not in mine:
            raise NotFound("variant", ("removeVariantIds", str(place)))
    left = mine.difference(removed)
    for place, edit in enumerate(edits):
        if edit.variant_id is not None and edit.variant_id not in left:
            raise NotFound("variant", ("variants", str(place), "variantId"))


def _blank(ids: IdMaker, product: Product) -> Variant:
    return Variant(
        id=ids.next(),
        product_id=product.id,
        merchant_id=product.merchant_id,
        position=0,
        sku="",
        barcode=None,
        title="",
        options=[],
        price_minor=0,
        compare_at_minor=None,
        weight_grams=None,
        media_position=None,
    )


def _edited(
    before: Product, now: Product, edits: Sequence[VariantEdit], row: Variant, place: int | None
) -> Variant:
    edit = VariantEdit(variant_id=row.id) if place is None else edits[place]
    options = edit.options
    changed = replace(
        row,
        sku=or_else(edit.sku, row.sku),
        barcode=or_else(edit.barcode, row.barcode),
        options=row.options if options is UNCHANGED else [[one.name, one.value] for one in options],
        price_minor=or_else(edit.price_minor, row.price_minor),
        compare_at_minor=or_else(edit.compare_at_minor, row.compare_at_minor),
        weight_grams=or_else(edit.weight_grams, row.weight_grams),
        media_position=_picture(before, now, edit, row, place),
    )
    return replace(changed, title=_title(before, now, edit, row, changed))


def _picture(
    before: Product, now: Product, edit: VariantEdit, row: Variant, place: int | None
) -> int | None:
    if edit.media is UNCHANGED:
        return product_media.moved(before.media, now.media, row.media_position)
    try:
        return product_media.position(now.media, edit.media)
    except Invalid as error:
        raise error.within("variants", str(place)) from None


def _title(before: Product, now: Product, edit: VariantEdit, row: Variant, changed: Variant) -> str:
    # A title that was made from the product's title and the options follows them.
    is_made = row.title in ("", variant_title(before.title, row.options))
    given = edit.title if edit.title is not UNCHANGED else None if is_made else row.title
    return given or variant_title(now.title, changed.options)


def _check_skus(rows: Sequence[Variant], edits: Sequence[VariantEdit]) -> None:
    for place, edit in enumerate(edits):
        if sum(row.sku == edit.sku for row in rows) > 1:
            raise Duplicate("variant of this product", ("variants", str(place), "sku"))

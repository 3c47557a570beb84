"""The rows that an import writes: documents of specs first, then one transaction for the rest."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from jobs import import_categories
from jobs.import_plan import Decision
from resolvers import product_writes
from resolvers.context import Mall
from resolvers.product_content import blank, with_keys
from resolvers.product_writes import Written
from stores.categories import Category
from stores.products import Product, Variant
from stores.specs import Documents, Spec, to_plain

SECONDS = 60
REASON = "import"


async def carry_out(mall: Mall, decisions: Sequence[Decision]) -> None:
    """Write what was decided, whole or not at all.

    Raises product_writes.Overtaken, UniqueViolation and StoreUnavailable.
    """
    if not decisions:
        return
    shelves = await import_categories.by_paths(
        mall, [one.content.row.category for one in decisions]
    )
    specs_ids = await _put_specs(mall, decisions)
    now = mall.clock()
    written = [_written(mall, one, shelves, specs_ids, now) for one in decisions]
    await mall.stores.database.transact(
        lambda session: product_writes.write(session, mall.ids, written, REASON, now),
        seconds=SECONDS,
    )


async def _put_specs(mall: Mall, decisions: Sequence[Decision]) -> dict[int, int | None]:
    """Return the document of each product, after writing those that are new."""
    named = [one.before.specs_id for one in decisions if one.before and one.before.specs_id]
    stored = await mall.stores.specs.by_ids(named) if named else {}
    ids: dict[int, int | None] = {}
    new: dict[int, Sequence[Spec]] = {}
    for one in decisions:
        ids[one.product_id] = _same_document(one, stored)
        if ids[one.product_id] is None and one.content.specs:
            ids[one.product_id] = id_ = mall.ids.next()
            new[id_] = one.content.specs
    if new:
        await mall.stores.specs.put(new)
    return ids


def _same_document(decision: Decision, stored: Documents) -> int | None:
    specs_id = decision.before and decision.before.specs_id
    if not specs_id or specs_id not in stored:
        return None
    # Compared as they are kept: 1.0 and 1.00 are equal numbers and not the same data sheet.
    is_same = to_plain(stored[specs_id]) == to_plain(decision.content.specs)
    return specs_id if is_same else None


def _written(
    mall: Mall,
    decision: Decision,
    shelves: Mapping[tuple[str, ...], Category],
    specs_ids: Mapping[int, int | None],
    now: datetime,
) -> Written:
    shelf = shelves[decision.content.row.category]
    variants = list(_variants(mall, decision))
    known = {variant.id for variant in decision.variants_before}
    receipts = [
        product_writes.receipt(mall.ids, one, decision.seller.warehouse_id, row.stock)
        for one, row in zip(variants, decision.content.row.variants, strict=True)
        if one.id not in known
    ]
    product = _product(decision, shelf, specs_ids[decision.product_id], now)
    left = decision.before.category_id if decision.before else None
    return Written(with_keys(product, variants), variants, shelf.path(), receipts, left)


def _variants(mall: Mall, decision: Decision) -> Iterator[Variant]:
    ids = {variant.sku: variant.id for variant in decision.variants_before}
    for variant in decision.content.variants:
        yield replace(
            variant,
            id=ids.get(variant.sku) or mall.ids.next(),
            product_id=decision.product_id,
            merchant_id=decision.seller.merchant_id,
        )


def _product(decision: Decision, shelf: Category, specs_id: int | None, now: datetime) -> Product:
    content, row = decision.content, decision.content.row
    before = decision.before or blank(decision.product_id, now)
    return replace(
        before,
        version=before.version + 1,
        updated_at=now,
        revision=before.revision + 1,
        merchant_id=decision.seller.merchant_id,
        category_id=shelf.id,
        slug=decision.slug,
        title=row.title,
        subtitle=row.subtitle,
        description=row.description,
        brand=row.brand,
        status=row.status,
        media=content.media,
        specs_id=specs_id,
        content_hash=content.content_hash,
    )

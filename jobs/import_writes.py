"""The rows that an import writes: documents of specs first, then one transaction for the rest."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from jobs import import_categories
from jobs.import_plan import Decision
from resolvers.context import Mall
from stores import inventory, listings, outbox, products
from stores.categories import Category
from stores.inventory import Receipt
from stores.outbox import Event
from stores.products import Product, Variant
from stores.specs import Documents, Spec, to_plain
from stores.sql import WriteSession
from stores.text import title_key

SECONDS = 60
REASON = "import"


class Overtaken(Exception):
    """A product was changed by somebody else after it was read."""


@dataclass(frozen=True, slots=True)
class _Written:
    """A product as it will be, with all that goes with it."""

    product: Product
    variants: Sequence[Variant]
    path: Sequence[int]
    receipts: Sequence[Receipt]
    is_new: bool


async def carry_out(mall: Mall, decisions: Sequence[Decision]) -> None:
    """Write what was decided, whole or not at all.

    Raises Overtaken, UniqueViolation and StoreUnavailable.
    """
    if not decisions:
        return
    shelves = await import_categories.by_paths(
        mall, [one.content.row.category for one in decisions]
    )
    specs_ids = await _put_specs(mall, decisions)
    now = mall.clock()
    written = [_written(mall, one, shelves, specs_ids, now) for one in decisions]
    events = [_event(mall, one.product) for one in written]

    async def work(session: WriteSession) -> None:
        # Changes come first: a new product may take a SKU or a slug that a change gives up.
        await _change(session, [one for one in written if not one.is_new])
        await _add(session, [one for one in written if one.is_new])
        receipts = [receipt for one in written for receipt in one.receipts]
        await inventory.receive_first(session, receipts, REASON, now)
        await outbox.append(session, *events)

    await mall.stores.database.transact(work, seconds=SECONDS)


async def _change(session: WriteSession, changed: Sequence[_Written]) -> None:
    for one in changed:
        if not await products.change(session, one.product):
            raise Overtaken
        await products.replace_variants(session, one.product.id, one.variants)
    if changed:
        await listings.put(session, [(one.product, one.path) for one in changed], is_new=False)


async def _add(session: WriteSession, new: Sequence[_Written]) -> None:
    if new:
        variants = [variant for one in new for variant in one.variants]
        await products.add(session, [one.product for one in new], variants)
        await listings.put(session, [(one.product, one.path) for one in new], is_new=True)


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
) -> _Written:
    shelf = shelves[decision.content.row.category]
    variants = list(_variants(mall, decision))
    known = {variant.id for variant in decision.variants_before}
    receipts = [
        Receipt(mall.ids.next(), mall.ids.next(), one.id, decision.seller.warehouse_id, row.stock)
        for one, row in zip(variants, decision.content.row.variants, strict=True)
        if one.id not in known
    ]
    product = _product(decision, shelf, specs_ids[decision.product_id], now)
    return _Written(product, variants, shelf.path(), receipts, decision.before is None)


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
    content, row, before = decision.content, decision.content.row, decision.before
    prices = [variant.price_minor for variant in content.variants]
    return Product(
        id=decision.product_id,
        version=before.version + 1 if before else 1,
        updated_at=now,
        created_at=before.created_at if before else now,
        revision=before.revision + 1 if before else 1,
        merchant_id=decision.seller.merchant_id,
        category_id=shelf.id,
        slug=decision.slug,
        title=row.title,
        title_key=title_key(row.title),
        subtitle=row.subtitle,
        description=row.description,
        brand=row.brand,
        status=row.status,
        media=content.media,
        specs_id=specs_id,
        min_price_minor=min(prices),
        max_price_minor=max(prices),
        content_hash=content.content_hash,
    )


def _event(mall: Mall, product: Product) -> Event:
    topic = "product.created" if product.version == 1 else "product.updated"
    return Event(
        id=mall.ids.next(),
        topic=topic,
        aggregate=f"Product:{product.id}",
        version=product.version,
        body={},
        at=product.updated_at,
    )

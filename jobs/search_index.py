"""What the search index keeps of products: made from all stores, as they are now."""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import structlog

from resolvers.context import Mall
from stores import categories, inventory, outbox, products
from stores.categories import Category
from stores.products import Product, ProductStatus, Variant
from stores.search import CONSUMER, SearchDocument, SpecTerm
from stores.specs import Documents, Spec

BATCH = 500

_log = structlog.get_logger()


async def reindex(mall: Mall, progress: Callable[[int], None] = lambda _count: None) -> int:
    """Build the index anew from all products, and return how many it has.

    `progress` is told how many products were read. Raises StoreUnavailable; the old index stays
    then.
    """
    return await mall.stores.search.rebuild(_all_documents(mall, progress))


async def fill_if_lost(mall: Mall) -> None:
    """Build the index anew if it holds nothing of what it has taken in. Raises StoreUnavailable."""
    async with mall.stores.database.read(fresh=True) as session:
        some = await products.after(session, 0, BATCH)
        taken_in = await outbox.position(session, CONSUMER)
    if some and taken_in and not await mall.stores.search.versions([one.id for one in some]):
        _log.warning("search_index_lost", cure="it is built anew now")
        await reindex(mall)


async def count(mall: Mall) -> int:
    """Return how many products a new index will be made of. Raises StoreUnavailable."""
    async with mall.stores.database.read(fresh=True) as session:
        return await products.count(session)


async def documents(mall: Mall, some: Sequence[Product]) -> list[SearchDocument]:
    """Return what the index keeps of products, in their order. Raises StoreUnavailable."""
    listed = [one for one in some if one.status == ProductStatus.ACTIVE.value]
    parts = await _parts(mall, listed)
    shown = {one.id for one in listed}
    return [_document(one, parts) if one.id in shown else _unlisted(one) for one in some]


def index_version(product: Product) -> int:
    """Return the version under which the index keeps a product."""
    return product.version


@dataclass(frozen=True, slots=True)
class _Parts:
    """What documents are made of besides the products' own rows."""

    variants: Mapping[int, Sequence[Variant]]
    available: Collection[int]
    shelves: Mapping[int, Category]
    specs: Documents


async def current(mall: Mall, newest: Mapping[int, int]) -> list[SearchDocument]:
    """Return what the index keeps of products, by their newest known version, also of gone ones.

    Raises StoreUnavailable.
    """
    async with mall.stores.database.read(fresh=True) as session:
        found = await products.by_ids(session, newest)
    # One that is gone keeps older news of it out, too: it has its last event's version.
    gone = [
        SearchDocument(id_, version, is_listed=False)
        for id_, version in newest.items()
        if id_ not in found
    ]
    return await documents(mall, list(found.values())) + gone


async def _all_documents(
    mall: Mall, progress: Callable[[int], None]
) -> AsyncIterator[Sequence[SearchDocument]]:
    last, count = 0, 0
    while some := await _after(mall, last):
        yield await documents(mall, some)
        last, count = some[-1].id, count + len(some)
        progress(count)


async def _after(mall: Mall, last: int) -> list[Product]:
    async with mall.stores.database.read(fresh=True) as session:
        return await products.after(session, last, BATCH)


async def _parts(mall: Mall, some: Sequence[Product]) -> _Parts:
    ids = [one.id for one in some]
    async with mall.stores.database.read(fresh=True) as session:
        variants = await products.variants_by_product(session, ids)
        available = await inventory.available_products(session, ids)
        # The whole tree: most batches meet most of its branches, and it is small.
        shelves = {shelf.id: shelf for shelf in await categories.whole_tree(session)}
    wanted = [one.specs_id for one in some if one.specs_id is not None]
    return _Parts(variants, available, shelves, await _sheets(mall, wanted))


async def _sheets(mall: Mall, wanted: Collection[int]) -> Documents:
    found = await mall.stores.specs.by_ids(wanted) if wanted else {}
    if missing := sorted(set(wanted) - set(found)):
        # A document is written before a product names it, so its store has lost these. One that
        # is lost must not keep all other products out of the index.
        _log.error("specs_lost", documents=missing, cure="import these products again")
    return found


def _document(product: Product, parts: _Parts) -> SearchDocument:
    path = [parts.shelves[id_] for id_ in parts.shelves[product.category_id].path()]
    return SearchDocument(
        id=product.id,
        version=index_version(product),
        merchant_id=product.merchant_id,
        title=product.title,
        subtitle=product.subtitle or "",
        description=product.description or "",
        brand=product.brand or "",
        codes=tuple(_codes(parts.variants[product.id])),
        category_slugs=tuple(shelf.slug for shelf in path),
        category_names=tuple(shelf.name for shelf in path),
        min_price_minor=product.min_price_minor,
        is_available=product.id in parts.available,
        title_key=product.title_key,
        specs=tuple(map(_term, _specs(product, parts.specs))),
    )


def _unlisted(product: Product) -> SearchDocument:
    return SearchDocument(product.id, index_version(product), is_listed=False)


def _codes(variants: Sequence[Variant]) -> list[str]:
    codes = [code for one in variants for code in (one.sku, one.barcode) if code]
    return list(dict.fromkeys(codes))


def _specs(product: Product, found: Documents) -> Sequence[Spec]:
    return () if product.specs_id is None else found.get(product.specs_id, ())


def _term(spec: Spec) -> SpecTerm:
    value = spec.value
    if isinstance(value, bool):
        return SpecTerm(spec.key, spec.label, spec.unit, is_true=value)
    if isinstance(value, Decimal):
        return SpecTerm(spec.key, spec.label, spec.unit, number=value)
    values = (value,) if isinstance(value, str) else value
    return SpecTerm(spec.key, spec.label, spec.unit, values)

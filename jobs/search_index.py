"""What the search index keeps of products: made from all stores, as they are now."""

from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import cast

from resolvers import category_edits
from resolvers.context import Mall
from stores import categories, inventory, listing_moves, products, stock_movements, warehouses
from stores.categories import Category
from stores.errors import StoreUnavailable
from stores.outbox import Event
from stores.products import Product, ProductStatus, Variant
from stores.search import SearchDocument, SpecTerm
from stores.specs import STORE as SPECS
from stores.specs import Documents, Spec

BATCH = 500
_AGGREGATE = "Product:"


async def take_in(mall: Mall, events: Sequence[Event]) -> None:
    """Put the products that events tell of into the index, each once, as they are now.

    A category is told of when its products are found by other names than before. Raises
    StoreUnavailable.
    """
    newest: dict[int, int] = {}
    for event in events:
        if told := _product_of(event):
            newest[told[0]] = max(told[1], newest.get(told[0], 0))
    if newest:
        await mall.stores.search.put(await _current(mall, newest))
    for merchant_id in dict.fromkeys(_merchants_of(events)):
        await _put_all(mall, partial(_after, mall, merchant_id=merchant_id))
    for category_id in dict.fromkeys(_categories_of(events)):
        await _put_all(mall, partial(_below, mall, category_id))


def _product_of(event: Event) -> tuple[int, int] | None:
    """Return the product that an event tells of, and the version of it that it names."""
    if event.aggregate.startswith(_AGGREGATE):
        return int(event.aggregate.removeprefix(_AGGREGATE)), event.version
    if event.topic == stock_movements.CHANGED:
        # Stock changes no product; what is gone stays as its own last event said.
        return cast("int", event.body["productId"]), 0
    return None


def _merchants_of(events: Sequence[Event]) -> Iterator[int]:
    """Yield merchants who sell from another warehouse now."""
    for event in events:
        if event.topic == warehouses.SELLS_NOW:
            yield cast("int", event.body["merchantId"])


def _categories_of(events: Sequence[Event]) -> Iterator[int]:
    """Yield categories whose products are found by other names now."""
    for event in events:
        if event.topic == category_edits.CHANGED:
            yield int(event.aggregate.partition(":")[2])


async def _put_all(mall: Mall, after: Callable[[int], Awaitable[list[Product]]]) -> None:
    """Put many products into the index, page by page; `after` gives those behind an id."""
    last = 0
    while some := await after(last):
        await mall.stores.search.put(await documents(mall, some))
        last = some[-1].id


async def _below(mall: Mall, category_id: int, last: int) -> list[Product]:
    async with mall.stores.database.read(fresh=True) as session:
        return await listing_moves.below(session, category_id, last, BATCH)


async def reindex(mall: Mall, progress: Callable[[int], None] = lambda _count: None) -> int:
    """Build the index anew from all products, and return how many it has.

    `progress` is told how many products were read. Raises StoreUnavailable; the old index stays
    then.
    """
    return await mall.stores.search.rebuild(_all_documents(mall, progress))


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


async def _current(mall: Mall, newest: Mapping[int, int]) -> list[SearchDocument]:
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


async def _after(mall: Mall, last: int, merchant_id: int | None = None) -> list[Product]:
    async with mall.stores.database.read(fresh=True) as session:
        return await products.after(session, last, BATCH, merchant_id)


async def _parts(mall: Mall, some: Sequence[Product]) -> _Parts:
    ids = [one.id for one in some]
    async with mall.stores.database.read(fresh=True) as session:
        variants = await products.variants_by_product(session, ids)
        available = await inventory.available_products(session, ids)
        # The whole tree: most batches meet most of its branches, and it is small.
        shelves = {shelf.id: shelf for shelf in await categories.whole_tree(session)}
    wanted = [one.specs_id for one in some if one.specs_id is not None]
    specs = await mall.stores.specs.by_ids(wanted) if wanted else {}
    return _Parts(variants, available, shelves, specs)


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
    if product.specs_id is None:
        return ()
    if product.specs_id not in found:
        # A document is written before a product names it: its store has lost something, or was
        # asked too early, and an index without specs would be taken for complete.
        raise StoreUnavailable(SPECS)
    return found[product.specs_id]


def _term(spec: Spec) -> SpecTerm:
    value = spec.value
    if isinstance(value, bool):
        return SpecTerm(spec.key, spec.label, spec.unit, is_true=value)
    if isinstance(value, Decimal):
        return SpecTerm(spec.key, spec.label, spec.unit, number=value)
    values = (value,) if isinstance(value, str) else value
    return SpecTerm(spec.key, spec.label, spec.unit, values)

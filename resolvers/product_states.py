"""A product with all that stands in other tables, as it was and as it will be."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace

from resolvers import product_writes
from resolvers.context import STAFF, Context
from resolvers.product_content import TOLD, content_hash, with_keys
from resolvers.product_writes import Written
from stores import categories, product_revisions, warehouses
from stores.categories import Category
from stores.drivers import Retryable, UniqueViolation
from stores.errors import NotFound
from stores.inventory import Receipt
from stores.products import Product, Variant
from stores.specs import Spec
from stores.sql import ReadSession, WriteSession

#: Of the first, empty stock of a new variant.
REASON = "new variant"


@dataclass(frozen=True, slots=True)
class State:
    """A product with what stands in other tables; `path` leads to it from the top down."""

    product: Product
    variants: Sequence[Variant]
    path: Sequence[Category]
    specs: Sequence[Spec]

    def hash(self) -> str:
        """Return the hash of all that buyers see."""
        told = {name: text for name, text in asdict(self.product).items() if name in TOLD}
        names = [shelf.name for shelf in self.path]
        return content_hash(told, names, self.product.media, self.specs, self.variants)


async def paths(session: ReadSession, ids: Collection[int]) -> dict[int, list[Category]]:
    """Return each category behind all above it. Raises NotFound."""
    found = await categories.by_ids(session, set(ids))
    if len(found) < len(set(ids)):
        raise NotFound("category", ("categoryId",))
    wanted = {id_ for shelf in found.values() for id_ in shelf.path()}
    shelves = await categories.by_ids(session, wanted)
    return {id_: [shelves[above] for above in shelf.path()] for id_, shelf in found.items()}


async def write(session: WriteSession, ctx: Context, was: State | None, now: State) -> None:
    """Write a product as it is now; what buyers see anew is another revision of it.

    Raises Overtaken, and Retryable where a SKU or the slug was taken just now.
    """
    product, hash_ = with_keys(now.product, now.variants), now.hash()
    if was is None or was.hash() != hash_:
        revision = was.product.revision + 1 if was else 1
        product = replace(product, revision=revision, content_hash=hash_)
    written = Written(
        product,
        now.variants,
        [shelf.id for shelf in now.path],
        await _receipts(session, ctx, was, now),
        was.product.category_id if was else None,
    )
    try:
        await product_writes.write(session, ctx.ids, [written], REASON, product.updated_at)
        if was is None or was.product.revision != product.revision:
            editor = ctx.require(STAFF).id
            await product_revisions.add(session, product.id, product.revision, editor)
    except UniqueViolation as error:
        # Somebody took a SKU or the slug just now: the next attempt says which.
        raise Retryable from error


async def _receipts(
    session: ReadSession, ctx: Context, was: State | None, now: State
) -> list[Receipt]:
    warehouse = (await warehouses.selling(session)).get(now.product.merchant_id)
    if warehouse is None:
        return []
    known = {variant.id for variant in was.variants} if was else set()
    new = [variant for variant in now.variants if variant.id not in known]
    return [product_writes.receipt(ctx.ids, variant, warehouse) for variant in new]

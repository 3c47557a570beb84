"""Creating and changing products: the rules."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial

from resolvers import product_media, product_sheets, product_variants, product_writes
from resolvers.commands import UNCHANGED, or_else
from resolvers.context import STAFF, Context
from resolvers.mutations import Mutation, Rule, Targets
from resolvers.product_commands import CreateProduct, UpdateProduct
from resolvers.product_content import TOLD, content_hash, slug_candidates, with_keys
from resolvers.product_writes import Overtaken, Written
from resolvers.products import is_staff_of
from stores import categories, inventory, merchants, products
from stores.categories import Category
from stores.drivers import Retryable, UniqueViolation
from stores.errors import Duplicate, NotFound, Required, VersionConflict
from stores.merchants import Merchant
from stores.products import Product, Variant
from stores.slugs import lengthened
from stores.specs import Spec
from stores.sql import ReadSession, WriteSession

#: Of the first, empty stock of a new variant.
REASON = "new variant"


@dataclass(frozen=True, slots=True)
class _Sheet:
    """The data sheet before and after an edit, and the document that holds it then."""

    before: Sequence[Spec]
    after: Sequence[Spec]
    specs_id: int | None


@dataclass(frozen=True, slots=True)
class _State:
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


async def _prepare_create(
    ctx: Context, new: CreateProduct, _targets: Targets
) -> Rule[CreateProduct]:
    specs = product_sheets.edited((), new.specs)
    return partial(_create, sheet=_Sheet((), specs, await product_sheets.put(ctx, specs)))


async def _create(
    session: WriteSession, ctx: Context, new: CreateProduct, targets: Targets, *, sheet: _Sheet
) -> None:
    merchant = await _seller(session, ctx, new.merchant_id)
    blank = _new_product(ctx, new, targets["product"], merchant.id, sheet)
    product = replace(blank, slug=await _slug(session, new, blank.id, merchant.name))
    await product_variants.refuse_taken_skus(session, product, new.variants)
    variants = product_variants.edited(ctx.ids, (product, product), (), new.variants)
    path = (await _paths(session, [new.category_id]))[new.category_id]
    try:
        await _write(session, ctx, None, _State(product, variants, path, sheet.after))
    except Overtaken as error:
        raise Retryable from error


async def _seller(session: ReadSession, ctx: Context, wanted: int | None) -> Merchant:
    id_ = wanted or ctx.require(STAFF).merchant_id
    if id_ is None:
        raise Required("You work for no merchant: say who sells it.", ("merchantId",))
    found = (await merchants.by_ids(session, [id_])).get(id_)
    if found is None or not is_staff_of(ctx, id_):
        raise NotFound("merchant", ("merchantId",))
    return found


def _new_product(
    ctx: Context, new: CreateProduct, id_: int, merchant_id: int, sheet: _Sheet
) -> Product:
    now = ctx.clock()
    return Product(
        id=id_,
        version=1,
        updated_at=now,
        created_at=now,
        revision=1,
        merchant_id=merchant_id,
        category_id=new.category_id,
        slug="",
        title=new.title,
        title_key="",
        subtitle=new.subtitle,
        description=new.description,
        brand=new.brand,
        status=new.status.value,
        media=product_media.edited(ctx, [], new.media),
        specs_id=sheet.specs_id,
        min_price_minor=0,
        max_price_minor=0,
        content_hash="",
    )


async def _slug(session: ReadSession, new: CreateProduct, id_: int, seller: str) -> str:
    if new.slug is not None:
        await _refuse_taken_slug(session, new.slug, id_)
        return new.slug
    candidates = slug_candidates(new.title, str(new.variants[0].sku), seller)
    taken = await products.by_slugs(session, candidates)
    free = (slug for slug in candidates if slug not in taken)
    # The last resort is no other product's, as ids are unique.
    return next(free, lengthened(candidates[0], str(id_)))


async def _refuse_taken_slug(session: ReadSession, slug: str, id_: int) -> None:
    found = (await products.by_slugs(session, [slug])).get(slug)
    if found and found.id != id_:
        raise Duplicate("product", ("slug",))


async def _prepare_update(
    ctx: Context, edit: UpdateProduct, _targets: Targets
) -> Rule[UpdateProduct]:
    async with ctx.database.read_primary() as session:
        seen = (await products.by_ids(session, [edit.product_id])).get(edit.product_id)
    if seen is None or not _is_at(seen, edit) or not is_staff_of(ctx, seen.merchant_id):
        # The rule says so, behind the key: an equal call may have been faster.
        return partial(_update, sheet=None)
    before = await product_sheets.read(ctx, seen.specs_id)
    after = product_sheets.edited(before, edit.specs, edit.remove_spec_keys)
    is_same = product_sheets.is_same(before, after)
    specs_id = seen.specs_id if is_same else await product_sheets.put(ctx, after)
    return partial(_update, sheet=_Sheet(before, after, specs_id))


async def _update(
    session: WriteSession,
    ctx: Context,
    edit: UpdateProduct,
    _targets: Targets,
    *,
    sheet: _Sheet | None,
) -> None:
    before = await _product(session, ctx, edit)
    if sheet is None or not _is_at(before, edit):
        raise _conflict(before)
    known = (await products.variants_by_product(session, [before.id]))[before.id]
    product = await _changed(session, ctx, edit, before, sheet)
    await product_variants.refuse_taken_skus(session, product, edit.variants)
    variants = product_variants.edited(
        ctx.ids, (before, product), known, edit.variants, edit.remove_variant_ids
    )
    paths = await _paths(session, [before.category_id, product.category_id])
    was = _State(before, known, paths[before.category_id], sheet.before)
    now = _State(product, variants, paths[product.category_id], sheet.after)
    try:
        await _write(session, ctx, was, now)
    except Overtaken as error:
        current = await _product(session, ctx, edit)
        raise (Retryable() if _is_at(current, edit) else _conflict(current)) from error


async def _product(session: ReadSession, ctx: Context, edit: UpdateProduct) -> Product:
    found = (await products.by_ids(session, [edit.product_id])).get(edit.product_id)
    if found is None or not is_staff_of(ctx, found.merchant_id):
        raise NotFound("product", ("productId",))
    return found


def _is_at(product: Product, edit: UpdateProduct) -> bool:
    return product.version == edit.version


def _conflict(current: Product) -> VersionConflict:
    return VersionConflict("Product", current.version, current)


async def _changed(
    session: ReadSession, ctx: Context, edit: UpdateProduct, before: Product, sheet: _Sheet
) -> Product:
    slug = or_else(edit.slug, before.slug)
    await _refuse_taken_slug(session, slug, before.id)
    status, media = edit.status, edit.media
    if media is not UNCHANGED:
        before = replace(before, media=product_media.edited(ctx, before.media, media))
    return replace(
        before,
        version=before.version + 1,
        updated_at=ctx.clock(),
        category_id=or_else(edit.category_id, before.category_id),
        slug=slug,
        title=or_else(edit.title, before.title),
        subtitle=or_else(edit.subtitle, before.subtitle),
        description=or_else(edit.description, before.description),
        brand=or_else(edit.brand, before.brand),
        status=before.status if status is UNCHANGED else status.value,
        media=before.media
        if media is UNCHANGED
        else product_media.edited(ctx, before.media, media),
        specs_id=sheet.specs_id,
    )


async def _paths(session: ReadSession, ids: Collection[int]) -> dict[int, list[Category]]:
    """Return each category behind all above it. Raises NotFound."""
    found = await categories.by_ids(session, set(ids))
    if len(found) < len(set(ids)):
        raise NotFound("category", ("categoryId",))
    wanted = {id_ for shelf in found.values() for id_ in shelf.path()}
    shelves = await categories.by_ids(session, wanted)
    return {id_: [shelves[above] for above in shelf.path()] for id_, shelf in found.items()}


async def _write(session: WriteSession, ctx: Context, was: _State | None, now: _State) -> None:
    """Write a product as it is now; what buyers see anew is another revision of it."""
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
    except UniqueViolation as error:
        # Somebody took a SKU or the slug just now: the next attempt says which.
        raise Retryable from error


async def _receipts(
    session: ReadSession, ctx: Context, was: _State | None, now: _State
) -> list[inventory.Receipt]:
    warehouse = (await inventory.selling_warehouses(session)).get(now.product.merchant_id)
    if warehouse is None:
        return []
    known = {variant.id for variant in was.variants} if was else set()
    new = [variant for variant in now.variants if variant.id not in known]
    return [product_writes.receipt(ctx.ids, variant, warehouse) for variant in new]


CREATE_PRODUCT = Mutation(
    name="createProduct",
    roles=STAFF,
    kind="Product",
    targets=lambda ctx, _new: {"product": ctx.ids.next()},
    prepare=_prepare_create,
)
UPDATE_PRODUCT = Mutation(
    name="updateProduct",
    roles=STAFF,
    kind="Product",
    targets=lambda _ctx, edit: {"product": edit.product_id},
    prepare=_prepare_update,
)

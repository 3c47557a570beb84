"""Creating and changing products: the rules."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from resolvers import product_media, product_sheets, product_states, product_variants
from resolvers.commands import UNCHANGED, or_else
from resolvers.context import STAFF, Context
from resolvers.merchants import chosen
from resolvers.mutations import Mutation, Rule, Targets
from resolvers.product_commands import CreateProduct, UpdateProduct
from resolvers.product_content import blank, slug_candidates
from resolvers.product_states import State
from resolvers.product_writes import Overtaken
from resolvers.products import is_staff_of
from stores import merchants, products
from stores.drivers import Retryable
from stores.errors import Duplicate, NotFound, VersionConflict
from stores.merchants import Merchant
from stores.products import Product
from stores.slugs import lengthened
from stores.specs import Spec
from stores.sql import ReadSession, WriteSession


@dataclass(frozen=True, slots=True)
class _Sheet:
    """The data sheet before and after an edit, and the document that holds it then."""

    before: Sequence[Spec]
    after: Sequence[Spec]
    specs_id: int | None


async def _prepare_create(
    ctx: Context, new: CreateProduct, _targets: Targets
) -> Rule[CreateProduct]:
    specs = product_sheets.edited((), new.specs)
    return partial(_create, sheet=_Sheet((), specs, await product_sheets.put(ctx, specs)))


async def _create(
    session: WriteSession, ctx: Context, new: CreateProduct, targets: Targets, *, sheet: _Sheet
) -> None:
    merchant = await _seller(session, ctx, new.merchant_id)
    unnamed = _new_product(ctx, new, targets["product"], merchant.id, sheet)
    product = replace(unnamed, slug=await _slug(session, new, unnamed.id, merchant.name))
    await product_variants.refuse_taken_skus(session, product, new.variants)
    variants = product_variants.edited(ctx.ids, (product, product), (), new.variants)
    path = (await product_states.paths(session, [new.category_id]))[new.category_id]
    try:
        await product_states.write(session, ctx, None, State(product, variants, path, sheet.after))
    except Overtaken as error:
        raise Retryable from error


async def _seller(session: ReadSession, ctx: Context, wanted: int | None) -> Merchant:
    id_ = chosen(ctx, wanted)
    found = (await merchants.by_ids(session, [id_])).get(id_)
    if found is None:
        raise NotFound("merchant", ("merchantId",))
    return found


def _new_product(
    ctx: Context, new: CreateProduct, id_: int, merchant_id: int, sheet: _Sheet
) -> Product:
    return replace(
        blank(id_, ctx.clock()),
        version=1,
        revision=1,
        merchant_id=merchant_id,
        category_id=new.category_id,
        title=new.title,
        subtitle=new.subtitle,
        description=new.description,
        brand=new.brand,
        status=new.status.value,
        media=product_media.edited(ctx, [], new.media),
        specs_id=sheet.specs_id,
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
    paths = await product_states.paths(session, [before.category_id, product.category_id])
    was = State(before, known, paths[before.category_id], sheet.before)
    now = State(product, variants, paths[product.category_id], sheet.after)
    try:
        await product_states.write(session, ctx, was, now)
    except Overtaken as error:
        # What this attempt would read now is its own, not committed: the next one says what is.
        raise Retryable from error


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

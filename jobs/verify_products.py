"""Products: their prices are those of their variants, and their data sheets are there."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from jobs.verify_check import SECONDS, Check, Differences, compared, walking
from resolvers import product_writes
from resolvers.context import Mall
from resolvers.product_content import with_keys
from resolvers.product_writes import Overtaken, Written
from stores import categories, products, walks
from stores.categories import Category
from stores.products import Product, Variant
from stores.sql import ReadSession, WriteSession

NAME, SPECS = "products", "specs"


async def _compare(mall: Mall, ids: Sequence[int]) -> Differences[int]:
    async with mall.stores.database.moment(seconds=SECONDS) as session:
        some = await products.by_ids(session, ids)
        their = await products.variants_by_product(session, ids)
        shelves = await _shelves(session, some)
    found = {
        id_: compared(NAME, id_, _facts(one, their.get(id_, ()), shelves))
        for id_, one in some.items()
    }
    return {id_: differences for id_, differences in found.items() if differences}


async def _shelves(session: ReadSession, some: Mapping[int, Product]) -> dict[int, Category]:
    return await categories.by_ids(session, {one.category_id for one in some.values()})


def _facts(
    one: Product, variants: Sequence[Variant], shelves: Mapping[int, Category]
) -> Iterator[tuple[str, object, object]]:
    yield f"category {one.category_id} is there", True, one.category_id in shelves
    yield "has variants", True, bool(variants)
    if variants:
        right = with_keys(one, variants)
        yield "title key", right.title_key, one.title_key
        yield "lowest price", right.min_price_minor, one.min_price_minor
        yield "highest price", right.max_price_minor, one.max_price_minor
        owners = sorted({variant.merchant_id for variant in variants})
        yield "merchants of variants", [one.merchant_id], owners


async def _repair(mall: Mall, ids: Sequence[int]) -> list[str]:
    mended = [await _mend(mall, id_) for id_ in ids]
    return [sentence for sentence in mended if sentence]


async def _mend(mall: Mall, id_: int) -> str | None:
    async def work(session: WriteSession) -> str | None:
        # The product is read first: whoever changes a variant makes a new version of it.
        some = await products.by_ids(session, [id_])
        variants = (await products.variants_by_product(session, [id_])).get(id_)
        shelves = await _shelves(session, some)
        if not variants or some[id_].category_id not in shelves:
            return None
        return await _rekey(mall, session, some[id_], variants, shelves[some[id_].category_id])

    try:
        return await mall.stores.database.transact(work, seconds=SECONDS)
    except Overtaken:
        return None


async def _rekey(
    mall: Mall, session: WriteSession, one: Product, variants: Sequence[Variant], shelf: Category
) -> str | None:
    right, now = with_keys(one, variants), mall.clock()
    if right == one:
        return None
    # A version of its own, so that lists and search hear of it.
    written = Written(
        replace(right, version=one.version + 1, updated_at=now), variants, shelf.path()
    )
    await product_writes.write(session, mall.ids, [written], "verify --repair", now)
    prices = f"{right.min_price_minor} to {right.max_price_minor}"
    return f"Product {one.id}: it is sorted by its title and by its variants' prices, {prices}."


async def _compare_specs(mall: Mall, ids: Sequence[int]) -> Differences[int]:
    async with mall.stores.database.moment(seconds=SECONDS) as session:
        some = await products.by_ids(session, ids)
    wanted = {one.specs_id for one in some.values() if one.specs_id is not None}
    known = await mall.stores.specs.by_ids(wanted) if wanted else {}
    return {
        id_: compared(SPECS, id_, [("document", one.specs_id, None)])
        for id_, one in some.items()
        if one.specs_id is not None and one.specs_id not in known
    }


PRODUCTS = Check(
    name=NAME,
    about="Each product lies in a category and has variants of its merchant; its lowest and "
    "highest price, and the title it is sorted by, are theirs.",
    page=walking(walks.PRODUCTS),
    compare=_compare,
    repair=_repair,
)
SHEETS = Check(
    name=SPECS,
    about="The document of specs that a product names is in the document store.",
    page=walking(walks.PRODUCTS),
    compare=_compare_specs,
)

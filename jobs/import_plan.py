"""What becomes of the lines of an import, decided one after the other as if each were alone."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from jobs.import_content import Content
from jobs.import_merchants import Seller
from jobs.product_rows import Problem, RowRefused
from resolvers.context import Mall
from resolvers.product_content import slug_candidates
from stores import products
from stores.products import Product, Variant
from stores.slugs import lengthened
from stores.sql import ReadSession

Code = tuple[int, str]


class Fate(Enum):
    """What becomes of a line that is not refused."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Decision:
    """A product to write, over what is there `before`."""

    content: Content
    seller: Seller
    product_id: int
    slug: str
    before: Product | None
    variants_before: Sequence[Variant]


@dataclass(slots=True)
class Known:
    """What the shop has of these lines; each decision makes it what the shop will have then."""

    sellers: Mapping[str | None, Seller]
    owners: dict[Code, int]
    products: dict[int, Product]
    variants: Mapping[int, Sequence[Variant]]
    slugs: dict[str, int]
    #: Products whose data sheet its store has lost.
    sheetless: frozenset[int]
    #: Hashes of merchant and SKU of the lines before -> number of the line.
    seen: Mapping[int, int]
    #: The same of the lines decided here.
    claimed: dict[int, int] = field(default_factory=dict)


async def known(
    mall: Mall,
    sellers: Mapping[str | None, Seller],
    contents: Sequence[Content],
    seen: Mapping[int, int],
) -> Known:
    """Return what the shop has of these lines. Raises StoreUnavailable."""
    codes = [code for one in contents for code in _codes(sellers[one.row.merchant], one)]
    async with mall.stores.database.read(fresh=True) as session:
        found = await products.variants_by_codes(session, codes)
        owners = {variant.product_id for variant in found.values()}
        variants = await products.variants_by_product(session, owners)
        rows = await products.by_ids(session, owners)
        return Known(
            sellers=sellers,
            sheetless=await _sheetless(mall, rows.values()),
            # All of an owner's, as it may lose those that its line does not name.
            owners={(v.merchant_id, v.sku): v.product_id for o in owners for v in variants[o]},
            products=rows,
            variants=variants,
            slugs=await _slugs(session, contents),
            seen=seen,
        )


def decide(mall: Mall, known: Known, content: Content) -> Decision | None:
    """Return what is to be written, None if it is there. Raises RowRefused."""
    seller = known.sellers[content.row.merchant]
    codes = _codes(seller, content)
    _refuse_repetition(known, content, codes)
    before = known.products.get(known.owners.get(codes[0], 0))
    is_whole = before is not None and before.id not in known.sheetless
    if before and is_whole and before.content_hash == content.content_hash:
        _claim(known, content, codes)
        return None
    _refuse_clash(known, codes, before)
    id_ = before.id if before else mall.ids.next()
    slug = _slug(known, content, before, id_)
    _claim(known, content, codes)
    _own(known, codes, before, id_, slug)
    return Decision(content, seller, id_, slug, before, known.variants.get(id_, ()))


async def _sheetless(mall: Mall, rows: Iterable[Product]) -> frozenset[int]:
    named = {row.specs_id: row.id for row in rows if row.specs_id is not None}
    found = await mall.stores.specs.by_ids(named) if named else {}
    return frozenset(named[id_] for id_ in named.keys() - found.keys())


async def _slugs(session: ReadSession, contents: Sequence[Content]) -> dict[str, int]:
    wanted = {slug for one in contents for slug in _candidates(one)}
    return {slug: one.id for slug, one in (await products.by_slugs(session, wanted)).items()}


def _candidates(content: Content) -> list[str]:
    row = content.row
    if row.slug:
        return [row.slug]
    return slug_candidates(row.title, row.variants[0].sku, row.merchant or "")


def _codes(seller: Seller, content: Content) -> list[Code]:
    return [(seller.merchant_id, variant.sku) for variant in content.variants]


def _refuse_repetition(known: Known, content: Content, codes: Sequence[Code]) -> None:
    for place, code in enumerate(codes):
        line = known.seen.get(hash(code)) or known.claimed.get(hash(code))
        if line is not None and line != content.line:
            raise _refused(f"variants.{place}.sku", f"Line {line} has the SKU {code[1]} already.")


def _refuse_clash(known: Known, codes: Sequence[Code], before: Product | None) -> None:
    mine = before.id if before else None
    for place, code in enumerate(codes):
        if known.owners.get(code, mine) != mine:
            reason = f"The SKU {code[1]} belongs to another product of this merchant."
            raise _refused(f"variants.{place}.sku", reason)


def _slug(known: Known, content: Content, before: Product | None, id_: int) -> str:
    wanted = content.row.slug
    if wanted is None and before:
        return before.slug
    candidates = _candidates(content)
    free = (slug for slug in candidates if known.slugs.get(slug, id_) == id_)
    # The last resort is no other product's, as ids are unique.
    slug = next(free, None) if wanted else next(free, lengthened(candidates[0], str(id_)))
    if slug is None:
        raise _refused("slug", f"The slug {wanted} is another product's.")
    return slug


def _claim(known: Known, content: Content, codes: Collection[Code]) -> None:
    known.claimed |= {hash(code): content.line for code in codes}


def _own(
    known: Known, codes: Collection[Code], before: Product | None, id_: int, slug: str
) -> None:
    if before:
        known.slugs.pop(before.slug, None)
        for variant in known.variants[id_]:
            known.owners.pop((variant.merchant_id, variant.sku), None)
    known.slugs[slug] = id_
    known.owners |= dict.fromkeys(codes, id_)


def _refused(field_: str, reason: str) -> RowRefused:
    return RowRefused((Problem(field_, reason),))

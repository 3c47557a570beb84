"""Listings: each product stands in all lists and under all words that it must, and in no others."""

from collections.abc import Iterator, Sequence

from jobs.verify_check import SECONDS, Check, Differences, compared, merged
from resolvers.context import Mall
from stores import categories, listing_rows, listings, products, walks
from stores.drivers import Retryable
from stores.listing_rows import Rows
from stores.products import Product
from stores.sql import ReadSession, WriteSession

NAME = "listings"


async def _page(mall: Mall, last: int | None) -> list[int]:
    """Return products, and what is listed without being one."""
    async with mall.stores.database.moment(seconds=SECONDS) as session:
        return merged(
            await walks.PRODUCTS.after(session, last),
            await walks.LISTED_PRODUCTS.after(session, last),
            await walks.TOLD_PRODUCTS.after(session, last),
        )


async def _compare(mall: Mall, ids: Sequence[int]) -> Differences[int]:
    async with mall.stores.database.moment(seconds=SECONDS) as session:
        some = await products.by_ids(session, ids)
        lists, words = await listing_rows.kept(session, ids)
        wanted = await _wanted(session, some)
    found = {}
    for id_ in ids:
        right = wanted.get(id_, ([], []))
        facts = [*_rows("list", right[0], lists.get(id_, []))]
        facts += _rows("word", right[1], words.get(id_, []))
        found[id_] = compared(NAME, id_, facts)
    return {id_: differences for id_, differences in found.items() if differences}


async def _wanted(session: ReadSession, some: dict[int, Product]) -> dict[int, tuple[Rows, Rows]]:
    shelves = await categories.by_ids(session, {one.category_id for one in some.values()})
    return {
        id_: listing_rows.wanted(one, shelves[one.category_id].path())
        for id_, one in some.items()
        # Whatever lies in no category is told by the check of products.
        if one.category_id in shelves
    }


def _rows(kind: str, wanted: Rows, found: Rows) -> Iterator[tuple[str, object, object]]:
    for row in wanted:
        if row not in found:
            yield f"row of {kind}", row, [one for one in found if one[0] == row[0]]
    names = {row[0] for row in wanted}
    for row in found:
        if row[0] not in names:
            yield f"row of {kind}", None, row


async def _repair(mall: Mall, ids: Sequence[int]) -> list[str]:
    return [await _mend(mall, id_) for id_ in ids]


async def _mend(mall: Mall, id_: int) -> str:
    await mall.stores.database.transact(lambda session: _put(session, id_), seconds=SECONDS)
    return f"Product {id_}: its lists and words were written again."


async def _put(session: WriteSession, id_: int) -> None:
    before = (await products.by_ids(session, [id_])).get(id_)
    if before is None:
        await listing_rows.remove(session, id_)
        return
    # Whoever lists this product holds its shelf, so what is read from here on stays.
    shelves = await categories.hold(session, [before.category_id])
    now = (await products.by_ids(session, [id_])).get(id_)
    if now is None or now.category_id != before.category_id:
        raise Retryable
    if now.category_id in shelves:
        await listings.put(session, [(now, shelves[now.category_id].path())], is_new=False)


LISTINGS = Check(
    name=NAME,
    about="Each product stands once in the list of the shop and of each category above it, and "
    "under the words of its title; nothing else does.",
    page=_page,
    compare=_compare,
    repair=_repair,
)

"""Search: the index has each product at its version, and lists what is on sale and nothing else."""

from collections.abc import Sequence

from jobs import search_index
from jobs.verify_check import SECONDS, Check, Differences, compared, merged
from resolvers.context import Mall
from stores import products, walks
from stores.products import Product, ProductStatus
from stores.search import CONSUMER
from stores.walks import PAGE

NAME = "search"


async def _page(mall: Mall, last: int | None) -> list[int]:
    """Return products, and what the index lists without being one."""
    async with mall.stores.database.moment(seconds=SECONDS) as session:
        known = await walks.PRODUCTS.after(session, last)
    return merged(known, await mall.stores.search.listed_after(last or 0, PAGE))


async def _compare(mall: Mall, ids: Sequence[int]) -> Differences[int]:
    # The index first: it may only know less than the shop.
    versions = await mall.stores.search.versions(ids)
    listed = await mall.stores.search.listed(ids)
    async with mall.stores.database.moment(seconds=SECONDS) as session:
        some = await products.by_ids(session, ids)
    found = {}
    for id_ in ids:
        facts: list[tuple[str, object, object]] = [
            ("is listed", _is_on_sale(some, id_), id_ in listed)
        ]
        if id_ in some:
            # Newer than the shop is wrong too: a backup was restored, and the index was not.
            right = search_index.index_version(some[id_])
            facts.append(("version", right, versions.get(id_)))
        found[id_] = compared(NAME, id_, facts)
    return {id_: differences for id_, differences in found.items() if differences}


def _is_on_sale(some: dict[int, Product], id_: int) -> bool:
    return id_ in some and some[id_].status == ProductStatus.ACTIVE.value


async def _repair(mall: Mall, ids: Sequence[int]) -> list[str]:
    versions = await mall.stores.search.versions(ids)
    newest = {id_: versions.get(id_, 0) for id_ in ids}
    await mall.stores.search.put(await search_index.current(mall, newest))
    return [f"Product {id_}: its document was sent to the index again." for id_ in ids]


SEARCH = Check(
    name=NAME,
    about="The search index has each product at its version, and lists those that are on sale "
    "and nothing else.",
    page=_page,
    compare=_compare,
    repair=_repair,
    consumer=CONSUMER,
)

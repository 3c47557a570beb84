"""Snapshots: pages as they were bought are there, and nobody has changed them."""

from collections.abc import Iterator, Sequence

from jobs.verify_check import SECONDS, Check, Differences, compared, walking
from resolvers.context import Mall
from stores import orders, snapshots, walks
from stores.orders import OrderLine
from stores.snapshots import Snapshot, content_hash

NAME, LINES = "snapshots", "order-lines"


async def _compare(mall: Mall, ids: Sequence[int]) -> Differences[int]:
    async with mall.stores.database.moment(seconds=SECONDS) as session:
        pages = await snapshots.by_ids(session, ids)
    facts = {
        id_: [("content hash", page.content_hash, content_hash(page.body))]
        for id_, page in pages.items()
    }
    found = {id_: compared(NAME, id_, told) for id_, told in facts.items()}
    return {id_: differences for id_, differences in found.items() if differences}


async def _compare_lines(mall: Mall, ids: Sequence[int]) -> Differences[int]:
    async with mall.stores.database.moment(seconds=SECONDS) as session:
        lines = await orders.lines_by_ids(session, ids)
        numbers = {line.number for line in lines.values()}
        known = await orders.by_numbers(session, numbers)
        pages = await snapshots.by_ids(session, {line.snapshot_id for line in lines.values()})
    found = {}
    for id_, line in lines.items():
        facts = [("has an order", True, line.number in known), *_page(line, pages)]
        found[id_] = compared(LINES, id_, facts)
    return {id_: differences for id_, differences in found.items() if differences}


def _page(line: OrderLine, pages: dict[int, Snapshot]) -> Iterator[tuple[str, object, object]]:
    page = pages.get(line.snapshot_id)
    yield f"has its snapshot {line.snapshot_id}", True, page is not None
    if page:
        yield "product of its snapshot", line.product_id, page.product_id


SNAPSHOTS = Check(
    name=NAME,
    about="Each page that was bought is, byte by byte, the page that its hash was made of.",
    page=walking(walks.SNAPSHOTS),
    compare=_compare,
)
ORDER_LINES = Check(
    name=LINES,
    about="Each line belongs to an order, and has the page of its product as it was bought.",
    page=walking(walks.ORDER_LINES),
    compare=_compare_lines,
)

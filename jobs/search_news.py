"""What events mean for the search index: which products must be put into it again."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from jobs.search_index import BATCH, current, documents
from resolvers.category_edits import CHANGED as CATEGORY_CHANGED
from resolvers.context import Mall
from resolvers.order_states import CHANGED as ORDER_CHANGED
from resolvers.order_states import PLACED as ORDER_PLACED
from stores import inventory, listing_moves, products, stock_movements, warehouses
from stores.outbox import Event
from stores.products import Product
from stores.sql import ReadSession

#: Reads some products behind an id.
More = Callable[[ReadSession, int], Awaitable[list[Product]]]


@dataclass(slots=True)
class News:
    """What some events tell of."""

    #: Product -> the newest version of it that was named; 0 where only its stock changed.
    products: dict[int, int] = field(default_factory=dict)
    #: Shelves whose products are found by other names than before.
    shelves: set[int] = field(default_factory=set)
    #: Merchants that sell from another warehouse than before.
    merchants: set[int] = field(default_factory=set)
    #: Variants that were taken for orders, and those that came back from one.
    taken: set[int] = field(default_factory=set)
    returned: set[int] = field(default_factory=set)

    def read(self, event: Event) -> None:
        """Take in one event; those of other matters are nothing."""
        kind, _, key = event.aggregate.partition(":")
        body: dict[str, Any] = event.body
        if kind == "Product":
            self.products[int(key)] = max(event.version, self.products.get(int(key), 0))
        elif event.topic == stock_movements.CHANGED:
            self.products.setdefault(body["productId"], 0)
        elif event.topic == CATEGORY_CHANGED:
            self.shelves.add(int(key))
        elif event.topic == warehouses.SELLS_NOW:
            self.merchants.add(body["merchantId"])
        elif event.topic in (ORDER_PLACED, ORDER_CHANGED):
            variants = self.taken if event.topic == ORDER_PLACED else self.returned
            variants.update(map(int, body["units"]))


async def take_in(mall: Mall, events: Sequence[Event]) -> None:
    """Put the products that events tell of into the index, each once, as they are now.

    Raises StoreUnavailable.
    """
    news = News()
    for event in events:
        news.read(event)
    for id_ in await _turned(mall, news):
        news.products.setdefault(id_, 0)
    if news.products:
        await mall.stores.search.put(await current(mall, news.products))
    for shelf in sorted(news.shelves):
        await _put_all(mall, partial(_of_shelf, shelf))
    for merchant in sorted(news.merchants):
        await _put_all(mall, partial(_of_merchant, merchant))


async def _turned(mall: Mall, news: News) -> Collection[int]:
    """Return the products of which orders may have changed whether they can be bought.

    One that can be bought after units were taken could be so before: nothing is to be told of
    most orders.
    """
    if not news.taken and not news.returned:
        return ()
    async with mall.stores.database.read(fresh=True) as session:
        found = await products.variants_by_ids(session, news.taken | news.returned)
        owners = {row.id: row.product_id for row in found.values()}
        taken = {owners[id_] for id_ in news.taken if id_ in owners}
        left = await inventory.available_products(session, taken) if taken else set()
    return (taken - left) | {owners[id_] for id_ in news.returned if id_ in owners}


async def _put_all(mall: Mall, more: More) -> None:
    last = 0
    while some := await _some(mall, more, last):
        await mall.stores.search.put(await documents(mall, some))
        last = some[-1].id


async def _some(mall: Mall, more: More, last: int) -> list[Product]:
    async with mall.stores.database.read(fresh=True) as session:
        return await more(session, last)


async def _of_shelf(shelf: int, session: ReadSession, last: int) -> list[Product]:
    return await listing_moves.below(session, shelf, last, BATCH)


async def _of_merchant(merchant: int, session: ReadSession, last: int) -> list[Product]:
    return await products.after(session, last, BATCH, merchant)

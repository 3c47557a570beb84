"""Pages and counts of lists of orders, those of equal conditions together."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from loaders.batch import KeyLoader
from stores import order_lists
from stores.keyset import Window
from stores.order_lists import OrderFilter, OrderSort
from stores.orders import Order
from stores.sql import OperationDatabase


@dataclass(frozen=True, slots=True)
class OrderListing:
    """What a list is asked for, whoever's it is."""

    wanted: OrderFilter
    sort: OrderSort
    window: Window


class OrderListLoaders:
    """A loader for each kind of question, as their keys are only the customers."""

    def __init__(self, database: OperationDatabase) -> None:
        """Read through the operation's view of the database."""
        self._database = database
        self._pages: dict[OrderListing, KeyLoader[int, list[Order]]] = {}
        self._counts: dict[OrderFilter, KeyLoader[int, int]] = {}

    async def pages(self, asked: OrderListing, lists: Sequence[int]) -> list[list[Order]]:
        """Return a page of each list, by user id or EVERYBODY."""
        if asked not in self._pages:

            async def fetch(keys: Collection[int]) -> dict[int, list[Order]]:
                async with self._database.read() as session:
                    return await order_lists.pages(
                        session, list(keys), asked.wanted, asked.sort, asked.window
                    )

            self._pages[asked] = KeyLoader(fetch, missing=[])
        return await self._pages[asked].many(lists)

    async def counts(self, wanted: OrderFilter, lists: Sequence[int]) -> list[int]:
        """Return how many orders each list has."""
        if wanted not in self._counts:

            async def fetch(keys: Collection[int]) -> dict[int, int]:
                async with self._database.read() as session:
                    return await order_lists.counts(session, list(keys), wanted)

            self._counts[wanted] = KeyLoader(fetch, missing=0)
        return await self._counts[wanted].many(lists)

"""Pages and counts of lists of products, those of equal conditions together."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from loaders.batch import KeyLoader
from stores import listings
from stores.keyset import Window
from stores.listing_filters import ProductFilter
from stores.listings import ProductSort
from stores.products import Product
from stores.sql import OperationDatabase


@dataclass(frozen=True, slots=True)
class Listing:
    """What a list is asked for, whichever category it is of."""

    wanted: ProductFilter
    sort: ProductSort
    window: Window


class ListingLoaders:
    """A loader for each kind of question, as their keys are only the lists."""

    def __init__(self, database: OperationDatabase) -> None:
        """Read through the operation's view of the database."""
        self._database = database
        self._pages: dict[Listing, KeyLoader[int, list[Product]]] = {}
        self._counts: dict[ProductFilter, KeyLoader[int, int]] = {}

    async def pages(self, asked: Listing, lists: Sequence[int]) -> list[list[Product]]:
        """Return a page of each list, by category id or WHOLE_SHOP."""
        if asked not in self._pages:

            async def fetch(keys: Collection[int]) -> dict[int, list[Product]]:
                async with self._database.read() as session:
                    return await listings.pages(
                        session, list(keys), asked.wanted, asked.sort, asked.window
                    )

            self._pages[asked] = KeyLoader(fetch, missing=[])
        return await self._pages[asked].many(lists)

    async def counts(self, wanted: ProductFilter, lists: Sequence[int]) -> list[int]:
        """Return how many products each list has."""
        if wanted not in self._counts:

            async def fetch(keys: Collection[int]) -> dict[int, int]:
                async with self._database.read() as session:
                    return await listings.counts(session, keys, wanted)

            self._counts[wanted] = KeyLoader(fetch, missing=0)
        return await self._counts[wanted].many(lists)

"""The shop's own row, read once per operation."""

from collections.abc import Collection

from loaders.batch import KeyLoader
from stores import shop
from stores.shop import Shop
from stores.sql import OperationDatabase


class ShopLoaders:
    """The shop by its id."""

    def __init__(self, database: OperationDatabase) -> None:
        """Read through the operation's view of the database."""
        self._database = database
        self.by_id: KeyLoader[int, Shop | None] = KeyLoader(self._by_ids, missing=None)

    async def _by_ids(self, _ids: Collection[int]) -> dict[int, Shop | None]:
        async with self._database.read() as session:
            row = await shop.get(session)
        return {} if row is None else {row.id: row}

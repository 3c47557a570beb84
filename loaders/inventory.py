"""What is read of stock, each once per operation."""

from collections.abc import Collection

from loaders.batch import KeyLoader
from stores import inventory
from stores.sql import OperationDatabase


class InventoryLoaders:
    """Units that can be bought."""

    def __init__(self, database: OperationDatabase) -> None:
        """Read through the operation's view of the database."""
        self._database = database
        self.available: KeyLoader[int, int] = KeyLoader(self._available, missing=0)
        self.is_available: KeyLoader[int, bool] = KeyLoader(self._available_products, missing=False)

    async def _available(self, ids: Collection[int]) -> dict[int, int]:
        async with self._database.read() as session:
            return await inventory.available(session, ids)

    async def _available_products(self, ids: Collection[int]) -> dict[int, bool]:
        async with self._database.read() as session:
            return dict.fromkeys(await inventory.available_products(session, ids), True)

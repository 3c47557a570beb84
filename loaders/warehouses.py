"""What is read of warehouses, each once per operation."""

from collections.abc import Collection

from loaders.batch import KeyLoader
from stores import warehouses
from stores.sql import OperationDatabase
from stores.warehouses import Warehouse


class WarehouseLoaders:
    """Warehouses by id, and those of each merchant."""

    def __init__(self, database: OperationDatabase) -> None:
        """Read through the operation's view of the database."""
        self._database = database
        self.by_id: KeyLoader[int, Warehouse | None] = KeyLoader(self._by_ids, missing=None)
        self.by_merchant: KeyLoader[int, list[Warehouse]] = KeyLoader(
            self._by_merchants, missing=[]
        )

    async def _by_ids(self, ids: Collection[int]) -> dict[int, Warehouse | None]:
        async with self._database.read() as session:
            return {**await warehouses.by_ids(session, ids)}

    async def _by_merchants(self, ids: Collection[int]) -> dict[int, list[Warehouse]]:
        async with self._database.read() as session:
            return await warehouses.by_merchants(session, ids)

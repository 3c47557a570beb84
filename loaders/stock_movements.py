"""What is read of the stock log, each once per operation."""

from collections.abc import Collection

from loaders.batch import KeyLoader
from stores import stock_movements
from stores.sql import OperationDatabase
from stores.stock_movements import StockMovement


class StockMovementLoaders:
    """Movements by id."""

    def __init__(self, database: OperationDatabase) -> None:
        """Read through the operation's view of the database."""
        self._database = database
        self.by_id: KeyLoader[int, StockMovement | None] = KeyLoader(self._by_ids, missing=None)

    async def _by_ids(self, ids: Collection[int]) -> dict[int, StockMovement | None]:
        async with self._database.read() as session:
            return {**await stock_movements.by_ids(session, ids)}

"""What is read of goods on their way, there and back, each once per operation."""

from collections.abc import Collection

from loaders.batch import KeyLoader
from stores import fulfillments, order_returns
from stores.fulfillments import Fulfillment
from stores.order_returns import OrderReturn
from stores.sql import OperationDatabase


class FulfillmentLoaders:
    """Fulfillments and returns, by id and by order."""

    def __init__(self, database: OperationDatabase) -> None:
        """Read through the operation's view of the database."""
        self._database = database
        self.by_id: KeyLoader[int, Fulfillment | None] = KeyLoader(self._by_ids, missing=None)
        self.of_order: KeyLoader[str, list[Fulfillment]] = KeyLoader(self._of_orders, missing=[])
        self.return_by_id: KeyLoader[int, OrderReturn | None] = KeyLoader(
            self._returns, missing=None
        )
        self.returns_of_order: KeyLoader[str, list[OrderReturn]] = KeyLoader(self._back, missing=[])

    async def _by_ids(self, ids: Collection[int]) -> dict[int, Fulfillment | None]:
        async with self._database.read() as session:
            return {**await fulfillments.by_ids(session, ids)}

    async def _of_orders(self, numbers: Collection[str]) -> dict[str, list[Fulfillment]]:
        async with self._database.read() as session:
            return await fulfillments.by_numbers(session, numbers)

    async def _returns(self, ids: Collection[int]) -> dict[int, OrderReturn | None]:
        async with self._database.read() as session:
            return {**await order_returns.by_ids(session, ids)}

    async def _back(self, numbers: Collection[str]) -> dict[str, list[OrderReturn]]:
        async with self._database.read() as session:
            return await order_returns.by_numbers(session, numbers)

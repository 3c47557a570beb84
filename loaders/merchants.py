"""What is read of merchants, each once per operation."""

from collections.abc import Collection

from loaders.batch import KeyLoader
from stores import merchants
from stores.merchants import Merchant
from stores.parts import Wanted
from stores.sql import OperationDatabase


class MerchantLoaders:
    """Merchants by id."""

    def __init__(self, database: OperationDatabase, wanted: Wanted) -> None:
        """Read through the operation's view of the database what it wants."""
        self._database, self._wanted = database, wanted
        self.by_id: KeyLoader[int, Merchant | None] = KeyLoader(self._by_ids, missing=None)

    async def _by_ids(self, ids: Collection[int]) -> dict[int, Merchant | None]:
        async with self._database.read() as session:
            return {**await merchants.by_ids(session, ids, self._wanted)}

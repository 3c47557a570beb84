"""Who has bought from whom, each asked once per operation."""

from collections.abc import Collection

from loaders.lists import AskedLoader
from stores import customers
from stores.sql import OperationDatabase


class CustomerLoaders:
    """Whether users have bought from a merchant."""

    def __init__(self, database: OperationDatabase) -> None:
        """Read through the operation's view of the database."""
        self._database = database
        #: By merchant, then by user.
        self.has_bought: AskedLoader[int, bool] = AskedLoader(self._bought, missing=False)

    async def _bought(self, merchant_id: int, ids: Collection[int]) -> dict[int, bool]:
        async with self._database.read() as session:
            found = await customers.buyers(session, merchant_id, ids)
        return dict.fromkeys(found, True)

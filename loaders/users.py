"""What is read of users, each once per operation."""

from collections.abc import Collection

from loaders.batch import KeyLoader
from stores import saved_addresses, users
from stores.saved_addresses import SavedAddress
from stores.sql import OperationDatabase
from stores.users import User


class UserLoaders:
    """Users by id, and the addresses that they keep."""

    def __init__(self, database: OperationDatabase) -> None:
        """Read through the operation's view of the database."""
        self._database = database
        self.by_id: KeyLoader[int, User | None] = KeyLoader(self._by_ids, missing=None)
        self.address_by_id: KeyLoader[int, SavedAddress | None] = KeyLoader(
            self._kept_by_ids, missing=None
        )
        self.addresses: KeyLoader[int, list[SavedAddress]] = KeyLoader(self._addresses, missing=[])

    async def _by_ids(self, ids: Collection[int]) -> dict[int, User | None]:
        async with self._database.read() as session:
            return {**await users.by_ids(session, ids)}

    async def _kept_by_ids(self, ids: Collection[int]) -> dict[int, SavedAddress | None]:
        async with self._database.read() as session:
            return {**await saved_addresses.by_ids(session, ids)}

    async def _addresses(self, user_ids: Collection[int]) -> dict[int, list[SavedAddress]]:
        async with self._database.read() as session:
            return await saved_addresses.by_users(session, user_ids)

"""What is read of users, each once per operation."""

from collections.abc import Collection

from loaders.batch import KeyLoader
from stores import users
from stores.sql import OperationDatabase
from stores.users import User


class UserLoaders:
    """Users by id."""

    def __init__(self, database: OperationDatabase) -> None:
        """Read through the operation's view of the database."""
        self._database = database
        self.by_id = KeyLoader[int, User | None](self._by_ids, missing=None)

    async def _by_ids(self, ids: Collection[int]) -> dict[int, User | None]:
        async with self._database.read() as session:
            return {**await users.by_ids(session, ids)}

"""What is read of reservations, each once per operation."""

from collections.abc import Collection

from loaders.batch import KeyLoader
from stores import reservation_lists
from stores.reservations import Reservation
from stores.sql import OperationDatabase


class ReservationLoaders:
    """Reservations by id."""

    def __init__(self, database: OperationDatabase) -> None:
        """Read through the operation's view of the database."""
        self._database = database
        self.by_id: KeyLoader[int, Reservation | None] = KeyLoader(self._by_ids, missing=None)

    async def _by_ids(self, ids: Collection[int]) -> dict[int, Reservation | None]:
        async with self._database.read() as session:
            return {**await reservation_lists.by_ids(session, ids)}

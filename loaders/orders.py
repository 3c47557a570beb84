"""What is read of orders, each once per operation."""

from collections.abc import Collection

from loaders.batch import KeyLoader
from stores import order_events, orders, outbox, product_revisions, snapshots
from stores.order_events import OrderEvent
from stores.orders import Order, OrderLine
from stores.snapshots import Snapshot
from stores.sql import OperationDatabase


class OrderLoaders:
    """Orders, their lines, their events and the pages they were bought from."""

    def __init__(self, database: OperationDatabase) -> None:
        """Read through the operation's view of the database."""
        self._database = database
        self.by_number: KeyLoader[str, Order | None] = KeyLoader(self._by_numbers, missing=None)
        self.lines: KeyLoader[str, list[OrderLine]] = KeyLoader(self._lines, missing=[])
        self.line_by_id: KeyLoader[int, OrderLine | None] = KeyLoader(
            self._lines_by_ids, missing=None
        )
        self.events: KeyLoader[str, list[OrderEvent]] = KeyLoader(self._events, missing=[])
        self.event_by_id: KeyLoader[int, OrderEvent | None] = KeyLoader(
            self._events_by_ids, missing=None
        )
        self.publish_sequence: KeyLoader[int, int | None] = KeyLoader(
            self._publish_sequences, missing=None
        )
        self.snapshot_by_id: KeyLoader[int, Snapshot | None] = KeyLoader(
            self._snapshots, missing=None
        )
        #: By product and revision.
        self.editor: KeyLoader[tuple[int, int], int | None] = KeyLoader(self._editors, missing=None)

    async def _by_numbers(self, numbers: Collection[str]) -> dict[str, Order | None]:
        async with self._database.read() as session:
            return {**await orders.by_numbers(session, numbers)}

    async def _lines(self, numbers: Collection[str]) -> dict[str, list[OrderLine]]:
        async with self._database.read() as session:
            return await orders.lines_by_number(session, numbers)

    async def _lines_by_ids(self, ids: Collection[int]) -> dict[int, OrderLine | None]:
        async with self._database.read() as session:
            return {**await orders.lines_by_ids(session, ids)}

    async def _events(self, numbers: Collection[str]) -> dict[str, list[OrderEvent]]:
        async with self._database.read() as session:
            return await order_events.by_numbers(session, numbers)

    async def _events_by_ids(self, ids: Collection[int]) -> dict[int, OrderEvent | None]:
        async with self._database.read() as session:
            return {**await order_events.by_ids(session, ids)}

    async def _publish_sequences(self, ids: Collection[int]) -> dict[int, int | None]:
        async with self._database.read() as session:
            return {**await outbox.sequences(session, ids)}

    async def _snapshots(self, ids: Collection[int]) -> dict[int, Snapshot | None]:
        async with self._database.read() as session:
            return {**await snapshots.by_ids(session, ids)}

    async def _editors(
        self, revisions: Collection[tuple[int, int]]
    ) -> dict[tuple[int, int], int | None]:
        async with self._database.read() as session:
            return {**await product_revisions.editors(session, revisions)}

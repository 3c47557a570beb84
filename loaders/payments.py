"""What is read of payments, each once per operation."""

from collections.abc import Collection

from loaders.batch import KeyLoader
from stores import payment_events, payments, refunds
from stores.payment_events import PaymentEvent
from stores.payments import Payment
from stores.refunds import Refund
from stores.sql import OperationDatabase


class PaymentLoaders:
    """Payments, their events and their refunds."""

    def __init__(self, database: OperationDatabase) -> None:
        """Read through the operation's view of the database."""
        self._database = database
        self.by_id: KeyLoader[int, Payment | None] = KeyLoader(self._by_ids, missing=None)
        self.of_order: KeyLoader[str, list[Payment]] = KeyLoader(self._of_orders, missing=[])
        self.events: KeyLoader[int, list[PaymentEvent]] = KeyLoader(self._events, missing=[])
        self.event_by_id: KeyLoader[int, PaymentEvent | None] = KeyLoader(
            self._events_by_ids, missing=None
        )
        self.refunds: KeyLoader[int, list[Refund]] = KeyLoader(self._refunds, missing=[])
        self.refunds_of_order: KeyLoader[str, list[Refund]] = KeyLoader(
            self._refunds_of_orders, missing=[]
        )
        self.refund_by_id: KeyLoader[int, Refund | None] = KeyLoader(
            self._refunds_by_ids, missing=None
        )

    async def _by_ids(self, ids: Collection[int]) -> dict[int, Payment | None]:
        async with self._database.read() as session:
            return {**await payments.by_ids(session, ids)}

    async def _of_orders(self, numbers: Collection[str]) -> dict[str, list[Payment]]:
        async with self._database.read() as session:
            found = await payments.by_numbers(session, numbers)
        # Whoever asks for the payment of one of their refunds has it.
        self.by_id.keep({one.id: one for some in found.values() for one in some})
        return found

    async def _events(self, ids: Collection[int]) -> dict[int, list[PaymentEvent]]:
        async with self._database.read() as session:
            return await payment_events.by_payments(session, ids)

    async def _events_by_ids(self, ids: Collection[int]) -> dict[int, PaymentEvent | None]:
        async with self._database.read() as session:
            return {**await payment_events.by_ids(session, ids)}

    async def _refunds(self, ids: Collection[int]) -> dict[int, list[Refund]]:
        async with self._database.read() as session:
            return await refunds.by_payments(session, ids)

    async def _refunds_by_ids(self, ids: Collection[int]) -> dict[int, Refund | None]:
        async with self._database.read() as session:
            return {**await refunds.by_ids(session, ids)}

    async def _refunds_of_orders(self, numbers: Collection[str]) -> dict[str, list[Refund]]:
        async with self._database.read() as session:
            return await refunds.by_numbers(session, numbers)

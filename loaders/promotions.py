"""What is read of promotions, each once per operation."""

from collections.abc import Collection, Sequence
from datetime import datetime

from loaders.batch import KeyLoader
from stores import coupons, order_discounts, promotions, running_promotions
from stores.coupons import Coupon
from stores.order_discounts import OrderDiscount
from stores.promotions import Promotion
from stores.running_promotions import RunningPromotions
from stores.shop import SHOP_ID, Shop
from stores.sql import OperationDatabase

#: There is one list of what applies now.
_ALL = 0


class PromotionLoaders:
    """Promotions by id, those that apply now, coupons, and what was taken off orders."""

    def __init__(
        self,
        database: OperationDatabase,
        shop: KeyLoader[int, Shop | None],
        known: RunningPromotions,
    ) -> None:
        """Read through the operation's view of the database what the process does not know."""
        self._database, self._shop, self._known = database, shop, known
        self._now: datetime | None = None
        #: Whose promotions the viewer sees all, and when she asked last.
        self._own: int | None = None
        self._asked_at: datetime | None = None
        self.by_id: KeyLoader[int, Promotion | None] = KeyLoader(self._by_ids, missing=None)
        self.seen_by_id: KeyLoader[int, Promotion | None] = KeyLoader(self._seen, missing=None)
        self.coupon_by_id: KeyLoader[int, Coupon | None] = KeyLoader(self._coupons, missing=None)
        self.by_order: KeyLoader[str, list[OrderDiscount]] = KeyLoader(self._by_orders, missing=[])
        self.all_active: KeyLoader[int, list[Promotion]] = KeyLoader(self._active, missing=[])
        self.all_running: KeyLoader[int, list[Promotion]] = KeyLoader(self._running, missing=[])

    async def active(self, now: datetime) -> list[Promotion]:
        """Return what applies now, the oldest first; an operation has one now."""
        self._now = self._now or now
        return (await self.all_active.many([_ALL]))[0]

    async def seen(
        self, ids: Sequence[int], own: int | None, now: datetime
    ) -> list[Promotion | None]:
        """Return each that applies now or is of the viewer's own merchant; None for others."""
        self._own, self._asked_at = own, now
        return await self.seen_by_id.many(ids)

    async def running(self, now: datetime) -> list[Promotion]:
        """Return what applies now, the oldest first, to price something by.

        The uses of one without a limit may be those of some seconds ago.
        """
        (shop,) = await self._shop.many([SHOP_ID])
        known = self._known.known(shop.promotions_revision, now) if shop else None
        if known is not None:
            return known
        self._now = self._now or now
        return (await self.all_running.many([_ALL]))[0]

    async def _by_ids(self, ids: Collection[int]) -> dict[int, Promotion | None]:
        async with self._database.read() as session:
            return {**await promotions.by_ids(session, ids)}

    async def _seen(self, ids: Collection[int]) -> dict[int, Promotion | None]:
        if self._asked_at is None:
            raise TypeError("Ask by `seen`, which says when.")
        async with self._database.read() as session:
            return {**await promotions.seen_by_ids(session, ids, self._own, self._asked_at)}

    async def _coupons(self, ids: Collection[int]) -> dict[int, Coupon | None]:
        async with self._database.read() as session:
            return {**await coupons.by_ids(session, ids)}

    async def _by_orders(self, numbers: Collection[str]) -> dict[str, list[OrderDiscount]]:
        async with self._database.read() as session:
            return await order_discounts.by_numbers(session, numbers)

    async def _active(self, _lists: Collection[int]) -> dict[int, list[Promotion]]:
        if self._now is None:
            raise TypeError("Ask by `active`, which says when.")
        async with self._database.read() as session:
            return {_ALL: await promotions.active(session, self._now)}

    async def _running(self, _lists: Collection[int]) -> dict[int, list[Promotion]]:
        if self._now is None:
            raise TypeError("Ask by `running`, which says when.")
        async with self._database.read() as session:
            found = await running_promotions.running(session, self._now)
        self._known.keep(found)
        return {_ALL: found.at(self._now)}

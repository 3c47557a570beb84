"""The demo shop: products to look at before there are any of one's own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from jobs.import_catalogue import Progress, Report, import_file
from resolvers.context import Mall
from stores import coupons, products, promotion_lists, promotion_writes, shop
from stores.coupons import Coupon
from stores.promotion_lists import PromotionFilter
from stores.promotion_terms import Action, Condition, Scope
from stores.promotions import Promotion, PromotionStatus
from stores.sql import WriteSession


async def seed(
    mall: Mall, catalogue: Path, progress: Callable[[Progress], None] | None = None
) -> Report:
    """Import the demo catalogue; a second time nothing changes. Raises as `import_file`."""
    if progress is None:
        return await import_file(mall, catalogue)
    return await import_file(mall, catalogue, progress=progress)


@dataclass(frozen=True, slots=True)
class DemoPromotion:
    """A promotion of the whole shop without an end; `code` is that of its coupon."""

    name: str
    actions: tuple[Action, ...]
    conditions: tuple[Condition, ...] = ()
    scope: Scope | None = None
    code: str | None = None
    priority: int = 0

    def row(self, id_: int, now: datetime) -> Promotion:
        """Return it as it is kept, under this id, from now on."""
        return Promotion(
            id=id_,
            version=1,
            updated_at=now,
            merchant_id=0,
            name=self.name,
            status=PromotionStatus.ACTIVE.value,
            starts_at=now,
            ends_at=None,
            priority=self.priority,
            is_stackable=False,
            is_coupon_required=self.code is not None,
            is_claimable=False,
            scope=self.scope,
            conditions=self.conditions,
            actions=self.actions,
            usage_limit=None,
            usage_limit_per_customer=None,
        )


async def promote(
    mall: Mall, slugs: Sequence[str], make: Callable[[Mapping[str, int]], Sequence[DemoPromotion]]
) -> int:
    """Start promotions, made of the ids of products, and return how many.

    A shop that has any promotion has its own, and is left alone. Raises StoreUnavailable.
    """

    async def work(session: WriteSession) -> int:
        await shop.hold(session)
        if await promotion_lists.count(session, PromotionFilter(mall.clock(), merchant_id=None)):
            return 0
        found = await products.by_slugs(session, slugs)
        demo = make({slug: row.id for slug, row in found.items()})
        for one in demo:
            await _start(session, mall, one)
        return len(demo)

    return await mall.stores.database.transact(work)


async def _start(session: WriteSession, mall: Mall, demo: DemoPromotion) -> None:
    id_ = mall.ids.next()
    await promotion_writes.add(session, demo.row(id_, mall.clock()))
    if demo.code:
        coupon = Coupon(mall.ids.next(), id_, demo.code, None, None, 0, None, None)
        await coupons.add(session, [coupon])


async def has_products(mall: Mall) -> bool:
    """Return whether the shop has any product. Raises StoreUnavailable."""
    async with mall.stores.database.read(fresh=True) as session:
        return bool(await products.after(session, 0, 1))

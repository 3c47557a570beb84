"""Merchants that an import names: found, or made with a warehouse to sell from.

The first one of a shop brings a free delivery rate; the shop may have others.
"""

from collections.abc import Collection
from dataclasses import dataclass

from resolvers.context import Mall
from stores import delivery_rates, merchants, shop, warehouses
from stores.delivery_rates import DeliveryRate
from stores.merchants import Merchant
from stores.sql import ReadSession, WriteSession
from stores.warehouses import Warehouse

WAREHOUSE = "main"
DELIVERY = "Standard delivery"


@dataclass(frozen=True, slots=True)
class Seller:
    """A merchant and the warehouse it sells from."""

    merchant_id: int
    warehouse_id: int


class Sellers:
    """The sellers of one import; each is looked up once."""

    def __init__(self, mall: Mall) -> None:
        """Know nobody yet."""
        self._mall = mall
        self._known: dict[str | None, Seller] = {}

    async def by_name(self, names: Collection[str | None]) -> dict[str | None, Seller]:
        """Return a seller for each name; None is the shop's first. Raises StoreUnavailable."""
        if missing := [name for name in dict.fromkeys(names) if name not in self._known]:
            async with self._mall.stores.database.read(fresh=True) as session:
                self._known |= await _found(session, missing)
        if missing := [name for name in missing if name not in self._known]:
            self._known |= await self._mall.stores.database.transact(
                lambda session: self._make(session, missing)
            )
        return self._known

    async def _make(
        self, session: WriteSession, names: Collection[str | None]
    ) -> dict[str | None, Seller]:
        # Two imports at once would make everybody twice: no name is unique.
        await shop.hold(session)
        for name in names:
            # Staff may just give this merchant its first warehouse.
            if (merchant_id := (await _ids(session, [name])).get(name)) is not None:
                await merchants.hold(session, merchant_id)
            if not await _found(session, [name]):
                await self._add(session, name)
        return await _found(session, names)

    async def _add(self, session: WriteSession, name: str | None) -> None:
        merchant_id = (await _ids(session, [name])).get(name)
        if merchant_id is None:
            merchant_id = self._mall.ids.next()
            called = name or await _name_of_shop(session)
            await merchants.add(session, Merchant(merchant_id, 1, self._mall.clock(), called, True))  # noqa: FBT003  A column.
        warehouse = Warehouse(
            id=self._mall.ids.next(),
            version=1,
            updated_at=self._mall.clock(),
            merchant_id=merchant_id,
            code=WAREHOUSE,
            name=WAREHOUSE,
            is_selling=True,
        )
        await warehouses.add(session, warehouse)
        # Without any, nothing could be ordered.
        if not await delivery_rates.count(session):
            await delivery_rates.add(session, self._first_rate())

    def _first_rate(self) -> DeliveryRate:
        return DeliveryRate(
            id=self._mall.ids.next(),
            version=1,
            updated_at=self._mall.clock(),
            title=DELIVERY,
            carrier=None,
            regions=[],
            price_minor=0,
            price_per_kg_minor=None,
            free_above_minor=None,
            estimated_days=3,
            is_active=True,
        )


async def _found(session: ReadSession, names: Collection[str | None]) -> dict[str | None, Seller]:
    ids = await _ids(session, names)
    selling = await warehouses.selling(session)
    return {name: Seller(id_, selling[id_]) for name, id_ in ids.items() if id_ in selling}


async def _ids(session: ReadSession, names: Collection[str | None]) -> dict[str | None, int]:
    ids: dict[str | None, int] = {}
    for merchant in reversed(await merchants.in_order_of_age(session)):
        ids[merchant.name] = ids[None] = merchant.id
    return {name: ids[name] for name in names if name in ids}


async def _name_of_shop(session: ReadSession) -> str:
    row = await shop.get(session)
    return row.name if row else "mallgraph"

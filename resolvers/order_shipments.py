"""shipOrders: many orders are shipped under one key; each stands alone."""

from dataclasses import dataclass, replace

from resolvers import batches, order_shipping, versions_after
from resolvers import orders as reading
from resolvers.batches import Batch, Item, Kept
from resolvers.context import STAFF, Context
from resolvers.mutations import Mutation, Rule, Targets
from resolvers.order_shipping import ShipOrder
from resolvers.orders import SeenOrder
from resolvers.refused import Refused
from stores.errors import LimitExceeded, Refusal, Required, VersionConflict
from stores.sql import WriteSession

MAX_ITEMS = 100


@dataclass(frozen=True, slots=True)
class ShipOrders:
    """Ship orders, in this sequence; an item that cannot be read is refused, as it stands."""

    key: str
    items: tuple[ShipOrder | Refused, ...]

    def __post_init__(self) -> None:
        """Raise a Refusal for no items, or too many."""
        if not self.items:
            raise Required("Name at least one order.", ("items",))
        if len(self.items) > MAX_ITEMS:
            reason = f"{len(self.items)} orders; at most {MAX_ITEMS} at a time."
            raise LimitExceeded(reason, ("items",))


@dataclass(frozen=True, slots=True)
class Shipment:
    """What became of one order: what is in the parcel, or why there is none."""

    order: SeenOrder | None
    fulfillment_id: int | None
    refusal: Refusal | None


async def told(ctx: Context, targets: Targets) -> list[Shipment]:
    """Return what became of each item, with the orders as they are now."""
    items: list[Kept] = targets["items"]
    numbers = [reading.number_of(one["order"]) if "order" in one else None for one in items]
    known = list(dict.fromkeys(number for number in numbers if number))
    seen = dict(zip(known, await reading.by_numbers(ctx, known), strict=True))
    return [
        _shipment(seen.get(number or ""), one) for number, one in zip(numbers, items, strict=True)
    ]


def _shipment(order: SeenOrder | None, kept: Kept) -> Shipment:
    refused = batches.refusal(kept)
    if isinstance(refused, VersionConflict):
        refused = replace(refused, current=order)
    return Shipment(order, kept.get("fulfillment"), refused)


async def _ship_one(
    session: WriteSession, ctx: Context, item: Item[ShipOrder], targets: Targets
) -> None:
    await order_shipping.ship(session, ctx, item.command, targets["fulfillment"])


async def _ship_all(ctx: Context, wanted: ShipOrders, targets: Targets) -> Rule[ShipOrders]:
    batch = Batch(wanted.key, wanted.items)
    kept = await batches.carried_out(ctx, _SHIP_ITEM, batch)
    targets["items"] = [_named(*one) for one in zip(wanted.items, kept, strict=True)]
    return _nothing


def _named(item: ShipOrder | Refused, kept: Kept) -> Kept:
    """Add the order that an item names, if it can be read, so that it is told with a refusal."""
    return kept if isinstance(item, Refused) else {"order": int(item.number), **kept}


async def _nothing(_: WriteSession, __: Context, ___: ShipOrders, ____: Targets) -> None:
    """Leave the rest to the runner, which writes what became of the items."""


_SHIP_ITEM: Mutation[Item[ShipOrder]] = Mutation(
    name="shipOrders.item",
    audited_as="shipOrders",
    roles=STAFF,
    kind="Fulfillment",
    targets=lambda ctx, item: {
        "fulfillment": ctx.ids.next(),
        "order": int(item.command.number),
    },
    rule=_ship_one,
    version_after=versions_after.of_order,
)
SHIP_ORDERS = Mutation(
    name="shipOrders",
    roles=STAFF,
    kind="Order",
    targets=lambda _ctx, _wanted: {"items": []},
    prepare=_ship_all,
)

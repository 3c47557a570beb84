"""Delivery rates: reading and making them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from resolvers.commands import check, check_text
from resolvers.context import STAFF, Context
from resolvers.mutations import Mutation, Targets
from stores import delivery_rates, shop
from stores.delivery_rates import MAX_RATES, TITLE_LENGTH, DeliveryRate
from stores.errors import LimitExceeded
from stores.sql import WriteSession

MAX_REGIONS = 300
MAX_DAYS = 365
_REGION = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")


@dataclass(frozen=True, slots=True)
class CreateDeliveryRate:
    """Add a tariff; amounts in minor units."""

    title: str
    regions: tuple[str, ...]
    price_minor: int
    carrier: str | None = None
    price_per_kg_minor: int | None = None
    free_above_minor: int | None = None
    estimated_days: int | None = None
    is_active: bool = True

    def __post_init__(self) -> None:
        """Raise Invalid for a value no rate may have."""
        check_text(self.title, "title", TITLE_LENGTH)
        check_text(self.carrier or "-", "carrier", TITLE_LENGTH)
        check(
            len(self.regions) <= MAX_REGIONS,
            f"A rate has at most {MAX_REGIONS} regions; none means everywhere.",
            "regions",
        )
        for place, region in enumerate(self.regions):
            reason = f"{region!r:.20} is no code of ISO 3166; DE and US-CA are some."
            check(bool(_REGION.fullmatch(region)), reason, "regions", str(place))
        days = self.estimated_days
        is_soon = days is None or 0 <= days <= MAX_DAYS
        check(is_soon, f"estimatedDays is 0 to {MAX_DAYS}.", "estimatedDays")


async def all_rates(ctx: Context) -> list[DeliveryRate]:
    """Return all rates, the oldest first. Raises AccessError."""
    ctx.require(STAFF)
    return await known(ctx)


async def known(ctx: Context) -> list[DeliveryRate]:
    """Return all rates, for whoever prices a delivery."""
    async with ctx.database.read() as session:
        return await delivery_rates.in_order_of_age(session)


async def by_ids(ctx: Context, ids: Sequence[int]) -> list[DeliveryRate | None]:
    """Return each rate, None for one that is missing or if the viewer is no staff."""
    if not ctx.is_staff():
        return [None] * len(ids)
    async with ctx.database.read() as session:
        found = await delivery_rates.by_ids(session, ids)
    return [found.get(id_) for id_ in ids]


async def _create(
    session: WriteSession, ctx: Context, new: CreateDeliveryRate, targets: Targets
) -> None:
    # Two at once would both find room for one more.
    await shop.hold(session)
    if await delivery_rates.count(session) >= MAX_RATES:
        raise LimitExceeded(f"A shop has at most {MAX_RATES} delivery rates.")
    row = DeliveryRate(
        id=targets["deliveryRate"],
        version=1,
        updated_at=ctx.clock(),
        title=new.title.strip(),
        carrier=new.carrier,
        regions=list(dict.fromkeys(new.regions)),
        price_minor=new.price_minor,
        price_per_kg_minor=new.price_per_kg_minor,
        free_above_minor=new.free_above_minor,
        estimated_days=new.estimated_days,
        is_active=new.is_active,
    )
    await delivery_rates.add(session, row)


CREATE_DELIVERY_RATE = Mutation(
    name="createDeliveryRate",
    roles=STAFF,
    kind="DeliveryRate",
    targets=lambda ctx, _new: {"deliveryRate": ctx.ids.next()},
    rule=_create,
)

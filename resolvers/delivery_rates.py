"""Delivery rates: reading, making and changing them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from resolvers.commands import UNCHANGED, Unchanged, check, check_text, or_else
from resolvers.context import STAFF, Context
from resolvers.mutations import Mutation, Targets
from stores import delivery_rates, shop
from stores.delivery_rates import MAX_RATES, TITLE_LENGTH, DeliveryRate
from stores.errors import LimitExceeded, NotFound, VersionConflict
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
        _check_values(self.title, self.carrier, self.regions, self.estimated_days)


@dataclass(frozen=True, slots=True)
class UpdateDeliveryRate:
    """Change a tariff; what is UNCHANGED stays, None clears. Amounts in minor units."""

    rate_id: int
    version: int
    title: str | Unchanged = UNCHANGED
    carrier: str | Unchanged | None = UNCHANGED
    regions: tuple[str, ...] | Unchanged = UNCHANGED
    price_minor: int | Unchanged = UNCHANGED
    price_per_kg_minor: int | Unchanged | None = UNCHANGED
    free_above_minor: int | Unchanged | None = UNCHANGED
    estimated_days: int | Unchanged | None = UNCHANGED
    is_active: bool | Unchanged = UNCHANGED

    def __post_init__(self) -> None:
        """Raise Invalid for a value no rate may have."""
        _check_values(
            or_else(self.title, "-"),
            or_else(self.carrier, None),
            or_else(self.regions, ()),
            or_else(self.estimated_days, None),
        )


def _check_values(
    title: str, carrier: str | None, regions: Sequence[str], days: int | None
) -> None:
    check_text(title, "title", TITLE_LENGTH)
    check_text(carrier or "-", "carrier", TITLE_LENGTH)
    most = f"A rate has at most {MAX_REGIONS} regions; none means everywhere."
    check(len(regions) <= MAX_REGIONS, most, "regions")
    for place, region in enumerate(regions):
        reason = f"{region!r:.20} is no code of ISO 3166; DE and US-CA are some."
        check(bool(_REGION.fullmatch(region)), reason, "regions", str(place))
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


async def _update(
    session: WriteSession, ctx: Context, edit: UpdateDeliveryRate, _targets: Targets
) -> None:
    before = await _at(session, edit)
    if not await delivery_rates.change(session, _changed(ctx, edit, before)):
        now = await _at(session, edit)
        raise VersionConflict("DeliveryRate", now.version, now)


async def _at(session: WriteSession, edit: UpdateDeliveryRate) -> DeliveryRate:
    """Return the rate, as it is. Raises NotFound and VersionConflict."""
    row = (await delivery_rates.by_ids(session, [edit.rate_id])).get(edit.rate_id)
    if row is None:
        raise NotFound("delivery rate", ("deliveryRateId",))
    if row.version != edit.version:
        raise VersionConflict("DeliveryRate", row.version, row)
    return row


def _changed(ctx: Context, edit: UpdateDeliveryRate, before: DeliveryRate) -> DeliveryRate:
    names = {field.name for field in fields(edit)} - {"rate_id", "version"}
    told: dict[str, Any] = {
        name: or_else(getattr(edit, name), getattr(before, name)) for name in names
    }
    told |= {"title": told["title"].strip(), "regions": list(dict.fromkeys(told["regions"]))}
    return replace(before, version=edit.version + 1, updated_at=ctx.clock(), **told)


CREATE_DELIVERY_RATE = Mutation(
    name="createDeliveryRate",
    roles=STAFF,
    kind="DeliveryRate",
    targets=lambda ctx, _new: {"deliveryRate": ctx.ids.next()},
    rule=_create,
)
UPDATE_DELIVERY_RATE = Mutation(
    name="updateDeliveryRate",
    roles=STAFF,
    kind="DeliveryRate",
    targets=lambda _ctx, edit: {"deliveryRate": edit.rate_id},
    rule=_update,
)

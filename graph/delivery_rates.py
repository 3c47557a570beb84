"""Delivery rates: tariffs from which delivery options are priced."""

from functools import partial
from typing import Annotated, Self

import strawberry

import resolvers.delivery_rates
import stores.delivery_rates
from graph import nodes
from graph.batch import Info
from graph.declare import attribute, gql_input, gql_type, mutation, query
from graph.directives import ListSize
from graph.money import Money, MoneyInput
from graph.nodes import Kind, Node
from graph.operation_status import found_by_key
from graph.optional import changed, given, kept
from graph.payloads import ending, shown
from graph.user_errors import UserError
from graph.versions import Versioned
from resolvers.commands import UNCHANGED, Unchanged
from resolvers.context import STAFF, Context
from resolvers.delivery_rates import (
    CREATE_DELIVERY_RATE,
    UPDATE_DELIVERY_RATE,
    CreateDeliveryRate,
    UpdateDeliveryRate,
)
from resolvers.mutations import run


@gql_type(roles=STAFF)
class DeliveryRate(Node, Versioned):
    """A tariff from which delivery options are priced."""

    title: str
    carrier: str | None
    regions: Annotated[
        list[str],
        attribute(
            "Codes of countries or of their regions, such as DE or US-CA; empty means everywhere."
        ),
    ]
    price: Money
    price_per_kg: Annotated[Money | None, attribute("Added for each kilogram begun.")]
    free_above: Annotated[Money | None, attribute("Subtotal from which delivery is free.")]
    estimated_days: int | None
    is_active: bool

    @classmethod
    def of(cls, ctx: Context, row: stores.delivery_rates.DeliveryRate) -> Self:
        """Show a row."""
        return cls(
            id=nodes.encode("DeliveryRate", row.id),
            version=row.version,
            updated_at=row.updated_at,
            title=row.title,
            carrier=row.carrier,
            regions=list(row.regions),
            price=Money.of(row.price_minor, ctx.currency),
            price_per_kg=_money(ctx, row.price_per_kg_minor),
            free_above=_money(ctx, row.free_above_minor),
            estimated_days=row.estimated_days,
            is_active=row.is_active,
        )


def _money(ctx: Context, minor: int | None) -> Money | None:
    return None if minor is None else Money.of(minor, ctx.currency)


DELIVERY_RATE = Kind("DeliveryRate", DeliveryRate.of, resolvers.delivery_rates.by_ids)
found_by_key(CREATE_DELIVERY_RATE, DELIVERY_RATE, "deliveryRate")
found_by_key(UPDATE_DELIVERY_RATE, DELIVERY_RATE, "deliveryRate")


@query(roles=STAFF, list_size=ListSize(assumed_size=50))
async def delivery_rates(info: Info) -> list[DeliveryRate] | None:
    """All delivery rates, at most 500."""
    found = await resolvers.delivery_rates.all_rates(info.context)
    return [DeliveryRate.of(info.context, row) for row in found]


@gql_input()
class CreateDeliveryRateInput:
    """What createDeliveryRate needs."""

    title: str
    carrier: str | None = strawberry.UNSET
    regions: Annotated[
        list[str],
        attribute(
            "Codes of countries or of their regions, such as DE or US-CA; empty means everywhere."
        ),
    ]
    price: MoneyInput
    price_per_kg: Annotated[MoneyInput | None, attribute("Added for each kilogram begun.")] = (
        strawberry.UNSET
    )
    free_above: Annotated[MoneyInput | None, attribute("Subtotal from which delivery is free.")] = (
        strawberry.UNSET
    )
    estimated_days: int | None = strawberry.UNSET
    is_active: bool = True

    def command(self, currency: str) -> CreateDeliveryRate:
        """Return the command. Raises Invalid."""
        return CreateDeliveryRate(
            title=self.title,
            regions=tuple(self.regions),
            price_minor=self.price.minor(currency, "price"),
            carrier=given(self.carrier),
            price_per_kg_minor=_minor(self.price_per_kg, currency, "pricePerKg"),
            free_above_minor=_minor(self.free_above, currency, "freeAbove"),
            estimated_days=given(self.estimated_days),
            is_active=self.is_active,
        )


def _minor(amount: MoneyInput | None, currency: str, field: str) -> int | None:
    sent = given(amount)
    return None if sent is None else sent.minor(currency, field)


@gql_input()
class UpdateDeliveryRateInput:
    """What updateDeliveryRate needs; a field left out stays, null clears it."""

    delivery_rate_id: strawberry.ID
    title: str | None = strawberry.UNSET
    carrier: str | None = strawberry.UNSET
    regions: Annotated[list[str] | None, attribute("The whole list.")] = strawberry.UNSET
    price: MoneyInput | None = strawberry.UNSET
    price_per_kg: Annotated[MoneyInput | None, attribute("Added for each kilogram begun.")] = (
        strawberry.UNSET
    )
    free_above: Annotated[MoneyInput | None, attribute("Subtotal from which delivery is free.")] = (
        strawberry.UNSET
    )
    estimated_days: int | None = strawberry.UNSET
    is_active: bool | None = strawberry.UNSET

    def command(self, currency: str, version: int) -> UpdateDeliveryRate:
        """Return the command. Raises a Refusal."""
        regions, price = kept(self.regions, "regions"), kept(self.price, "price")
        return UpdateDeliveryRate(
            rate_id=DELIVERY_RATE.key(self.delivery_rate_id, "deliveryRateId"),
            version=version,
            title=kept(self.title, "title"),
            carrier=changed(self.carrier),
            regions=UNCHANGED if regions is UNCHANGED else tuple(regions),
            price_minor=UNCHANGED if price is UNCHANGED else price.minor(currency, "price"),
            price_per_kg_minor=_edited(self.price_per_kg, currency, "pricePerKg"),
            free_above_minor=_edited(self.free_above, currency, "freeAbove"),
            estimated_days=changed(self.estimated_days),
            is_active=kept(self.is_active, "isActive"),
        )


def _edited(amount: MoneyInput | None, currency: str, field: str) -> int | Unchanged | None:
    return UNCHANGED if amount is strawberry.UNSET else _minor(amount, currency, field)


@gql_type(public=True)
class CreateDeliveryRatePayload:
    """What createDeliveryRate gives back."""

    delivery_rate: Annotated[DeliveryRate | None, attribute("As it is now.", public=True)]
    is_replay: bool
    user_errors: list[UserError]


@gql_type(public=True)
class UpdateDeliveryRatePayload:
    """What updateDeliveryRate gives back."""

    delivery_rate: Annotated[DeliveryRate | None, attribute("As it is now.", public=True)]
    is_replay: bool
    user_errors: list[UserError]


@mutation(roles=STAFF)
async def create_delivery_rate(
    info: Info, idempotency_key: strawberry.ID, input: CreateDeliveryRateInput
) -> CreateDeliveryRatePayload | None:
    """Creates a tariff."""
    ctx = info.context
    outcome = await run(
        ctx, CREATE_DELIVERY_RATE, idempotency_key, lambda: input.command(ctx.currency)
    )
    return CreateDeliveryRatePayload(
        delivery_rate=await shown(ctx, DELIVERY_RATE, outcome, "deliveryRate"),
        **ending(ctx, outcome),
    )


@mutation(roles=STAFF)
async def update_delivery_rate(
    info: Info, idempotency_key: strawberry.ID, version: int, input: UpdateDeliveryRateInput
) -> UpdateDeliveryRatePayload | None:
    """Changes a tariff, for orders placed from now on.

    Whoever saw another total is told PRICE_CHANGED; orders keep what they were placed with.
    """
    ctx = info.context
    command = partial(input.command, ctx.currency, version)
    outcome = await run(ctx, UPDATE_DELIVERY_RATE, idempotency_key, command)
    return UpdateDeliveryRatePayload(
        delivery_rate=await shown(ctx, DELIVERY_RATE, outcome, "deliveryRate"),
        **ending(ctx, outcome),
    )

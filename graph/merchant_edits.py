"""Adding and changing merchants."""

from typing import Annotated

import strawberry

from graph.batch import Info
from graph.declare import attribute, gql_input, gql_type, mutation
from graph.merchants import MERCHANT, Merchant
from graph.operation_status import found_by_key
from graph.optional import kept
from graph.payloads import ending, shown
from graph.user_errors import UserError
from resolvers.context import OWNER
from resolvers.merchant_edits import (
    CREATE_MERCHANT,
    UPDATE_MERCHANT,
    CreateMerchant,
    UpdateMerchant,
)
from resolvers.mutations import run


@gql_input()
class CreateMerchantInput:
    """What createMerchant needs."""

    name: str
    is_active: bool = True

    def command(self) -> CreateMerchant:
        """Return the command. Raises Invalid."""
        return CreateMerchant(self.name, self.is_active)


@gql_input()
class UpdateMerchantInput:
    """What updateMerchant needs; a field left out stays, null clears it."""

    merchant_id: strawberry.ID
    name: str | None = strawberry.UNSET
    is_active: bool | None = strawberry.UNSET

    def command(self, version: int) -> UpdateMerchant:
        """Return the command. Raises Invalid, and Required for null, as neither can be cleared."""
        return UpdateMerchant(
            merchant_id=MERCHANT.key(self.merchant_id, "merchantId"),
            version=version,
            name=kept(self.name, "name"),
            is_active=kept(self.is_active, "isActive"),
        )


@gql_type(public=True)
class CreateMerchantPayload:
    """What createMerchant gives back."""

    merchant: Annotated[Merchant | None, attribute("Null if refused.", public=True)]
    is_replay: bool
    user_errors: list[UserError]


@gql_type(public=True)
class UpdateMerchantPayload:
    """What updateMerchant gives back."""

    merchant: Annotated[Merchant | None, attribute("Null if refused.", public=True)]
    is_replay: bool
    user_errors: list[UserError]


found_by_key(CREATE_MERCHANT, MERCHANT, "merchant")
found_by_key(UPDATE_MERCHANT, MERCHANT, "merchant")


@mutation(roles=OWNER)
async def create_merchant(
    info: Info, idempotency_key: strawberry.ID, input: CreateMerchantInput
) -> CreateMerchantPayload | None:
    """Creates a merchant."""
    ctx = info.context
    outcome = await run(ctx, CREATE_MERCHANT, idempotency_key, input.command)
    merchant = await shown(ctx, MERCHANT, outcome, "merchant")
    return CreateMerchantPayload(merchant=merchant, **ending(ctx, outcome))


@mutation(roles=OWNER)
async def update_merchant(
    info: Info, idempotency_key: strawberry.ID, version: int, input: UpdateMerchantInput
) -> UpdateMerchantPayload | None:
    """Changes a merchant."""
    ctx = info.context
    outcome = await run(ctx, UPDATE_MERCHANT, idempotency_key, lambda: input.command(version))
    merchant = await shown(ctx, MERCHANT, outcome, "merchant")
    return UpdateMerchantPayload(merchant=merchant, **ending(ctx, outcome))

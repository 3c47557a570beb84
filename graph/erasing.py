"""Erasing customers."""

from typing import Annotated

import strawberry

from graph.batch import Info
from graph.declare import attribute, gql_input, gql_type, mutation
from graph.nodes import encode
from graph.operation_status import found_by_key
from graph.payloads import ending
from graph.user_errors import UserError
from graph.users import USER
from resolvers.context import OWNER
from resolvers.erasing import ERASE_CUSTOMER, EraseCustomer
from resolvers.mutations import run


@gql_input()
class EraseCustomerInput:
    """What eraseCustomer needs."""

    user_id: strawberry.ID
    reason: Annotated[str, attribute("Kept in the audit log; name nobody in it.")]

    def command(self, version: int) -> EraseCustomer:
        """Return the command. Raises Invalid."""
        return EraseCustomer(USER.key(self.user_id, "userId"), version, self.reason)


@gql_type(public=True)
class EraseCustomerPayload:
    """What eraseCustomer gives back."""

    erased_user_id: strawberry.ID | None
    is_replay: bool
    user_errors: list[UserError]


found_by_key(ERASE_CUSTOMER, USER, "user")


@mutation(roles=OWNER)
async def erase_customer(
    info: Info, idempotency_key: strawberry.ID, version: int, input: EraseCustomerInput
) -> EraseCustomerPayload | None:
    """Erases personal data; orders and ledger stay, without names. Version of the user.

    Refused for staff, and while orders of the customer are not finished. Whoever signs in with
    the same token later is a new user.
    """
    ctx = info.context
    outcome = await run(ctx, ERASE_CUSTOMER, idempotency_key, lambda: input.command(version))
    done = outcome.targets
    return EraseCustomerPayload(
        erased_user_id=encode("User", done["user"]) if done else None, **ending(ctx, outcome)
    )

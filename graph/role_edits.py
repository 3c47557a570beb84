"""Setting what users may do."""

from typing import Annotated

import strawberry

from graph.batch import Info
from graph.declare import attribute, gql_input, gql_type, mutation
from graph.merchants import MERCHANT
from graph.operation_status import found_by_key
from graph.optional import given
from graph.payloads import ending, shown
from graph.user_errors import UserError
from graph.users import USER, User
from resolvers.context import OWNER
from resolvers.mutations import run
from resolvers.role_edits import SET_USER_ROLES, SetUserRoles
from stores.users import Role


@gql_input()
class SetUserRolesInput:
    """What setUserRoles needs."""

    user_id: strawberry.ID
    roles: Annotated[list[Role], attribute("The whole list.")]
    merchant_id: Annotated[strawberry.ID | None, attribute("Needed with MERCHANT.")] = (
        strawberry.UNSET
    )

    def command(self, version: int) -> SetUserRoles:
        """Return the command. Raises Invalid or Required."""
        whose = given(self.merchant_id)
        return SetUserRoles(
            user_id=USER.key(self.user_id, "userId"),
            version=version,
            roles=tuple(role for role in Role if role in self.roles),
            merchant_id=None if whose is None else MERCHANT.key(whose, "merchantId"),
        )


@gql_type(public=True)
class SetUserRolesPayload:
    """What setUserRoles gives back."""

    user: Annotated[User | None, attribute("Null if refused.", public=True)]
    is_replay: bool
    user_errors: list[UserError]


found_by_key(SET_USER_ROLES, USER, "user")


@mutation(roles=OWNER)
async def set_user_roles(
    info: Info, idempotency_key: strawberry.ID, version: int, input: SetUserRolesInput
) -> SetUserRolesPayload | None:
    """Sets what a user may do; version of the user.

    The user may act as before for some seconds.
    """
    ctx = info.context
    outcome = await run(ctx, SET_USER_ROLES, idempotency_key, lambda: input.command(version))
    user = await shown(ctx, USER, outcome, "user")
    return SetUserRolesPayload(user=user, **ending(ctx, outcome))

"""Changing one's own profile."""

from typing import Annotated

import strawberry

from graph.batch import Info
from graph.declare import attribute, gql_input, gql_type, mutation
from graph.operation_status import found_by_key
from graph.optional import changed
from graph.payloads import ending, shown
from graph.user_errors import UserError
from graph.users import USER, User
from resolvers.context import EVERYONE
from resolvers.mutations import run
from resolvers.profile_edits import UPDATE_PROFILE, UpdateProfile


@gql_input()
class UpdateProfileInput:
    """What updateProfile needs; a field left out stays, null clears it."""

    display_name: str | None = strawberry.UNSET
    phone: str | None = strawberry.UNSET
    locale: Annotated[str | None, attribute("BCP 47 tag, for example zh-CN.")] = strawberry.UNSET

    def command(self, version: int) -> UpdateProfile:
        """Return the command. Raises Invalid."""
        return UpdateProfile(
            version=version,
            display_name=changed(self.display_name),
            phone=changed(self.phone),
            locale=changed(self.locale),
        )


@gql_type(public=True)
class UpdateProfilePayload:
    """What updateProfile gives back."""

    user: Annotated[User | None, attribute("Null if refused.", public=True)]
    is_replay: bool
    user_errors: list[UserError]


found_by_key(UPDATE_PROFILE, USER, "user")


@mutation(roles=EVERYONE)
async def update_profile(
    info: Info, idempotency_key: strawberry.ID, version: int, input: UpdateProfileInput
) -> UpdateProfilePayload | None:
    """Changes the profile of the signed-in user; version of the user."""
    ctx = info.context
    outcome = await run(ctx, UPDATE_PROFILE, idempotency_key, lambda: input.command(version))
    user = await shown(ctx, USER, outcome, "user")
    return UpdateProfilePayload(user=user, **ending(ctx, outcome))

"""Changing one's own profile."""

import re
from dataclasses import dataclass, replace

from resolvers.commands import UNCHANGED, Unchanged, check, check_text, or_else
from resolvers.context import EVERYONE, Context
from resolvers.mutations import Mutation, Targets
from stores import users
from stores.errors import VersionConflict
from stores.sql import WriteSession
from stores.users import LOCALE_LENGTH, NAME_LENGTH, PHONE_LENGTH

_LOCALE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")


@dataclass(frozen=True, slots=True)
class UpdateProfile:
    """Change the viewer's own user, which is at `version`."""

    version: int
    display_name: str | Unchanged | None = UNCHANGED
    phone: str | Unchanged | None = UNCHANGED
    locale: str | Unchanged | None = UNCHANGED

    def __post_init__(self) -> None:
        """Raise Invalid for what nobody is called, reached by or speaks."""
        if isinstance(self.display_name, str):
            check_text(self.display_name, "displayName", NAME_LENGTH)
        if isinstance(self.phone, str):
            check_text(self.phone, "phone", PHONE_LENGTH)
        if isinstance(self.locale, str):
            is_tag = bool(_LOCALE.fullmatch(self.locale)) and len(self.locale) <= LOCALE_LENGTH
            check(is_tag, "A locale is a BCP 47 tag, such as zh-CN or de.", "locale")


async def _update(
    session: WriteSession, ctx: Context, edit: UpdateProfile, targets: Targets
) -> None:
    id_ = targets["user"]
    before = (await users.by_ids(session, [id_]))[id_]
    row = replace(
        before,
        version=edit.version + 1,
        updated_at=ctx.clock(),
        display_name=_trimmed(or_else(edit.display_name, before.display_name)),
        phone=_trimmed(or_else(edit.phone, before.phone)),
        locale=or_else(edit.locale, before.locale),
    )
    if not await users.change(session, row):
        raise VersionConflict("User", before.version, before)


def _trimmed(text: str | None) -> str | None:
    return None if text is None else text.strip()


UPDATE_PROFILE = Mutation(
    name="updateProfile",
    roles=EVERYONE,
    kind="User",
    targets=lambda ctx, _edit: {"user": ctx.require(EVERYONE).id},
    rule=_update,
    is_personal=True,
)

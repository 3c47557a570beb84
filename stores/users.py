"""Users and their roles; a token proves only who somebody is."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import fields
from datetime import datetime
from enum import Enum
from typing import Any

from sqlalchemy import BigInteger, Column, Index, Table, bindparam, select, update

from stores.columns import Instant, Plain, as_row, id_column, key, metadata, words
from stores.drivers import UniqueViolation
from stores.kept import among
from stores.rows import row
from stores.sql import ReadSession, WriteSession
from stores.text import title_key

SUBJECT_LENGTH = 255
EMAIL_LENGTH, PHONE_LENGTH, NAME_LENGTH, LOCALE_LENGTH = 254, 40, 100, 35
#: Of a name as lists sort by it: folded, it may be longer.
NAME_KEY_LENGTH = 200
#: Topic of the event that tells of an erasure, for what lies in other stores.
ERASED = "user.erased"

users = Table(
    "users",
    metadata,
    id_column(),
    # None of one who was erased: whoever comes with that token then is somebody new.
    Column("subject", key(SUBJECT_LENGTH), nullable=True, unique=True),
    Column("version", BigInteger, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("email", key(EMAIL_LENGTH), nullable=True, index=True),
    Column("phone", key(PHONE_LENGTH), nullable=True, index=True),
    Column("display_name", words(NAME_LENGTH), nullable=True),
    Column("locale", key(LOCALE_LENGTH), nullable=True),
    Column("roles", Plain, nullable=False),
    Column("merchant_id", BigInteger, nullable=True, index=True),
    # The name folded, empty if there is none.
    Column("name_key", key(NAME_KEY_LENGTH), nullable=False),
    Index("ix_users_name_key_id", "name_key", "id"),
)


class Role(Enum):
    """What a user may do; kept with the user, not in the token."""

    SHOPPER = "SHOPPER"
    MERCHANT = "MERCHANT"
    OWNER = "OWNER"


@row
class User:
    """Somebody known to the shop; `subject` is the name in the identity provider's tokens.

    One who was erased has none, and nothing else that tells who it was.
    """

    id: int
    subject: str | None
    version: int
    updated_at: datetime
    created_at: datetime
    roles: tuple[Role, ...]
    email: str | None = None
    phone: str | None = None
    display_name: str | None = None
    locale: str | None = None
    #: The one that a MERCHANT works for.
    merchant_id: int | None = None


COLUMNS = [users.c[field.name] for field in fields(User)]
_BY_IDS = select(*COLUMNS).where(among(users.c.id, "ids"))
_BY_SUBJECT = select(*COLUMNS).where(users.c.subject == bindparam("subject"))
_HOLD = (
    update(users)
    .where(users.c.id == bindparam("held"), users.c.subject.is_not(None))
    .values(version=users.c.version)
)


async def by_ids(session: ReadSession, ids: Collection[int]) -> dict[int, User]:
    """Return the users that exist, by id."""
    found = await session.rows(made, _BY_IDS, {"ids": list(ids)})
    return {user.id: user for user in found}


async def by_subject(session: ReadSession, subject: str) -> User | None:
    """Return the user of a token's subject, or None."""
    return await session.row(made, _BY_SUBJECT, {"subject": subject})


async def add_if_new(session: WriteSession, user: User) -> None:
    """Write a user, unless the subject is known: two first requests may come at once."""
    with suppress(UniqueViolation):
        await session.insert(users, _values(user))


async def hold(session: WriteSession, id_: int) -> bool:
    """Let nobody else pass here for this user until the transaction ends; False if erased.

    Whoever writes what tells of a person holds its user first, so that no erasure passes by.
    """
    return await session.update(_HOLD, {"held": id_}) == 1


async def change(session: WriteSession, user: User) -> bool:
    """Write a user over its version before; False if it is at another, or was erased."""
    same = update(users).where(
        users.c.id == user.id, users.c.version == user.version - 1, users.c.subject.is_not(None)
    )
    return await session.update(same.values(_values(user))) == 1


async def set_roles(
    session: WriteSession, user: User, roles: Collection[Role], merchant_id: int | None
) -> bool:
    """Give a user these roles and no others; False if the user has changed since it was read."""
    statement = (
        update(users)
        .where(users.c.id == user.id, users.c.version == user.version)
        .values(roles=_names(roles), merchant_id=merchant_id, version=user.version + 1)
    )
    return await session.update(statement) == 1


def made(*values: Any) -> User:
    """Return the user of `COLUMNS`."""
    told = dict(zip((field.name for field in fields(User)), values, strict=True))
    return User(**told | {"roles": tuple(Role(name) for name in told["roles"])})


def _values(user: User) -> dict[str, Any]:
    told = {"roles": _names(user.roles), "name_key": name_key(user)}
    return as_row(user) | told


def name_key(user: User) -> str:
    """Return what the place of a user in a list by name is told by."""
    return title_key(user.display_name or "")


def _names(roles: Collection[Role]) -> list[str]:
    return [role.value for role in Role if role in roles]

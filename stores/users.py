"""Users and their roles; a token proves only who somebody is."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import fields
from datetime import datetime
from enum import Enum
from typing import Any

from sqlalchemy import BigInteger, Column, Table, bindparam, select, update

from stores.columns import Instant, Plain, as_row, id_column, key, metadata, words
from stores.drivers import UniqueViolation
from stores.kept import among
from stores.rows import row
from stores.sql import ReadSession, WriteSession

SUBJECT_LENGTH = 255

users = Table(
    "users",
    metadata,
    id_column(),
    Column("subject", key(SUBJECT_LENGTH), nullable=False, unique=True),
    Column("version", BigInteger, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("email", key(254), nullable=True),
    Column("phone", key(40), nullable=True),
    Column("display_name", words(100), nullable=True),
    Column("locale", key(35), nullable=True),
    Column("roles", Plain, nullable=False),
    Column("merchant_id", BigInteger, nullable=True, index=True),
)


class Role(Enum):
    """What a user may do; kept with the user, not in the token."""

    SHOPPER = "SHOPPER"
    MERCHANT = "MERCHANT"
    OWNER = "OWNER"


@row
class User:
    """Somebody known to the shop; `subject` is the name in the identity provider's tokens."""

    id: int
    subject: str
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


_COLUMNS = [users.c[field.name] for field in fields(User)]
_BY_IDS = select(*_COLUMNS).where(among(users.c.id, "ids"))
_BY_SUBJECT = select(*_COLUMNS).where(users.c.subject == bindparam("subject"))


async def by_ids(session: ReadSession, ids: Collection[int]) -> dict[int, User]:
    """Return the users that exist, by id."""
    found = await session.rows(_user, _BY_IDS, {"ids": list(ids)})
    return {user.id: user for user in found}


async def by_subject(session: ReadSession, subject: str) -> User | None:
    """Return the user of a token's subject, or None."""
    return await session.row(_user, _BY_SUBJECT, {"subject": subject})


async def add_if_new(session: WriteSession, user: User) -> None:
    """Write a user, unless the subject is known: two first requests may come at once."""
    with suppress(UniqueViolation):
        await session.insert(users, _values(user))


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


def _user(*values: Any) -> User:
    told = dict(zip((field.name for field in fields(User)), values, strict=True))
    return User(**told | {"roles": tuple(Role(name) for name in told["roles"])})


def _values(user: User) -> dict[str, Any]:
    return as_row(user) | {"roles": _names(user.roles)}


def _names(roles: Collection[Role]) -> list[str]:
    return [role.value for role in Role if role in roles]

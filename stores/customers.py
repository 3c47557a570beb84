"""Lists of users by name, and who has bought from whom."""

from collections.abc import Collection
from dataclasses import dataclass
from itertools import combinations

from sqlalchemy import ColumnElement, Select, exists, func, or_, select

from stores.keyset import Keyset, Position, Window, starts
from stores.orders import order_merchants, orders
from stores.sql import ReadSession
from stores.text import title_key
from stores.users import COLUMNS, Role, User, made, name_key, users


@dataclass(frozen=True, slots=True)
class CustomerFilter:
    """Conditions that users must all meet; None leaves one out.

    `bought_from` is what the viewer may see, `merchant_id` for whom they work.
    """

    query: str | None = None
    role: Role | None = None
    merchant_id: int | None = None
    bought_from: int | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return what rows must meet; one who was erased is in no list."""
        told: list[ColumnElement[bool]] = [users.c.subject.is_not(None)]
        if self.query is not None:
            told.append(_begins(self.query))
        if self.role is not None:
            told.append(users.c.roles.in_(_with(self.role)))
        if self.merchant_id is not None:
            told.append(users.c.merchant_id == self.merchant_id)
        if self.bought_from is not None:
            told.append(_bought_from(self.bought_from))
        return told


#: By name, those without one first.
_ORDER = Keyset(users.c.name_key, users.c.id)
KINDS: tuple[type, ...] = (str, int)


def position(user: User) -> Position:
    """Return the place of a user in a list by name."""
    return name_key(user), user.id


async def page(session: ReadSession, wanted: CustomerFilter, window: Window) -> list[User]:
    """Return a page of users, by name."""
    statement = select(*COLUMNS).where(*wanted.conditions(), _ORDER.inside(window))
    return await session.rows(made, statement.order_by(*_ORDER.order(window)).limit(window.limit))


async def count(session: ReadSession, wanted: CustomerFilter) -> int:
    """Return how many users meet the conditions."""
    statement = select(func.count()).select_from(users).where(*wanted.conditions())
    return await session.row(int, statement) or 0


async def buyers(session: ReadSession, merchant_id: int, ids: Collection[int]) -> set[int]:
    """Return which of these users have bought from a merchant."""
    statement = select(users.c.id).where(users.c.id.in_(ids), _bought_from(merchant_id))
    return set(await session.rows(int, statement))


def _bought_from(merchant_id: int) -> ColumnElement[bool]:
    lines = order_merchants.c
    sold: Select[tuple[int]] = (
        select(orders.c.user_id)
        .join(order_merchants, lines.number == orders.c.number)
        .where(lines.merchant_id == merchant_id, orders.c.user_id == users.c.id)
    )
    return exists(sold.correlate(users))


def _begins(query: str) -> ColumnElement[bool]:
    columns = users.c
    told = [starts(columns.email, query), starts(columns.phone, query)]
    folded = title_key(query)
    return or_(*told, starts(columns.name_key, folded)) if folded else or_(*told)


def _with(role: Role) -> list[list[str]]:
    """Return all values of the column that hold a role: roles are kept in one order."""
    names = [one.value for one in Role]
    some = (list(one) for size in (1, 2, 3) for one in combinations(names, size))
    return [one for one in some if role.value in one]

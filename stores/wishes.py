"""Wishlists: products that users want to find again."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields

from sqlalchemy import BigInteger, Column, Index, Table, delete, func, select, union_all

from stores.columns import as_row, id_column, metadata
from stores.keyset import Keyset, Window
from stores.products import ProductStatus, products
from stores.rows import row
from stores.sql import ReadSession, WriteSession

#: Of one user.
MAX_WISHES = 1_000

wishes = Table(
    "wishes",
    metadata,
    id_column("user_id"),
    id_column("product_id"),
    # Grows with time: a list goes by it.
    Column("id", BigInteger, nullable=False),
    Index("ix_wishes_user_id_id", "user_id", "id"),
)


@row
class Wish:
    """A product on the list of a user."""

    user_id: int
    product_id: int
    id: int


_COLUMNS = [wishes.c[field.name] for field in fields(Wish)]
#: What was added last comes first.
_ORDER = Keyset(wishes.c.id, descending=True)
# What is not on sale comes back when it is again.
_ON_SALE = wishes.join(
    products,
    (products.c.id == wishes.c.product_id) & (products.c.status == ProductStatus.ACTIVE.value),
)


async def pages(
    session: ReadSession, user_ids: Sequence[int], _wanted: None, _sort: None, window: Window
) -> dict[int, list[Wish]]:
    """Return a page of each user's list of what is on sale, in one statement."""
    each = [
        select(*_COLUMNS)
        .select_from(_ON_SALE)
        .where(wishes.c.user_id == id_, _ORDER.inside(window))
        .order_by(*_ORDER.order(window))
        .limit(window.limit)
        for id_ in user_ids
    ]
    # Wrapped, as SQLite takes no ORDER BY inside a UNION.
    whole = each[0] if len(each) == 1 else union_all(*(select(one.subquery()) for one in each))
    found: dict[int, list[Wish]] = defaultdict(list)
    for wish in await session.rows(Wish, whole):
        found[wish.user_id].append(wish)
    return found


async def counts(
    session: ReadSession, user_ids: Collection[int], _wanted: None = None
) -> Mapping[int, int]:
    """Return how many products on sale the list of each user has; an empty one has no entry."""
    statement = select(wishes.c.user_id, func.count()).select_from(_ON_SALE)
    its = statement.where(wishes.c.user_id.in_(user_ids)).group_by(wishes.c.user_id)
    return dict(await session.rows(lambda user, count: (user, count), its))


async def known(session: ReadSession, user_id: int) -> set[int]:
    """Return the ids of all products on the list of a user."""
    statement = select(wishes.c.product_id).where(wishes.c.user_id == user_id)
    return set(await session.rows(int, statement))


async def add(session: WriteSession, new: Sequence[Wish]) -> None:
    """Put products on lists. Raises UniqueViolation for one that is there already."""
    if new:
        await session.insert(wishes, *map(as_row, new))


async def remove(session: WriteSession, user_id: int, product_ids: Collection[int]) -> None:
    """Take products off the list of a user; what is not there stays so."""
    columns = wishes.c
    named = (columns.user_id == user_id) & columns.product_id.in_(product_ids)
    await session.update(delete(wishes).where(named))


async def forget(session: WriteSession, user_id: int) -> None:
    """Delete the list of a user."""
    await session.update(delete(wishes).where(wishes.c.user_id == user_id))

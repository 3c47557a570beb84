"""Categories: the shelves of the shop, as a tree."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import datetime
from functools import lru_cache

from sqlalchemy import BigInteger, Column, Table, select, update

from stores.columns import Instant, Plain, as_row, id_column, key, metadata, words
from stores.kept import Reading, among
from stores.parts import EVERYTHING, RowKind, Shape, Wanted
from stores.rows import row
from stores.sql import ReadSession, WriteSession

SLUG_LENGTH = 80
NAME_LENGTH = 100
MAX_DEPTH = 6
#: What the top categories have for a parent: NULL would be in no unique key, and in no IN.
TOP = 0

categories = Table(
    "categories",
    metadata,
    id_column(),
    Column("version", BigInteger, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("slug", key(SLUG_LENGTH), nullable=False, unique=True),
    Column("name", words(NAME_LENGTH), nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("parent_id", BigInteger, nullable=False, index=True),
    # Ids of all above it, top first.
    Column("ancestor_ids", Plain, nullable=False),
)


@row
class Category:
    """A shelf; `ancestor_ids` are those above it, top first."""

    id: int
    version: int
    updated_at: datetime
    slug: str
    name: str
    position: int
    parent_id: int
    ancestor_ids: list[int]

    def path(self) -> list[int]:
        """Return its own id behind those of all above it."""
        return [*self.ancestor_ids, self.id]


_COLUMNS = [categories.c[field.name] for field in fields(Category)]
CATEGORIES = RowKind(Category, categories, ["id", "slug", "name", "parent_id"])
_CHILDREN = (
    select(*_COLUMNS)
    .where(among(categories.c.parent_id, "ids"))
    .order_by(categories.c.parent_id, categories.c.position, categories.c.id)
)


async def by_ids(
    session: ReadSession, ids: Collection[int], wanted: Wanted = EVERYTHING
) -> dict[int, Category]:
    """Return the categories that exist, by id."""
    shape = CATEGORIES.shape(wanted)
    found = await shape.rows(session, _by_ids(shape), {"ids": list(ids)}, wanted)
    return {category.id: category for category in found}


@lru_cache
def _by_ids(shape: Shape[Category]) -> Reading:
    return shape.select().where(among(categories.c.id, "ids"))


async def by_slugs(
    session: ReadSession, slugs: Collection[str], wanted: Wanted = EVERYTHING
) -> dict[str, Category]:
    """Return the categories that exist, by slug."""
    shape = CATEGORIES.shape(wanted)
    found = await shape.rows(session, _by_slugs(shape), {"slugs": list(slugs)}, wanted)
    return {category.slug: category for category in found}


@lru_cache
def _by_slugs(shape: Shape[Category]) -> Reading:
    return shape.select().where(among(categories.c.slug, "slugs"))


async def children(session: ReadSession, ids: Collection[int]) -> dict[int, list[Category]]:
    """Return what lies right below each category, in order; below TOP lie the top ones."""
    found: dict[int, list[Category]] = defaultdict(list)
    for category in await session.rows(Category, _CHILDREN, {"ids": list(ids)}):
        found[category.parent_id].append(category)
    return found


async def whole_tree(session: ReadSession) -> list[Category]:
    """Return all categories, those above before those below."""
    found = await session.rows(Category, select(*_COLUMNS).order_by(categories.c.id))
    return sorted(found, key=lambda category: len(category.ancestor_ids))


async def hold(session: WriteSession, ids: Collection[int]) -> dict[int, Category]:
    """Return the categories that exist, by id; nobody else moves them until the transaction ends.

    Whoever holds several at once holds them in one order, so that nobody waits in a circle.
    """
    for id_ in sorted(ids):
        same = update(categories).where(categories.c.id == id_)
        await session.update(same.values(position=categories.c.position))
    return await by_ids(session, ids)


async def add(session: WriteSession, *new: Category) -> None:
    """Write categories. Raises UniqueViolation for a slug that is taken."""
    if new:
        await session.insert(categories, *map(as_row, new))


async def change(session: WriteSession, category: Category) -> bool:
    """Write a category over its version before; False if it is at another.

    Raises UniqueViolation for a slug that is taken.
    """
    same = update(categories).where(
        categories.c.id == category.id, categories.c.version == category.version - 1
    )
    return await session.update(same.values(as_row(category))) == 1


async def hang(session: WriteSession, below: Sequence[Category]) -> None:
    """Write what lies above each, after something there was moved; it is no new version."""
    for one in below:
        moved = update(categories).where(categories.c.id == one.id)
        await session.update(moved.values(ancestor_ids=one.ancestor_ids))


async def place(session: WriteSession, siblings: Sequence[Category]) -> None:
    """Number siblings from 0, in this order; those that stand right are left alone."""
    for position, one in enumerate(siblings):
        if one.position != position:
            moved = update(categories).where(categories.c.id == one.id)
            await session.update(moved.values(position=position))

"""Categories: the shelves of the shop."""

from collections.abc import Sequence
from typing import Annotated, Self

import strawberry

import resolvers.categories
import stores.categories
from graph import nodes
from graph.batch import Batch, Info
from graph.declare import attribute, extend, gql_type, query
from graph.directives import CacheControl, CacheControlScope, ListSize
from graph.nodes import Kind, Node
from graph.versions import Versioned
from resolvers.context import Context

CACHED = CacheControl(max_age=300, scope=CacheControlScope.PUBLIC)


@gql_type(public=True, cache=CACHED)
class Category(Node, Versioned):
    """A shelf of the shop."""

    key: strawberry.Private[int]
    parent_key: strawberry.Private[int]
    slug: Annotated[str, attribute("Part of its address; unique in the shop.")]
    name: str
    position: Annotated[int, attribute("Place among its siblings, from 0.")]

    @classmethod
    def of(cls, _ctx: Context, row: stores.categories.Category) -> Self:
        """Show a row."""
        return cls(
            id=nodes.encode("Category", row.id),
            version=row.version,
            updated_at=row.updated_at,
            key=row.id,
            parent_key=row.parent_id,
            slug=row.slug,
            name=row.name,
            position=row.position,
        )


CATEGORY = Kind("Category", Category.of, resolvers.categories.by_ids)


@extend(Category, public=True)
async def parent(categories: Sequence[Category], info: Info) -> Batch[Category | None]:
    """The one it lies in; null at the top of the tree."""
    ctx = info.context
    found = await resolvers.categories.parents(ctx, [one.parent_key for one in categories])
    return [Category.of(ctx, row) if row else None for row in found]


@extend(Category, public=True, list_size=ListSize(assumed_size=20))
async def children(categories: Sequence[Category], info: Info) -> Batch[list[Category]]:
    """What lies right below it, in order."""
    ctx = info.context
    found = await resolvers.categories.children(ctx, [one.key for one in categories])
    return [[Category.of(ctx, row) for row in rows] for rows in found]


@query(public=True, cache=CACHED)
async def category(info: Info, slug: str) -> Category | None:
    """One category."""
    (row,) = await resolvers.categories.by_slugs(info.context, [slug])
    return Category.of(info.context, row) if row else None


@query(public=True, cache=CACHED, list_size=ListSize(assumed_size=20))
async def categories(info: Info) -> list[Category]:
    """The top of the category tree."""
    return [Category.of(info.context, row) for row in await resolvers.categories.top(info.context)]

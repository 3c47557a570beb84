"""Categories: the shelves of the shop."""

from collections.abc import Sequence
from typing import Annotated

import strawberry

import resolvers.categories
import stores.categories
from graph.batch import Batch, Info
from graph.declare import attribute, extend, gql_type, query
from graph.directives import CacheControl, CacheControlScope, ListSize
from graph.held import Held
from graph.nodes import Kind, Node, global_id
from graph.versions import Versioned
from stores.beside import PARENT_OF_CATEGORY

CACHED = CacheControl(max_age=300, scope=CacheControlScope.PUBLIC)


@gql_type(public=True, cache=CACHED, holds=stores.categories.Category)
class Category(Held[stores.categories.Category], Node, Versioned):
    """A shelf of the shop."""

    id: strawberry.ID = global_id("Category")
    slug: Annotated[str, attribute("Part of its address; unique in the shop.")]
    name: str
    position: Annotated[int, attribute("Place among its siblings, from 0.")]


CATEGORY = Kind("Category", Category.of, resolvers.categories.by_ids)


@extend(Category, public=True, parts=[PARENT_OF_CATEGORY])
async def parent(categories: Sequence[Category], info: Info) -> Batch[Category | None]:
    """The one it lies in; null at the top of the tree."""
    ctx = info.context
    found = await resolvers.categories.parents(ctx, [one.row.parent_id for one in categories])
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

"""Changing categories."""

from functools import partial
from typing import Annotated

import strawberry

from graph.batch import Info
from graph.categories import CATEGORY, Category
from graph.declare import attribute, gql_input, gql_type, mutation
from graph.operation_status import found_by_key
from graph.optional import changed, given, kept
from graph.payloads import ending, shown
from graph.user_errors import UserError
from resolvers.category_edits import (
    CREATE_CATEGORY,
    UPDATE_CATEGORY,
    CreateCategory,
    UpdateCategory,
)
from resolvers.commands import UNCHANGED, Unchanged
from resolvers.context import STAFF
from resolvers.mutations import run
from stores.categories import TOP


@gql_input()
class CreateCategoryInput:
    """What createCategory needs."""

    name: str
    slug: Annotated[str | None, attribute("Made from the name if left out.")] = strawberry.UNSET
    parent_id: Annotated[strawberry.ID | None, attribute("At the top of the tree if left out.")] = (
        strawberry.UNSET
    )
    position: Annotated[
        int | None, attribute("Place among its siblings, from 0; last if left out.")
    ] = strawberry.UNSET

    def command(self) -> CreateCategory:
        """Return the command. Raises Invalid."""
        parent_id = given(self.parent_id)
        return CreateCategory(
            name=self.name,
            slug=given(self.slug),
            parent_id=TOP if parent_id is None else CATEGORY.key(parent_id, "parentId"),
            position=given(self.position),
        )


@gql_input()
class UpdateCategoryInput:
    """What updateCategory needs; a field left out stays, null clears it."""

    category_id: strawberry.ID
    name: str | None = strawberry.UNSET
    slug: str | None = strawberry.UNSET
    parent_id: Annotated[
        strawberry.ID | None, attribute("Null moves it to the top of the tree.")
    ] = strawberry.UNSET
    position: Annotated[int | None, attribute("Place among its siblings, from 0.")] = (
        strawberry.UNSET
    )

    def command(self, version: int) -> UpdateCategory:
        """Return the command. Raises a Refusal."""
        return UpdateCategory(
            category_id=CATEGORY.key(self.category_id, "categoryId"),
            version=version,
            name=kept(self.name, "name"),
            slug=kept(self.slug, "slug"),
            parent_id=self._parent(),
            position=kept(self.position, "position"),
        )

    def _parent(self) -> int | Unchanged:
        parent_id = changed(self.parent_id)
        if parent_id is UNCHANGED:
            return UNCHANGED
        return TOP if parent_id is None else CATEGORY.key(parent_id, "parentId")


@gql_type(public=True)
class CreateCategoryPayload:
    """What createCategory gives back."""

    category: Category | None
    is_replay: bool
    user_errors: list[UserError]


@gql_type(public=True)
class UpdateCategoryPayload:
    """What updateCategory gives back."""

    category: Category | None
    is_replay: bool
    user_errors: list[UserError]


found_by_key(CREATE_CATEGORY, CATEGORY, "category")
found_by_key(UPDATE_CATEGORY, CATEGORY, "category")


@mutation(roles=STAFF)
async def create_category(
    info: Info, idempotency_key: strawberry.ID, input: CreateCategoryInput
) -> CreateCategoryPayload | None:
    """Creates a category."""
    outcome = await run(info.context, CREATE_CATEGORY, idempotency_key, input.command)
    return CreateCategoryPayload(
        category=await shown(info.context, CATEGORY, outcome, "category"),
        **ending(info.context, outcome),
    )


@mutation(roles=STAFF)
async def update_category(
    info: Info, idempotency_key: strawberry.ID, version: int, input: UpdateCategoryInput
) -> UpdateCategoryPayload | None:
    """Changes or moves a category."""
    ctx = info.context
    outcome = await run(ctx, UPDATE_CATEGORY, idempotency_key, partial(input.command, version))
    return UpdateCategoryPayload(
        category=await shown(ctx, CATEGORY, outcome, "category"), **ending(ctx, outcome)
    )

"""Changing the tree of categories."""

from dataclasses import dataclass

from resolvers.commands import check
from resolvers.context import STAFF, Context
from resolvers.mutations import Mutation, Targets
from stores import categories, outbox, shop
from stores.categories import MAX_DEPTH, NAME_LENGTH, SLUG_LENGTH, TOP, Category
from stores.drivers import UniqueViolation
from stores.errors import Duplicate, Invalid, NotFound
from stores.outbox import Event
from stores.slugs import slugify
from stores.sql import WriteSession


@dataclass(frozen=True, slots=True)
class CreateCategory:
    """Add a shelf, at the top of the tree without `parent_id`, last without `position`."""

    name: str
    slug: str | None = None
    parent_id: int = TOP
    position: int | None = None

    def __post_init__(self) -> None:
        """Raise Invalid for a value no category may have."""
        _check_name(self.name)
        if self.slug is None:
            has_letters = bool(slugify(self.name))
            check(has_letters, "The name has no letters for a slug; send a slug.", "name")
        else:
            _check_slug(self.slug)
        _check_position(self.position)


def _check_name(name: str) -> None:
    is_valid = len(name.strip()) >= 1 and len(name) <= NAME_LENGTH and name.isprintable()
    check(is_valid, f"A name has 1 to {NAME_LENGTH} printable characters.", "name")


def _check_slug(slug: str) -> None:
    check(
        bool(slug) and slug == slugify(slug),
        f"A slug has 1 to {SLUG_LENGTH} small letters and digits, with single hyphens between "
        f"words; {slugify(slug) or 'desk-lamps'} would do.",
        "slug",
    )


def _check_position(position: int | None) -> None:
    is_valid = position is None or position >= 0
    check(is_valid, f"{position} is no position; they begin at 0.", "position")


async def _create(
    session: WriteSession, ctx: Context, new: CreateCategory, targets: Targets
) -> None:
    # The tree is one: nobody else may move a shelf while this one is put in.
    await shop.hold(session)
    parent = await _parent(session, new.parent_id)
    siblings = (await categories.children(session, [new.parent_id]))[new.parent_id]
    position = len(siblings) if new.position is None else min(new.position, len(siblings))
    row = Category(
        id=targets["category"],
        version=1,
        updated_at=ctx.clock(),
        slug=new.slug or slugify(new.name),
        name=new.name.strip(),
        position=position,
        parent_id=new.parent_id,
        ancestor_ids=parent.path() if parent else [],
    )
    try:
        await categories.add(session, row)
    except UniqueViolation as error:
        raise Duplicate("category", ("slug" if new.slug else "name",)) from error
    await categories.place(session, [*siblings[:position], row, *siblings[position:]])
    await outbox.append(session, _event(ctx, row))


async def _parent(session: WriteSession, parent_id: int) -> Category | None:
    if parent_id == TOP:
        return None
    parent = (await categories.by_ids(session, [parent_id])).get(parent_id)
    if parent is None:
        raise NotFound("category", ("parentId",))
    if len(parent.path()) >= MAX_DEPTH:
        raise Invalid(f"Categories lie at most {MAX_DEPTH} deep.", ("parentId",))
    return parent


def _event(ctx: Context, row: Category) -> Event:
    now = ctx.clock()
    aggregate = f"Category:{row.id}"
    return Event(ctx.ids.next(), "category.changed", aggregate, row.version, {}, now)


CREATE_CATEGORY = Mutation(
    name="createCategory",
    roles=STAFF,
    kind="Category",
    targets=lambda ctx, _new: {"category": ctx.ids.next()},
    rule=_create,
)

"""Changing the tree of categories."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from resolvers.commands import UNCHANGED, Unchanged, check, check_text, or_else
from resolvers.context import STAFF, Context
from resolvers.mutations import Mutation, Targets
from stores import categories, listing_moves, outbox, shop
from stores.categories import MAX_DEPTH, NAME_LENGTH, SLUG_LENGTH, TOP, Category
from stores.drivers import UniqueViolation
from stores.errors import Duplicate, Invalid, NotFound, VersionConflict
from stores.outbox import Event
from stores.slugs import slugify
from stores.sql import WriteSession

#: Topics of events: the category's products are found by other names, or only it stands elsewhere.
CHANGED, PLACED = "category.changed", "category.placed"


@dataclass(frozen=True, slots=True)
class CreateCategory:
    """Add a shelf, at the top of the tree without `parent_id`, last without `position`."""

    name: str
    slug: str | None = None
    parent_id: int = TOP
    position: int | None = None

    def __post_init__(self) -> None:
        """Raise Invalid for a value no category may have."""
        check_text(self.name, "name", NAME_LENGTH)
        if self.slug is None:
            has_letters = bool(slugify(self.name))
            check(has_letters, "The name has no letters for a slug; send a slug.", "name")
        else:
            _check_slug(self.slug)
        _check_position(self.position)


@dataclass(frozen=True, slots=True)
class UpdateCategory:
    """Change a shelf that is at `version`, or move it; below TOP it lies at the top."""

    category_id: int
    version: int
    name: str | Unchanged = UNCHANGED
    slug: str | Unchanged = UNCHANGED
    parent_id: int | Unchanged = UNCHANGED
    position: int | Unchanged = UNCHANGED

    def __post_init__(self) -> None:
        """Raise Invalid for a value no category may have."""
        if self.name is not UNCHANGED:
            check_text(self.name, "name", NAME_LENGTH)
        if self.slug is not UNCHANGED:
            _check_slug(self.slug)
        if self.position is not UNCHANGED:
            _check_position(self.position)


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
    parent = await _parent(session, new.parent_id, height=1)
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
    await outbox.append(session, _event(ctx, row, CHANGED))


async def _parent(session: WriteSession, parent_id: int, height: int) -> Category | None:
    """Return what `height` levels are to lie below, None at the top."""
    if parent_id == TOP:
        return None
    parent = (await categories.by_ids(session, [parent_id])).get(parent_id)
    if parent is None:
        raise NotFound("category", ("parentId",))
    if len(parent.path()) + height > MAX_DEPTH:
        raise Invalid(f"Categories lie at most {MAX_DEPTH} deep.", ("parentId",))
    return parent


async def _update(
    session: WriteSession, ctx: Context, edit: UpdateCategory, _targets: Targets
) -> None:
    await shop.hold(session)
    tree = {one.id: one for one in await categories.whole_tree(session)}
    before = tree.get(edit.category_id)
    if before is None:
        raise NotFound("category", ("categoryId",))
    below = [one for one in tree.values() if before.id in one.ancestor_ids]
    now = await _changed(session, ctx, edit, before, below)
    # Whoever writes a product below must have done so, or see the new path.
    await categories.hold(session, [before.id, *(one.id for one in below)])
    try:
        if not await categories.change(session, now):
            raise VersionConflict("Category", before.version, before)
    except UniqueViolation as error:
        raise Duplicate("category", ("slug",)) from error
    if now.parent_id != before.parent_id:
        await _follow(session, before, now, below)
    if now.parent_id != before.parent_id or edit.position is not UNCHANGED:
        await _place(session, before, now, edit.position)
    await outbox.append(session, _event(ctx, now, _topic(before, now)))


async def _changed(
    session: WriteSession,
    ctx: Context,
    edit: UpdateCategory,
    before: Category,
    below: Sequence[Category],
) -> Category:
    parent_id = or_else(edit.parent_id, before.parent_id)
    if parent_id in (before.id, *(one.id for one in below)):
        raise Invalid("A category cannot lie below itself.", ("parentId",))
    depths = [len(one.path()) for one in (before, *below)]
    parent = await _parent(session, parent_id, height=max(depths) - min(depths) + 1)
    return replace(
        before,
        version=edit.version + 1,
        updated_at=ctx.clock(),
        name=or_else(edit.name, before.name).strip(),
        slug=or_else(edit.slug, before.slug),
        parent_id=parent_id,
        ancestor_ids=parent.path() if parent else [],
    )


async def _follow(
    session: WriteSession, before: Category, now: Category, below: Sequence[Category]
) -> None:
    """Let all that lies below a category that was moved follow it: shelves and products."""
    depth = len(before.path())
    hung = [replace(one, ancestor_ids=now.path() + one.ancestor_ids[depth:]) for one in below]
    await categories.hang(session, hung)
    was, is_ = set(before.ancestor_ids), set(now.ancestor_ids)
    await listing_moves.move(session, now.id, left=was - is_, joined=is_ - was)


async def _place(
    session: WriteSession, before: Category, now: Category, position: int | Unchanged
) -> None:
    """Put a category among its siblings, and close the gap that it leaves."""
    found = await categories.children(session, {before.parent_id, now.parent_id})
    if now.parent_id != before.parent_id:
        await categories.place(session, found.get(before.parent_id, []))
    others = [one for one in found[now.parent_id] if one.id != now.id]
    place = len(others) if position is UNCHANGED else min(position, len(others))
    await categories.place(session, [*others[:place], now, *others[place:]])


def _topic(before: Category, now: Category) -> str:
    is_found_as_before = (before.name, before.slug, before.parent_id) == (
        now.name,
        now.slug,
        now.parent_id,
    )
    return PLACED if is_found_as_before else CHANGED


def _event(ctx: Context, row: Category, topic: str) -> Event:
    now = ctx.clock()
    return Event(ctx.ids.next(), topic, f"Category:{row.id}", row.version, {}, now)


CREATE_CATEGORY = Mutation(
    name="createCategory",
    roles=STAFF,
    kind="Category",
    targets=lambda ctx, _new: {"category": ctx.ids.next()},
    rule=_create,
)
UPDATE_CATEGORY = Mutation(
    name="updateCategory",
    roles=STAFF,
    kind="Category",
    targets=lambda _ctx, edit: {"category": edit.category_id},
    rule=_update,
)

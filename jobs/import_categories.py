"""Categories that an import names by their paths: found, or made."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain

from resolvers.context import Mall
from stores import categories, shop
from stores.categories import TOP, Category
from stores.slugs import lengthened, numbered, slugify
from stores.sql import ReadSession, WriteSession

Path = tuple[str, ...]


async def by_paths(mall: Mall, paths: Collection[Path]) -> dict[Path, Category]:
    """Return the category at the end of each path of names, from the top down.

    Those that are missing are made, last among their siblings. Raises StoreUnavailable.
    """
    wanted = list(dict.fromkeys(paths))
    async with mall.stores.database.read(fresh=True) as session:
        tree = await _tree(session)
    found = {path: category for path in wanted if (category := tree.at(path))}
    if len(found) == len(wanted):
        return found
    return await mall.stores.database.transact(lambda session: _made(session, mall, wanted))


async def _made(session: WriteSession, mall: Mall, paths: Collection[Path]) -> dict[Path, Category]:
    # Two imports at once would make every category twice, with different slugs.
    await shop.hold(session)
    tree = await _tree(session)
    found = {path: _grown(tree, mall, path) for path in paths}
    await categories.add(session, *tree.new)
    return found


async def _tree(session: ReadSession) -> "_Tree":
    tree = _Tree()
    for category in await categories.whole_tree(session):
        tree.take(category)
    return tree


@dataclass(slots=True)
class _Tree:
    """Categories by parent and name, and those that are not written yet."""

    below: dict[int, dict[str, Category]] = field(default_factory=dict)
    slugs: set[str] = field(default_factory=set)
    new: list[Category] = field(default_factory=list)

    def take(self, category: Category) -> None:
        """Know one more; of two with one name and parent the first stays."""
        self.below.setdefault(category.parent_id, {}).setdefault(category.name, category)
        self.slugs.add(category.slug)

    def children(self, parent: Category | None) -> Mapping[str, Category]:
        """Return what lies right below, by name."""
        return self.below.get(parent.id if parent else TOP, {})

    def at(self, path: Path) -> Category | None:
        """Return the category of a path, None if it is missing."""
        here: Category | None = None
        for name in path:
            here = self.children(here).get(name)
            if here is None:
                return None
        return here


def _grown(tree: _Tree, mall: Mall, path: Path) -> Category:
    here: Category | None = None
    for name in path:
        here = tree.children(here).get(name) or _grow(tree, mall, here, name)
    if here is None:
        raise ValueError("A path has at least one name.")
    return here


def _grow(tree: _Tree, mall: Mall, parent: Category | None, name: str) -> Category:
    siblings = tree.children(parent).values()
    category = Category(
        id=mall.ids.next(),
        version=1,
        updated_at=mall.clock(),
        slug=next(slug for slug in _slugs(parent, name) if slug not in tree.slugs),
        name=name,
        position=max((one.position for one in siblings), default=-1) + 1,
        parent_id=parent.id if parent else TOP,
        ancestor_ids=parent.path() if parent else [],
    )
    tree.take(category)
    tree.new.append(category)
    return category


def _slugs(parent: Category | None, name: str) -> Iterator[str]:
    own = slugify(name) or "category"
    longer = lengthened(parent.slug, own) if parent else own
    return chain((own, longer), numbered(longer))

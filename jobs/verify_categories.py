"""Categories: each knows what lies above it."""

from collections.abc import Iterator, Mapping, Sequence

from jobs.verify_check import SECONDS, Check, Differences, compared, walking
from resolvers.context import Mall
from stores import categories, walks
from stores.categories import TOP, Category

NAME = "categories"


async def _compare(mall: Mall, ids: Sequence[int]) -> Differences[int]:
    async with mall.stores.database.moment(seconds=SECONDS) as session:
        some = await categories.by_ids(session, ids)
        above = await categories.by_ids(session, {one.parent_id for one in some.values()})
    found = {id_: compared(NAME, id_, _facts(one, above)) for id_, one in some.items()}
    return {id_: differences for id_, differences in found.items() if differences}


def _facts(one: Category, above: Mapping[int, Category]) -> Iterator[tuple[str, object, object]]:
    parent = above.get(one.parent_id)
    is_hung = one.parent_id == TOP or parent is not None
    yield f"parent {one.parent_id} is there", True, is_hung
    if is_hung:
        yield "ids of all above it", parent.path() if parent else [], one.ancestor_ids


CATEGORIES = Check(
    name=NAME,
    about="Each category knows all that lie above it, as its parent does.",
    page=walking(walks.CATEGORIES),
    compare=_compare,
)

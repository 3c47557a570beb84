"""What is read of categories, each once per operation."""

from collections.abc import Collection

from loaders.batch import KeyLoader
from stores import categories
from stores.categories import Category
from stores.parts import Wanted
from stores.sql import OperationDatabase


class CategoryLoaders:
    """Categories by id and slug, and what lies below them."""

    def __init__(self, database: OperationDatabase, wanted: Wanted) -> None:
        """Read through the operation's view of the database what it wants."""
        self._database, self._wanted = database, wanted
        self.by_id: KeyLoader[int, Category | None] = KeyLoader(self._by_ids, missing=None)
        self.by_slug: KeyLoader[str, Category | None] = KeyLoader(self._by_slugs, missing=None)
        self.children: KeyLoader[int, list[Category]] = KeyLoader(self._children, missing=[])

    async def _by_ids(self, ids: Collection[int]) -> dict[int, Category | None]:
        async with self._database.read() as session:
            return {**await categories.by_ids(session, ids, self._wanted)}

    async def _by_slugs(self, slugs: Collection[str]) -> dict[str, Category | None]:
        async with self._database.read() as session:
            return {**await categories.by_slugs(session, slugs, self._wanted)}

    async def _children(self, ids: Collection[int]) -> dict[int, list[Category]]:
        async with self._database.read() as session:
            return await categories.children(session, ids)

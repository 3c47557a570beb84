"""What is read of stock levels, each once per operation."""

from collections.abc import Collection

from loaders.batch import KeyLoader
from stores import inventory_levels
from stores.inventory_levels import InventoryLevel, Place
from stores.sql import OperationDatabase


class InventoryLevelLoaders:
    """Levels by id, by variant and warehouse, and those of each variant."""

    def __init__(self, database: OperationDatabase) -> None:
        """Read through the operation's view of the database."""
        self._database = database
        self.by_id: KeyLoader[int, InventoryLevel | None] = KeyLoader(self._by_ids, missing=None)
        self.by_place: KeyLoader[Place, InventoryLevel | None] = KeyLoader(
            self._by_places, missing=None
        )
        self.by_variant: KeyLoader[int, list[InventoryLevel]] = KeyLoader(
            self._by_variants, missing=[]
        )

    async def _by_ids(self, ids: Collection[int]) -> dict[int, InventoryLevel | None]:
        async with self._database.read() as session:
            return {**await inventory_levels.by_ids(session, ids)}

    async def _by_places(self, places: Collection[Place]) -> dict[Place, InventoryLevel | None]:
        async with self._database.read() as session:
            return {**await inventory_levels.by_places(session, places)}

    async def _by_variants(self, ids: Collection[int]) -> dict[int, list[InventoryLevel]]:
        async with self._database.read() as session:
            return await inventory_levels.by_variants(session, ids)

"""What is read of products, each once per operation."""

from collections.abc import Collection, Sequence

from loaders.batch import KeyLoader
from stores import beside, products
from stores.ids import NO_ID
from stores.parts import Wanted
from stores.products import Product, Variant
from stores.specs import Spec, SpecStore
from stores.sql import OperationDatabase


class ProductLoaders:
    """Rows, variants and specs of products."""

    def __init__(self, database: OperationDatabase, specs: SpecStore, wanted: Wanted) -> None:
        """Read through the operation's view of the database what it wants."""
        self._database, self._wanted = database, wanted
        self.by_id: KeyLoader[int, Product | None] = KeyLoader(self._by_ids, missing=None)
        self.by_slug: KeyLoader[str, Product | None] = KeyLoader(self._by_slugs, missing=None)
        self.variants: KeyLoader[int, list[Variant]] = KeyLoader(self._variants, missing=[])
        self.variant_by_id: KeyLoader[int, Variant | None] = KeyLoader(
            self._variants_by_ids, missing=None
        )
        self.specs: KeyLoader[int, Sequence[Spec]] = KeyLoader(specs.by_ids, missing=())

    async def _by_ids(self, ids: Collection[int]) -> dict[int, Product | None]:
        async with self._database.read() as session:
            return {**await products.by_ids(session, ids, self._wanted)}

    async def _by_slugs(self, slugs: Collection[str]) -> dict[str, Product | None]:
        async with self._database.read() as session:
            return {**await products.by_slugs(session, slugs, self._wanted)}

    async def _variants(self, ids: Collection[int]) -> dict[int, list[Variant]]:
        async with self._database.read() as session:
            return await products.variants_by_product(session, ids, self._wanted)

    async def _variants_by_ids(self, ids: Collection[int]) -> dict[int, Variant | None]:
        async with self._database.read() as session:
            found = await products.variants_by_ids(session, ids, self._wanted)
        self._keep_nothing([id_ for id_ in ids if id_ not in found])
        return {**found}

    def _keep_nothing(self, missing: Collection[int]) -> None:
        """Let nobody ask what lies beside missing variants, where it was read with the others."""
        nothing: dict[str, dict[int, object]] = {
            beside.UNITS_OF_VARIANT: dict.fromkeys(missing, 0),
            beside.PRODUCT_OF_VARIANT: {NO_ID: None},
        }
        for part in nothing.keys() & (self._wanted.parts or ()) if missing else ():
            self._wanted.keep(part, nothing[part])

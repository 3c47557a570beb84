"""The demo shop: products to look at before there are any of one's own."""

from collections.abc import Callable
from pathlib import Path

from jobs.import_catalogue import Progress, Report, import_file
from resolvers.context import Mall
from stores import products


async def seed(
    mall: Mall, catalogue: Path, progress: Callable[[Progress], None] | None = None
) -> Report:
    """Import the demo catalogue; a second time nothing changes. Raises as `import_file`."""
    if progress is None:
        return await import_file(mall, catalogue)
    return await import_file(mall, catalogue, progress=progress)


async def has_products(mall: Mall) -> bool:
    """Return whether the shop has any product. Raises StoreUnavailable."""
    async with mall.stores.database.read(fresh=True) as session:
        return bool(await products.after(session, 0, 1))

"""Small shops, and empty ones, that tests change: each is made once and rewound for the next."""

import shutil
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import ExitStack, asynccontextmanager, closing, contextmanager
from pathlib import Path

from jobs import search_index
from stores.settings import Settings
from tests import shopping
from tests.rewound import Documents, Index, Keys, Rewound, Tables, drop
from tests.search_shelf import settle

Fill = Callable[[Settings], Awaitable[None]]


class KeptShop:
    """A shop on servers; one test has it at a time."""

    def __init__(self, settings: Settings, stack: ExitStack) -> None:
        """Keep the shop at these URLs; the stack drops it."""
        self._settings = settings
        self._index = stack.enter_context(closing(Index(settings.search())))
        self._others: list[Rewound] = [
            stack.enter_context(closing(Keys(settings.carts()))),
            stack.enter_context(closing(Documents(settings.documents()))),
            stack.enter_context(closing(Tables(settings.sql()))),
        ]

    async def as_it_was(self, folder: Path) -> Settings:
        """Return settings of the shop as it was kept, with files in `folder`."""
        for store in self._others:
            store.rewind()
        chosen = self._settings.model_copy(update={"data_dir": folder / "data"})
        shutil.copytree(self._settings.data_dir, chosen.data_dir, dirs_exist_ok=True)
        if not self._index.is_as_kept():
            self._index.drop()
            if not self._index.was_absent:
                await self._index_anew(chosen)
        return chosen

    async def _index_anew(self, chosen: Settings) -> None:
        async with shopping.open_mall(chosen) as mall:
            await search_index.reindex(mall)
            await settle(mall.stores.search)
        self._index.keep()


class KeptShops:
    """As many shops with the same content as tests have at once."""

    def __init__(self, new: Callable[[], Settings], fill: Fill, stack: ExitStack) -> None:
        """Fill shops at `new` URLs; the stack drops them."""
        self._new, self._fill, self._stack = new, fill, stack
        self._idle: list[KeptShop] = []

    @asynccontextmanager
    async def one(self, folder: Path) -> AsyncGenerator[Settings]:
        """Lend a shop that has its files in `folder`; it is free again however the test ends."""
        shop = self._idle.pop() if self._idle else await self._made()
        try:
            yield await shop.as_it_was(folder)
        finally:
            self._idle.append(shop)

    async def _made(self) -> KeptShop:
        settings = self._new()
        await self._fill(settings)
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        return KeptShop(settings, self._stack)


@contextmanager
def dropped(settings: Settings) -> Generator[Settings]:
    """Drop what lies at these URLs of MariaDB, MongoDB and Elasticsearch after the block."""
    try:
        yield settings
    finally:
        for kept in (Index(settings.search()), Documents(settings.documents())):
            kept.close()
        drop(settings.sql())

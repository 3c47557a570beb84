"""Cart stores of every home, for tests of what each of them must do."""

import itertools
import secrets
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from stores import carts, open_stores
from stores.cart_merges import MergeMode, merge
from stores.cart_store import CartStore
from stores.carts import Addition, Cart, Edited, MergedToken
from stores.carts_redis import RedisCarts
from tests import shopping

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
TEA, LAMP, BELL = 11, 2**62 + 7, 33
HOMES = [
    "file",
    "relational file",
    *(pytest.param(kind, marks=pytest.mark.server) for kind in ("mariadb", "mysql", "redis")),
]
#: Several processes meet in these.
SHARED = [pytest.param(kind, marks=pytest.mark.server) for kind in ("mariadb", "mysql", "redis")]


@dataclass
class Shelf:
    """The cart store of one home, at a time of the test's choice; `others` are other processes'."""

    store: CartStore
    owner: int
    others: list[CartStore]
    now: list[datetime] = field(default_factory=lambda: [NOW])
    keys: Iterator[int] = field(default_factory=itertools.count)

    async def put(self, variant: int, units: int = 1, key: str | None = None) -> Edited:
        chosen = key or f"k{next(self.keys)}"
        return await add(self.store, self.owner, chosen, variant, units)

    async def held(self) -> dict[int, int]:
        return units(await self.store.by_owner(self.owner))


def units(cart: Cart) -> dict[int, int]:
    """Return the units of each variant."""
    return {line.variant_id: line.quantity for line in cart.lines}


async def add(store: CartStore, owner: int, key: str, variant: int, count: int = 1) -> Edited:
    change = partial(carts.add, additions=[Addition(variant, count, 250)])
    return await store.edit(owner, key, f"add {variant} {count}", None, change)


@pytest.fixture
async def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Shelf]:
    kind: str = getattr(request, "param", "file")
    urls: dict[str, str] = {"carts_url": "relational"}
    if kind in ("mariadb", "mysql"):
        urls["sql_url"], kept = request.getfixturevalue(f"{kind}_tables")
        kept.rewind()
    elif kind == "redis":
        urls = {"carts_url": request.getfixturevalue("redis_url")}
    elif kind == "file":
        urls = {}
    chosen = shopping.settings(tmp_path, **urls)
    async with shopping.open_mall(chosen), open_stores(chosen) as one, open_stores(chosen) as two:
        now = [NOW]
        stores = [one.carts, two.carts]
        for store in stores:
            store._clock = lambda: now[0]
        shelf = Shelf(stores[0], 1 + secrets.randbelow(2**62), stores, now)
        yield shelf
        if isinstance(stores[0]._home, RedisCarts):
            await stores[0]._home._client.delete(f"cart:{{{shelf.owner}}}")


every = pytest.mark.parametrize("shelf", HOMES, indirect=True)

MOVED = [carts.line(5, TEA, 2, 100), carts.line(5, BELL, 4, 100)]
TOKEN = MergedToken(5, NOW + timedelta(days=30))


async def move(
    shelf: Shelf, key: str, token: MergedToken = TOKEN, fingerprint: str = "f"
) -> Edited:
    most = {TEA: 9, BELL: 3}
    change = partial(merge, moved=MOVED, mode=MergeMode.SUM, most=most)
    return await shelf.store.merge(shelf.owner, key, fingerprint, token, change)

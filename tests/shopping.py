"""A shop to test, as its clients see it, and what is in it."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2

from graph import nodes
from jobs.at_work import at_work
from jobs.import_catalogue import import_file
from mallgraph import migrations
from mallgraph.app import create_app
from resolvers import users
from resolvers.context import Mall
from stores import merchants, open_stores, products
from stores.local_issuer import LocalIssuer
from stores.settings import Settings
from stores.users import Role
from tests import migrated
from tests.search_shelf import settle

#: Products on sale besides the special ones.
LAMPS = 100
HARBOUR, HILL = "Harbour", "Hill"
#: Subject of a token -> roles, and the merchant that it works for.
STAFF = {
    "ola": ((Role.OWNER,), None),
    "mia": ((Role.MERCHANT,), HARBOUR),
    "moe": ((Role.MERCHANT, Role.SHOPPER), HILL),
    "ann": ((Role.SHOPPER,), None),
}


class _Told(Settings):
    """Settings of which the environment of the test says nothing, which takes a while to read."""

    @classmethod
    def settings_customise_sources(cls, *_cls: Any, **sources: Any) -> tuple[Any, ...]:
        """Return what the test itself says."""
        return (sources["init_settings"],)


def settings(folder: Path, **urls: str) -> Settings:
    """Return settings that take nothing from the environment of the test."""
    # A test that is slow asks no more for the same user again than one that is not.
    told = {"viewer_ttl_seconds": 60, **urls}
    return _Told(data_dir=folder / "data", **told)  # type: ignore[arg-type]


@asynccontextmanager
async def open_mall(chosen: Settings) -> AsyncGenerator[Mall]:
    """Bring the tables up to date and open the stores, but no door."""
    await migrated.upgrade(chosen.sql())
    if chosen.accounts_url:
        await migrated.upgrade(chosen.accounts_url.get_secret_value())
    async with open_stores(chosen) as stores:
        mall = Mall(stores, chosen)
        await migrations.ensure_shop(stores.database, currency="EUR", name="Test shop")
        await stores.specs.prepare()
        await stores.search.prepare()
        await stores.carts.prepare()
        async with at_work(mall):
            yield mall


async def fill(chosen: Settings, rows: list[dict[str, Any]] | None = None) -> None:
    """Put everything, or these rows, on sale, and let the staff in."""
    async with open_mall(chosen) as mall:
        chosen.data_dir.mkdir(parents=True, exist_ok=True)
        path = chosen.data_dir / "catalogue.jsonl"
        wanted = catalogue() if rows is None else rows
        path.write_text("\n".join(json.dumps(row) for row in wanted))
        report = await import_file(mall, path)
        assert (report.added, report.refused) == (len(wanted), [])
        await settle(mall.stores.search)
        for subject, (roles, of) in STAFF.items():
            await users.grant(mall, subject, roles, await merchant_key(mall, of) if of else None)


async def merchant_key(mall: Mall, name: str) -> int:
    async with mall.stores.database.read() as session:
        found = await merchants.in_order_of_age(session)
    return next(one.id for one in found if one.name == name)


def catalogue() -> list[dict[str, Any]]:
    """Return the rows of everything that the shop has."""
    return [lamp(number) for number in range(1, LAMPS + 1)] + special()


def lamp(number: int) -> dict[str, Any]:
    """Return a lamp with two sizes and four kinds of specs; every tenth is sold out."""
    stock = 0 if number % 10 == 0 else number
    return {
        "merchant": HARBOUR if number % 2 else HILL,
        "slug": f"lamp-{number}",
        "title": f"Lamp {number:03}",
        "subtitle": "Warm light",
        "description": f"A lamp, number {number}. It shines.",
        "brand": ("Lumo", "Helio", "Argand")[number % 3],
        "category": ["Lamps", "Desk lamps" if number % 2 else "Floor lamps"],
        "media": [{"url": f"https://pictures.example/lamp-{number}.png", "alt": "A lamp"}],
        "specs": [
            {"key": "weight", "label": "Weight", "unit": "kg", "number": f"{number}.5"},
            {"key": "colour", "label": "Colour", "group": "Look", "text": "red"},
            {"key": "dimmable", "label": "Dimmable", "isTrue": number % 2 == 0},
            {"key": "includes", "label": "Includes", "items": ["bulb", "cable"]},
        ],
        "variants": [
            _variant(number, "S", f"{number}.50", stock),
            _variant(number, "L", f"{number + 5}.00", 0),
        ],
    }


def _variant(number: int, size: str, price: str, stock: int) -> dict[str, Any]:
    return {
        "sku": f"L{number}-{size}",
        "barcode": f"40000000{number:03}{0 if size == 'S' else 1}",
        "title": f"Lamp {number:03} {size}",
        "options": [{"name": "Size", "value": size}],
        "price": price,
        "compareAtPrice": f"{number + 20}.00",
        "weightGrams": 1_500,
        "media": 0,
        "stock": stock,
    }


def few() -> list[dict[str, Any]]:
    """Return the rows of a small shop: six lamps, three of each merchant, and the special ones."""
    return [lamp(number) for number in range(1, 7)] + special()


def special() -> list[dict[str, Any]]:
    """Return what is Chinese, what is not on sale, and what shares a SKU with a lamp."""
    return [
        _single(HARBOUR, "tea", "明前龙井绿茶", ["茶叶", "绿茶"], "T-1", brand="山茶"),
        _single(HARBOUR, "draft-lamp", "Drafted lamp", ["Lamps"], "D-1", status="DRAFT"),
        _single(HILL, "old-lamp", "Archived lamp", ["Lamps"], "A-1", status="ARCHIVED"),
        _single(HILL, "twin", "Twin of a code", ["Lamps"], "L1-S", brand="Lumo"),
    ]


def _single(
    merchant: str, slug: str, title: str, category: list[str], sku: str, **more: str
) -> dict[str, Any]:
    variant = {"sku": sku, "price": "300.00", "stock": 5}
    return {
        "merchant": merchant,
        "slug": slug,
        "title": title,
        "category": category,
        "variants": [variant],
        **more,
    }


@dataclass(frozen=True)
class Client:
    """Asks over HTTP; `mall` looks behind the counter."""

    http: httpx2.AsyncClient
    mall: Mall
    settings: Settings

    def token(self, user: str) -> str:
        """Return a token of the local issuer."""
        return LocalIssuer(self.settings).token(user, timedelta(minutes=5))

    async def send(
        self, query: str, user: str | None = None, /, **variables: object
    ) -> dict[str, Any]:
        """Return the answer to `query`, but for its cost, asked by the user of that name."""
        headers = {"authorization": f"Bearer {self.token(user)}"} if user else {}
        body = {"query": query, "variables": variables}
        answer = await self.http.post("/graphql", json=body, headers=headers)
        assert answer.status_code < 500, answer.text
        result: dict[str, Any] = answer.json()
        result.pop("extensions", None)
        return result

    async def ask(
        self, query: str, user: str | None = None, /, **variables: object
    ) -> dict[str, Any]:
        """Return the data of an answer without errors."""
        answer = await self.send(query, user, **variables)
        assert "errors" not in answer, answer
        data: dict[str, Any] = answer["data"]
        return data

    async def merchant_id(self, name: str) -> str:
        """Return the global ID of a merchant."""
        return nodes.encode("Merchant", await merchant_key(self.mall, name))

    async def product_key(self, slug: str) -> int:
        """Return the key of a product, whoever may see it."""
        async with self.mall.stores.database.read() as session:
            return (await products.by_slugs(session, [slug]))[slug].id


@asynccontextmanager
async def open_shop(chosen: Settings) -> AsyncGenerator[Client]:
    """Open the doors of a shop at these URLs."""
    app = create_app(chosen)
    transport = httpx2.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=transport, base_url="http://shop") as http,
    ):
        yield Client(http, app.state.mall, chosen)

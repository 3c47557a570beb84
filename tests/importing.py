"""Rows for an import, and an empty shop that takes them."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from jobs.import_catalogue import Report, import_file
from resolvers.context import Mall
from stores import products
from stores.products import Product
from stores.settings import Settings
from tests.conftest import HOMES
from tests.empty_shop import empty_settings, open_mall, write_lines


@pytest.fixture(params=HOMES)
async def chosen(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Settings]:
    async with empty_settings(request, tmp_path) as settings:
        yield settings


@pytest.fixture
async def mall(chosen: Settings) -> AsyncGenerator[Mall]:
    async with open_mall(chosen) as opened:
        yield opened


def bicycle(**more: object) -> dict[str, Any]:
    return {
        "merchant": "Radhaus",
        "title": "City Bicycle “Möwe”",
        "description": "<p>Rolls.</p>",
        "brand": "Möwe",
        "category": ["Bicycles", "City"],
        "media": [{"url": "https://pictures.example/1.png", "alt": "A bicycle"}],
        "specs": [{"key": "weight", "label": "Weight", "unit": "kg", "number": 12.50}],
        "variants": [
            {"sku": "M-28", "options": [{"name": "Size", "value": "28"}], "price": 499, "stock": 3},
            {"sku": "M-26", "price": "479.90", "compareAtPrice": "499", "stock": 0},
        ],
        **more,
    }


def single(sku: str, **more: object) -> dict[str, Any]:
    return {
        "merchant": "Radhaus",
        "title": f"Bell {sku}",
        "category": ["Bells"],
        "variants": [{"sku": sku, "price": 5, "stock": 1}],
        **more,
    }


async def take(mall: Mall, tmp_path: Path, *rows: object) -> Report:
    return await import_file(mall, write_lines(tmp_path / "file.jsonl", rows))


async def product(mall: Mall, slug: str) -> Product:
    async with mall.stores.database.read() as session:
        return (await products.by_slugs(session, [slug]))[slug]

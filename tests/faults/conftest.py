"""Fixtures of the fault suite: a shop in files, and one on real servers."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from stores.settings import Settings
from tests import empty_shop
from tests.conftest import HOMES


@pytest.fixture(params=HOMES)
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Settings]:
    """Where the stores of a shop lie that has nothing yet."""
    async with empty_shop.empty_settings(request, tmp_path) as chosen:
        yield chosen

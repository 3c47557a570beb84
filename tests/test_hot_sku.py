import asyncio
import os
import subprocess
import sys

import pytest

from tests.conftest import create_database, drop_database, unique
from tests.test_converters import ROOT

pytestmark = [pytest.mark.server, pytest.mark.slow]


def test_hot_sku_is_sold_beside_raw_sql(mariadb_url: str) -> None:
    name = unique("hot")
    url = asyncio.run(create_database(mariadb_url, name))
    command = [sys.executable, str(ROOT / "bench/hot_sku.py"), url, "--orders", "48"]
    done = subprocess.run(
        [*command, "--rounds", "2"],
        env=os.environ | {"COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    asyncio.run(drop_database(mariadb_url, name))

    assert done.returncode == 0, done.stderr
    assert [line.split()[1] for line in done.stdout.splitlines() if "%" in line] == [
        "raw",
        "placeOrder",
    ]

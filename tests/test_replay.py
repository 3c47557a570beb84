"""The real orders of a shop, bought again: embedded, and on real servers.

The source lies beside the checkout, or where MALLGRAPH_TEST_DATA says; without it these tests are
skipped.
"""

import csv
import gzip
import os
import subprocess
import sys
from collections.abc import Callable, Generator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

from stores.settings import Settings
from tests.conftest import HOMES
from tests.kept_shops import dropped
from tests.servers import missing
from tests.test_converters import DATA, ROOT

SCRIPT = ROOT / "bench" / "replay_orders.py"
FILE = DATA / "orders" / "online_retail_2010-12_2011-08.csv.gz"
INVOICES = 60


@pytest.fixture
def data() -> Path:
    """The folder of the real orders."""
    if not FILE.exists():
        missing("The real orders", f"{FILE} does not exist.")
    return DATA


@pytest.fixture(params=HOMES)
def home(request: pytest.FixtureRequest) -> Generator[dict[str, str]]:
    """Settings of the stores, all embedded or all on real servers."""
    if request.param == "embedded":
        yield {}
        return
    new: Callable[[], Settings] = request.getfixturevalue("new_settings")
    with dropped(new()) as chosen:
        yield {
            "MALLGRAPH_SQL_URL": chosen.sql(),
            "MALLGRAPH_DOCUMENTS_URL": chosen.documents(),
            "MALLGRAPH_SEARCH_URL": chosen.search(),
            "MALLGRAPH_CARTS_URL": chosen.carts(),
        }


def _replay(data: Path, *options: str, **settings: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SCRIPT), str(data), *options]
    env = os.environ | {"COLUMNS": "200"} | settings
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=env, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            told, warned = process.communicate()
        finally:
            # It shuts the shop that it opened, which killing it would not.
            process.terminate()
    return subprocess.CompletedProcess(command, process.returncode, told, warned)


def _counted(most: int | None = None) -> str:
    """Return what the file holds, counted in another way than the replay counts."""
    with gzip.open(FILE, "rt", encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["InvoiceNo"].isdecimal()]
    prices = _prices(rows)
    sold = [one for one in rows if int(one["Quantity"]) > 0 < prices[one["UnitPrice"]]]
    kept = set(list(dict.fromkeys(one["InvoiceNo"] for one in sold))[:most])
    sold = [one for one in sold if one["InvoiceNo"] in kept]
    joined = {(one["InvoiceNo"], one["StockCode"], prices[one["UnitPrice"]]) for one in sold}
    units = sum(int(one["Quantity"]) for one in sold)
    total = sum(int(one["Quantity"]) * prices[one["UnitPrice"]] for one in sold)
    return (
        f"{len(sold):,} lines ({len(joined):,} with one for each product), {len(kept):,} invoices, "
        f"{units:,} units, GBP {total}."
    )


def _prices(rows: list[dict[str, str]]) -> dict[str, Decimal]:
    texts = {row["UnitPrice"] for row in rows}
    return {text: Decimal(text).quantize(Decimal("0.01"), ROUND_HALF_UP) for text in texts}


@pytest.mark.slow
def test_whole_file_holds_what_is_known_of_it(data: Path) -> None:
    counted = _replay(data, "--count")

    assert counted.stdout == f"To be ordered: {_counted()}\n"
    assert counted.stdout == (
        "To be ordered: 313,056 lines (308,551 with one for each product), 12,494 invoices, "
        "3,325,397 units, GBP 6293764.00.\n"
    )


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_every_real_invoice_becomes_one_order_to_the_penny(
    data: Path, home: dict[str, str]
) -> None:
    replayed = _replay(data, "--invoices", str(INVOICES), **home)

    assert replayed.returncode == 0, replayed.stdout + replayed.stderr
    assert f"      Ordered: {_counted(INVOICES)}\n" in replayed.stdout
    assert "mutations sent twice at once" in replayed.stdout
    assert "mutations answer not waited for, sent again" in replayed.stdout

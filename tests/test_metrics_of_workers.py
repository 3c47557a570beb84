"""Several workers, of which a scrape reaches one: it tells what all of them did."""

import re
import urllib.request
from pathlib import Path

import pytest

from stores.settings import Settings
from tests.eventually import eventually
from tests.test_cli import Shell, ask

pytestmark = [pytest.mark.server, pytest.mark.slow]

ASKED = 20
COUNT = "mallgraph_operation_duration_seconds_count"
#: Connections for writing that one worker may open.
WRITERS = 8


def urls(chosen: Settings) -> dict[str, str]:
    """Return the variables of a shop's stores."""
    names = ("sql_url", "documents_url", "search_url", "carts_url")
    found = {name: getattr(chosen, name).get_secret_value() for name in names}
    return {f"MALLGRAPH_{name.upper()}": url for name, url in found.items()}


def value(address: str, name: str, label: str = "") -> float:
    """Return what a scrape tells of a metric, summed over what has this label."""
    with urllib.request.urlopen(f"{address}/metrics") as answer:
        told: str = answer.read().decode()
    return sum(map(float, re.findall(rf"^{name}(?:{{.*{label}.*}})? (\S+)$", told, re.MULTILINE)))


async def test_scrape_tells_what_all_workers_did(tmp_path: Path, server_settings: Settings) -> None:
    with Shell(tmp_path).serve("--workers", "2", **urls(server_settings)) as (address, _):

        async def writers() -> float:
            return value(address, "mallgraph_pool_size", 'pool="writers"')

        # Both have started, and each has told its part.
        await eventually(writers, 2 * WRITERS, 15)
        for _ in range(ASKED):
            ask(address, "query Kind { shop { name } }")
        scrapes = {value(address, COUNT) for _ in range(10)}

    assert scrapes == {ASKED}

"""What the README tells a newcomer works as it stands there."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from mallgraph.cli import COMMANDS
from stores.settings import Settings
from tests.serving import ROOT, demo_settings, paste
from tests.shopping import open_shop

#: It runs the shop in a process.
pytestmark = pytest.mark.slow

README = (ROOT / "README.md").read_text()


@pytest.fixture
async def demo(tmp_path: Path) -> Settings:
    return await demo_settings(tmp_path)


async def test_what_the_readme_pastes_finds_tea_and_buys_bells_once(demo: Settings) -> None:
    blocks = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    printed = [_answers(text) for text in await paste(blocks, demo)]
    (found,), _, (added,), (begun,), (first, second) = printed

    tea = found["search"]
    assert tea["totalCount"] > 0
    assert all(node["specs"] and node["priceRange"]["min"] for node in tea["nodes"])
    assert added["addCartLines"] == {
        "cart": {"itemCount": 2, "totals": {"total": {"amount": "42.00"}}},
        "userErrors": [],
    }
    order = {
        "number": begun["beginCheckout"]["checkout"]["orderNumber"],
        "status": "PENDING_PAYMENT",
        "totals": {"total": {"amount": "42.00"}},
    }
    payload = {"order": order, "isReplay": False, "userErrors": []}
    assert first["placeOrder"] == payload
    assert second["placeOrder"] == payload | {"isReplay": True}


def _answers(printed: str) -> list[Any]:
    """Return the data of answers that stand one behind the other."""
    return [json.loads(text)["data"] for text in printed.replace("}{", "}\n{").splitlines()]


async def test_every_query_of_the_readme_is_answered(demo: Settings) -> None:
    queries = re.findall(r"```graphql\n(.*?)```", README, re.DOTALL)
    async with open_shop(demo) as client:
        for query in queries:
            assert (await client.ask(query))["categories"]

    assert queries


def test_every_command_is_listed() -> None:
    table = README.partition("| command |")[2].partition("\n\n")[0]
    listed = [name for row in table.splitlines() for name in re.findall(r"`(\w+)`", row[:25])]

    assert sorted(listed) == sorted(COMMANDS)


def test_every_command_of_the_readme_exists() -> None:
    named = set(re.findall(r"mallgraph (\w+)", README)) - {"servers"}
    targets = re.findall(r"^make ([\w-]+)", README, re.MULTILINE)
    makefile = (ROOT / "Makefile").read_text()

    assert {name for name in named if name in COMMANDS} >= {"migrate", "seed", "serve", "token"}
    assert all(f"\n{target}:" in makefile for target in targets)


def test_settings_of_the_readme_are_settings() -> None:
    named = set(re.findall(r"`MALLGRAPH_(\w+)`", README))

    assert named <= {name.upper() for name in Settings.model_fields}

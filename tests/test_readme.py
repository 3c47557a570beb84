"""What the README tells a newcomer works as it stands there."""

import json
import re
from pathlib import Path

import pytest

from jobs.seed import seed
from mallgraph.cli import COMMANDS
from mallgraph.demo import catalogue
from stores.settings import Settings
from tests import shopping
from tests.shopping import open_mall, open_shop

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


@pytest.fixture
async def demo(tmp_path: Path) -> Settings:
    chosen = shopping.settings(tmp_path)
    async with open_mall(chosen) as mall:
        await seed(mall, catalogue())
    return chosen


async def test_first_query_of_the_readme_finds_tea(demo: Settings) -> None:
    (body,) = re.findall(r"-d '(\{\"query\":\n.*?\})'", README, re.DOTALL)
    query = json.loads(" ".join(body.split("\n")))["query"]
    async with open_shop(demo) as client:
        found = (await client.ask(query))["search"]

    assert found["totalCount"] > 0
    assert all(node["specs"] and node["priceRange"]["min"] for node in found["nodes"])


async def test_every_query_of_the_readme_is_answered(demo: Settings) -> None:
    queries = re.findall(r"```graphql\n(.*?)```", README, re.DOTALL)
    async with open_shop(demo) as client:
        for query in queries:
            assert (await client.ask(query))["categories"]

    assert queries


def test_every_command_of_the_readme_exists() -> None:
    named = set(re.findall(r"mallgraph (\w+)", README)) - {"servers"}
    targets = re.findall(r"^make ([\w-]+)", README, re.MULTILINE)
    makefile = (ROOT / "Makefile").read_text()

    assert {name for name in named if name in COMMANDS} >= {"migrate", "seed", "serve", "token"}
    assert all(f"\n{target}:" in makefile for target in targets)


def test_every_link_of_the_readme_leads_somewhere() -> None:
    for link in re.findall(r"\]\(([^)]+)\)", README):
        assert (ROOT / link).exists(), link


def test_settings_of_the_readme_are_settings() -> None:
    named = set(re.findall(r"`MALLGRAPH_(\w+)`", README))

    assert named <= {name.upper() for name in Settings.model_fields}

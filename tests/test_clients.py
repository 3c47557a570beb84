"""The clients of the field buy in one shop, each the whole way, and one answer to each is lost."""

import asyncio
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLUnionType, build_schema

from graph.schema import sdl
from graph.sockets import messages
from stores.local_issuer import LocalIssuer
from stores.settings import Settings
from tests import shopping
from tests.clients import ariadne_side, documented, node_side
from tests.clients.gql_client import Gql
from tests.clients.losing_door import losing
from tests.clients.scenario import STEPS, walk
from tests.faults.server import running

pytestmark = pytest.mark.slow

#: Steps that only some clients can take.
CACHED = [step["title"] for step in STEPS if step.get("isCached")]
LISTENING = [step["title"] for step in STEPS if "listens" in step]
ALL = [step["title"] for step in STEPS]
#: Those that send the hash of a document first.
HASHING = ("apollo", "urql")
#: What a client leaves out, as it has no cache by ids or no subscriptions.
LEFT_OUT = {
    "apollo": [],
    "relay": [],
    "urql": CACHED,
    "graphql-request": CACHED + LISTENING,
    "tanstack-query": CACHED + LISTENING,
    "graphql-ws": CACHED,
    "gql": CACHED,
    "ariadne-codegen": CACHED,
}


@pytest.fixture(scope="module")
def walks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What became of each client, in one shop for all of them."""
    node_side.installed()
    ariadne_side.installed()
    folder = tmp_path_factory.mktemp("clients")
    return asyncio.run(_walked(shopping.settings(folder), folder))


async def _walked(settings: Settings, folder: Path) -> dict[str, Any]:
    await shopping.fill(settings, [_plenty(row) for row in shopping.few()])
    issuer = LocalIssuer(settings)
    tokens = {name: issuer.token(f"by-{name}", timedelta(minutes=5)) for name in LEFT_OUT}
    (relay := folder / "relay").mkdir()
    artifacts = await node_side.relay_artifacts(relay)
    async with running(settings, folder) as server, losing(server.port) as door:
        url = f"http://127.0.0.1:{door.port}/graphql"
        of_node = {name: tokens[name] for name in node_side.CLIENTS}
        found = await node_side.walked(url, artifacts, of_node)
        (ariadne := folder / "ariadne").mkdir()
        of_ariadne = tokens["ariadne-codegen"]
        found["ariadne-codegen"] = await ariadne_side.walked(url, ariadne, of_ariadne)
        found["gql"] = {"done": await walk(Gql(url), tokens["gql"])}
        found["lost"], found["unknown"] = door.lost, door.unknown
        (programs := folder / "programs").mkdir()
        # He sells what everybody bought, so he hears of all orders, and may have a cart.
        moe = issuer.token("moe", timedelta(minutes=5))
        found["programs"] = await documented.printed(programs, f"127.0.0.1:{server.port}", moe)
        assert "Traceback" not in server.told()
    return found


def _plenty(row: dict[str, Any]) -> dict[str, Any]:
    """Return a product of which there is enough for everybody who buys at once."""
    return {**row, "variants": [{**one, "stock": 100} for one in row["variants"]]}


@pytest.mark.parametrize("name", LEFT_OUT)
def test_client_goes_the_whole_way(walks: dict[str, Any], name: str) -> None:
    assert walks[name].get("error") is None
    assert walks[name]["done"] == [title for title in ALL if title not in LEFT_OUT[name]]


def test_one_answer_to_each_client_was_lost(walks: dict[str, Any]) -> None:
    assert walks["lost"] == len(LEFT_OUT)


def test_two_clients_sent_hashes_and_each_text_once(walks: dict[str, Any]) -> None:
    asked = {step["operation"] for step in STEPS if "listens" not in step}
    # A text that both write alike may be known by the time that the second one names it.
    assert len(asked) <= walks["unknown"] <= len(asked) * len(HASHING)


def test_programs_of_the_page_do_what_it_says(walks: dict[str, Any]) -> None:
    apollo, urql, tanstack, gql, *by_hash, following = walks["programs"]
    assert apollo == "CART_EMPTY\n"
    assert urql == "3\n"
    assert tanstack == "INVALID\n"
    assert gql == "['SHOPPER', 'MERCHANT']\n"
    assert by_hash == ["Test shop\n"] * 2
    sequences = [int(line) for line in following.splitlines()]
    # Broken after the third, it went on with the fourth.
    assert len(sequences) == 6
    assert sequences == sorted(set(sequences))


def test_page_tells_every_type_of_details() -> None:
    (told,) = re.findall(r"ErrorDetails: \[(.*?)\]", documented.DOCUMENT, re.DOTALL)
    union = build_schema(sdl()).type_map["ErrorDetails"]
    assert isinstance(union, GraphQLUnionType)
    assert re.findall(r"\w+", told) == sorted(one.name for one in union.types)


def test_page_tells_every_code_that_ends_a_connection() -> None:
    told = re.findall(r"^\| (\d{4}) \|", documented.DOCUMENT, re.MULTILINE)
    assert sorted(map(int, told)) == sorted([1001, *messages.Code])

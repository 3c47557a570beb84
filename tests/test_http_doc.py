"""What docs/http.md says of limits is what holds."""

import re

from graph import limits
from graph.asked import MAX_VALUES
from graph.budget import CHARACTERS_A_POINT, MISTAKEN
from graph.costs import ASSUMED, INTROSPECTION
from graph.schema import MAX_TOKENS
from graph.sockets.connection import OPERATIONS
from graph.sockets.endpoint import CONNECTIONS
from graph.sockets.seats import OF_ONE_ADDRESS
from resolvers.pages import DEFAULT_PAGE
from stores import persisted
from stores.seats import HELD_SECONDS, PROLONGED_SECONDS
from stores.settings import PREFIX, PRODUCTION_RATE, Settings
from tests.serving import ROOT

TEXT = (ROOT / "docs/http.md").read_text(encoding="utf-8")


def test_every_limit_of_a_document_is_told() -> None:
    told = [int(number) for number in re.findall(r"^\| .* \| (\d+) \|$", TEXT, re.MULTILINE)]

    assert told == [
        limits.MAX_CHARACTERS,
        limits.MAX_LINES,
        MAX_TOKENS,
        limits.MAX_DEPTH,
        limits.MAX_SELECTIONS,
        limits.MAX_ROOT_FIELDS,
        limits.MAX_ALIASES,
        limits.MAX_DIRECTIVES,
        limits.MAX_OPERATIONS,
        limits.MAX_DEFINITIONS,
        limits.MAX_CHAIN,
        limits.MAX_INTROSPECTED - 1,
        limits.MAX_RENAMED,
        limits.MAX_NESTED,
        limits.MAX_REPEATS,
    ]
    assert {most for _, most, _ in limits._LIMITS} <= set(told)


def test_numbers_of_cost_rate_and_memory_are_those_of_the_shop() -> None:
    words = " ".join(TEXT.split())
    for told in (
        f"may cost {Settings.model_fields['max_cost'].default:,} points",
        f"`__schema` {INTROSPECTION:,}, `__type` {INTROSPECTION // 10}",
        f"{DEFAULT_PAGE} where they are left out",
        f"{ASSUMED} for any other list",
        f"{PRODUCTION_RATE:,} in production",
        f"{persisted.CHARACTERS // 1_000_000} million characters",
        f"{persisted.PLACES:,} documents",
        f"if it is wrong, that and {MISTAKEN} points",
        f"a point more for every {CHARACTERS_A_POINT} characters",
        f"256 KiB and {MAX_VALUES:,} values at most",
        f"A process keeps {CONNECTIONS:,} of them open",
        f"one address has {OF_ONE_ADDRESS},",
        f"for {HELD_SECONDS:.0f} seconds, and prolongs it every {PROLONGED_SECONDS:.0f} until",
        f"A connection runs {OPERATIONS} operations at once",
    ):
        assert told in words


def test_every_setting_it_names_is_one() -> None:
    named = {name.lower() for name in re.findall(rf"{PREFIX}([A-Z_]+)", TEXT)}

    assert named < set(Settings.model_fields)

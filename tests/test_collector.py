"""Python's collector of cycles is spared, and nothing large waits for it."""

import gc
import subprocess
import sys

import pytest

from loaders import Loaders
from mallgraph import app
from stores.products import Product, Variant
from stores.specs import Spec
from tests.shopping import Client

_LOOKED_AT = """
import gc
from mallgraph import collector
{}
before = gc.get_stats()[0]["collections"]
answer = [[] for _ in range(10_000)]
print(gc.get_stats()[0]["collections"] - before)
"""


def _looked_at(*, is_spared: bool) -> int:
    # In a process of its own: what is frozen here would hide what tests leave behind.
    program = _LOOKED_AT.format("collector.spare()" if is_spared else "")
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
    return int(done.stdout)


def test_answers_are_not_looked_at_while_they_are_made() -> None:
    assert _looked_at(is_spared=True) == 0


def test_twin_looks_at_them_again_and_again() -> None:
    assert _looked_at(is_spared=False) > 10


@pytest.fixture(autouse=True)
def _nobody_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "BACKGROUND", ())


async def test_answered_request_leaves_no_row_for_the_collector(client: Client) -> None:
    assert await _rows_left(client) <= 0


@pytest.mark.slow
async def test_twin_that_forgets_nothing_leaves_all_of_them(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Loaders, "forget", lambda _self: None)

    assert await _rows_left(client) > 20


async def _rows_left(client: Client) -> int:
    """Return how many rows of a known document wait for the collector once it is answered."""
    query = "{ products(first: 20) { nodes { title variants { sku } specs { key } } } }"
    await client.ask(query)
    gc.collect()
    gc.disable()
    try:
        before = _rows()
        await client.ask(query)
        return _rows() - before
    finally:
        gc.enable()


def _rows() -> int:
    return sum(isinstance(one, Product | Variant | Spec) for one in gc.get_objects())

"""A server spares what is there for good."""

import subprocess
import sys

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

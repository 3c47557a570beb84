"""`mallgraph verify`, as a stranger uses it: what it says, and the code that it ends with."""

import json
import sqlite3
from pathlib import Path

import pytest

from tests.servers import free_port
from tests.test_cli import Shell

#: Each test runs the command as a process.
pytestmark = pytest.mark.slow

DAMAGE = "UPDATE listings SET min_price_minor = 1 WHERE product_id = (SELECT MIN(id) FROM products)"


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    opened = Shell(tmp_path)
    opened.ok("seed")
    return opened


def _damage(shell: Shell, statement: str) -> None:
    file = sqlite3.connect(shell.folder / ".mallgraph/shop.db")
    with file:
        file.execute(statement)
    file.close()


def test_difference_is_shown_and_mended_and_told_by_the_exit_code(shell: Shell) -> None:
    clean = json.loads(shell.ok("verify", "--json"))
    _damage(shell, DAMAGE)
    found, mended = shell.run("verify"), shell.run("verify", "--repair")

    assert (clean["isClean"], clean["isWhole"]) == (True, True)
    assert {one["check"]: one["lookedAt"] for one in clean["checks"]}["products"] == 60
    assert (found.returncode, mended.returncode) == (1, 0)
    assert found.stdout.count("\nlistings  ") == 3
    assert "but found row of list:" in found.stdout
    assert "its lists and words were written again." in mended.stdout
    assert "verify ━" in found.stderr
    shell.ok("verify")


def test_store_that_is_away_stops_its_check_and_no_other(shell: Shell) -> None:
    away = f"http://127.0.0.1:{free_port()}/shop"
    words = ["verify", "--check", "search", "--check", "stock", "--json"]
    done = shell.run(*words, MALLGRAPH_SEARCH_URL=away)

    assert done.returncode == 2
    told = {one["check"]: one["stopped"] for one in json.loads(done.stdout)["checks"]}
    sentence = "The search store does not answer; try again in a moment."
    assert told == {"stock": None, "search": sentence}


def test_unknown_check_is_told_the_right_one(shell: Shell) -> None:
    told = shell.refused(2, "verify", "--check", "stok")

    assert "stok is no check; is stock meant? There are: stock, reservations, " in told


def test_shop_without_tables_is_not_made_by_looking(tmp_path: Path) -> None:
    told = Shell(tmp_path).refused(2, "verify")

    assert told == "The tables are not those of this release: run `mallgraph migrate`.\n"

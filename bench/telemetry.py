"""What it costs to watch the shop: CPU of a request with metrics and traces off and on.

    PYTHONPATH=. .venv/bin/python bench/telemetry.py DATA
    PYTHONPATH=. .venv/bin/python bench/telemetry.py mallgraph/demo/catalogue.jsonl --pages list20

DATA is what bench/pages.py takes, and everything is measured as there: each shop is a process of
its own, all on the same core over the same stores, asked in turn. Spans go to a collector in the
process that asks, which throws them away; what sending them costs the shop is counted.
"""

import asyncio
import contextlib
import threading
from collections.abc import Generator, Sequence
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Annotated, ClassVar

import pages_documents
import pages_measure
import pages_servers
import pages_shop
import pages_table
import pages_wanted
import typer
from pages_documents import Page
from pages_load import HOST
from pages_measure import Figures
from pages_progress import Tell, telling
from pages_servers import Server
from pages_shop import BenchShop
from rich.console import Console

_OFF = "nothing"
#: What is watched -> whether there are metrics, and which share of the operations is traced.
_WATCHED = {
    _OFF: (False, 0.0),
    "metrics": (True, 0.0),
    "traces of 5 %": (False, 0.05),
    "traces": (False, 1.0),
    "both": (True, 1.0),
}
_CONSOLE = Console()


def main(
    data: Annotated[
        Path,
        typer.Argument(metavar="DATA", exists=True, help="Folder of the data, or a product file."),
    ],
    pages: Annotated[
        str, typer.Option(help=f"Some of {','.join(pages_documents.NAMES)}.")
    ] = "list20,product",
    seconds: Annotated[float, typer.Option(min=0.1, help="For each shop and page.")] = 10.0,
    connections: Annotated[int, typer.Option(min=1, max=64, help="Requests at once.")] = 4,
) -> None:
    """Measure what metrics and traces cost, and print it as times of a shop without both."""
    filled = pages_shop.embedded if data.is_file() else pages_shop.on_servers("bench_pages")
    found: list[Figures] = []
    with telling() as tell, filled(data, tell) as shop, _started(shop) as servers:
        known = pages_documents.pages(asyncio.run(pages_wanted.wanted(servers[0])))
        for name in pages.split(","):
            found += _measured(servers, known[name], seconds, connections, tell)
    _CONSOLE.print(pages_table.versions(["mallgraph"], shop.stores))
    _CONSOLE.print(pages_table.figures(found, _OFF))
    _CONSOLE.print(f"{_Collector.received:,} batches of spans were sent.")


def _measured(
    servers: Sequence[Server], page: Page, seconds: float, connections: int, tell: Tell
) -> list[Figures]:
    tell(f"{page.name}: measuring")
    return asyncio.run(pages_measure.measured(servers, page, seconds, connections))


@contextlib.contextmanager
def _started(shop: BenchShop) -> Generator[list[Server]]:
    with contextlib.ExitStack() as stack:
        endpoint = stack.enter_context(_collector())
        yield [stack.enter_context(_watched(name, shop, endpoint)) for name in _WATCHED]


@contextlib.contextmanager
def _watched(name: str, shop: BenchShop, endpoint: str) -> Generator[Server]:
    has_metrics, share = _WATCHED[name]
    watched = {
        "MALLGRAPH_METRICS": str(has_metrics).lower(),
        "MALLGRAPH_METRICS_TOKEN": "0123456789abcdef",
        "MALLGRAPH_TRACES": str(share > 0).lower(),
        "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
        "OTEL_TRACES_SAMPLER": "parentbased_traceidratio",
        "OTEL_TRACES_SAMPLER_ARG": str(share),
    }
    environment = {**shop.environment, **watched}
    with pages_servers.started("mallgraph", replace(shop, environment=environment)) as server:
        yield replace(server, name=name)


class _Collector(BaseHTTPRequestHandler):
    """Takes whatever comes."""

    protocol_version = "HTTP/1.1"
    received: ClassVar[int] = 0

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        _Collector.received += 1
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_told: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def _collector() -> Generator[str]:
    """Collect the spans while the block runs, and yield where."""
    server = ThreadingHTTPServer((HOST, 0), _Collector)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://{HOST}:{server.server_port}"
    server.shutdown()


if __name__ == "__main__":
    typer.run(main)

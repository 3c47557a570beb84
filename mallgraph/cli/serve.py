"""`mallgraph serve`: the shop, open for requests."""

import asyncio
import errno
import shlex
import shutil
import signal
import socket
import sys
from collections.abc import Generator
from contextlib import contextmanager, nullcontext
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
import uvicorn
from starlette.types import ASGIApp
from uvicorn.supervisors import Multiprocess

from graph.asked import MAX_BODY
from mallgraph import collector, logs
from mallgraph.app import create_app
from mallgraph.cli import give_up
from mallgraph.cli.going_away import GoingAway
from mallgraph.cli.migrate import made_ready
from mallgraph.cli.short_heads import ShortHeads
from mallgraph.configuration import load
from stores import settings as variables
from stores.errors import StoreUnavailable
from stores.health import address, kind, urls
from stores.settings import Settings

_BACKLOG = 2_048
#: Connections that are accepted at one turn of the event loop.
_DOORS = 16


def command(
    host: Annotated[
        str | None, typer.Option(help="Address to listen on; that of the settings if left out.")
    ] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65_535, help="Port to listen on; 0 takes a free one.")
    ] = None,
    workers: Annotated[
        int, typer.Option(min=1, max=64, help="Processes; only with stores on servers.")
    ] = 1,
    *,
    demo: Annotated[
        bool, typer.Option("--demo", help="Put the demo products on sale if there are none.")
    ] = False,
) -> None:
    """Open the shop. Without settings everything lies in files of the folder .mallgraph."""
    settings, listening = _bound(host, port)
    logs.configure(settings)
    _make_ready(settings, is_demo=demo)
    count = _workers(settings, workers)
    _tell(settings)
    with _metrics_shared(settings) if count > 1 else nullcontext():
        _run(settings, listening, count)


def _bound(host: str | None, port: int | None) -> tuple[Settings, socket.socket]:
    """Return the settings, which name the address that the socket listens on."""
    for name, value in (("host", host), ("port", port)):
        if value is not None:
            variables.override(name, value)
    listening = _listen(load())
    # Port 0 became another one, which the addresses of pictures must name.
    variables.override("port", listening.getsockname()[1])
    return load(), listening


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
        # A second server is refused here, not when it has told that it is open.
        listening.listen(_BACKLOG)
    except OSError as error:
        give_up(_cannot_listen(settings, error))
    listening.set_inheritable(True)
    return listening


def _cannot_listen(settings: Settings, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {settings.port} of {settings.host} is in use already; "
            "choose another with --port, or 0 for any free one."
        )
    return f"Cannot listen on {settings.host} port {settings.port}: {error.strerror}."


def _make_ready(settings: Settings, *, is_demo: bool) -> None:
    try:
        asyncio.run(made_ready(settings))
        if is_demo:
            _seed()
    except StoreUnavailable as error:
        typer.echo(
            f"{error.for_operators()} The server starts all the same, and asks again.", err=True
        )


def _seed() -> None:
    # Imported here: only a demo has pictures to draw and products to import.
    from jobs.seed import has_products  # noqa: PLC0415
    from mallgraph.cli import seed  # noqa: PLC0415
    from mallgraph.cli.working import on_the_shop  # noqa: PLC0415

    if not on_the_shop(has_products):
        seed.command()


def _workers(settings: Settings, wanted: int) -> int:
    embedded = [name for name, url in urls(settings).items() if kind(url) == "sqlite"]
    if wanted > 1 and embedded:
        typer.echo(
            f"One worker, not {wanted}: {', '.join(embedded)} lie in files, each written by one "
            "process; `mallgraph config` says how to set servers.",
            err=True,
        )
        return 1
    return wanted


def _tell(settings: Settings) -> None:
    place = f"[{settings.host}]" if ":" in settings.host else settings.host
    lines = [("GraphQL", f"http://{place}:{settings.port}/graphql"), *_token_lines(settings)]
    lines += [(name, f"{kind(url)} {address(url)}") for name, url in urls(settings).items()]
    lines.append(("data", str(settings.data_dir.resolve())))
    for name, text in lines:
        typer.echo(f"{typer.style(f'{name:>12}', bold=True)}  {text}", err=True)


def _token_lines(settings: Settings) -> list[tuple[str, str]]:
    if settings.jwks_url:
        return [("tokens", f"those signed by the keys of {settings.jwks_url}")]
    return [
        ("tokens", f"TOKEN=$({_called()} token --role shopper), or merchant, or owner"),
        ("", 'curl -H "Authorization: Bearer $TOKEN" ...'),
    ]


def _called() -> str:
    """Return what to type to call this program again, in the folder where it was called."""
    is_on_path = shutil.which("mallgraph") == sys.argv[0]
    return "mallgraph" if is_on_path else shlex.quote(sys.argv[0])


@contextmanager
def _metrics_shared(settings: Settings) -> Generator[None]:
    """Give several processes a folder, as a scrape reaches only one of them."""
    if not settings.tells_metrics() or variables.shared_metrics():
        yield
        return
    with TemporaryDirectory(prefix="mallgraph-metrics-") as folder:
        variables.share_metrics(folder)
        yield


def _run(settings: Settings, listening: socket.socket, workers: int) -> None:
    app = create_app(settings) if workers == 1 else "mallgraph.app:worker"
    config = configured(app, settings, workers)
    # When all is answered and closed, the server sends itself again what ended it: a host that
    # stops the shop must see that it stopped well, not that a signal killed it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    if workers > 1:
        Multiprocess(config, sockets=doors(listening)).run()
    else:
        collector.spare()
        uvicorn.Server(config).run(sockets=doors(listening))


def doors(listening: socket.socket) -> list[socket.socket]:
    """Return a socket under several names: uvloop lets one connection in by each, at each turn.

    A busy loop has few turns in a second. Whoever comes then waited where nobody counts, until he
    was answered long after he had gone; now he is inside at once, or sent away.
    """
    return [listening, *(listening.dup() for _ in range(_DOORS - 1))]


def configured(app: ASGIApp | str, settings: Settings, workers: int = 1) -> uvicorn.Config:
    """Return how an application is served; with several workers, `app` names what makes it."""
    return uvicorn.Config(
        app,
        factory=workers > 1,
        workers=workers,
        loop="uvloop",
        http=ShortHeads,
        ws=GoingAway,
        ws_max_size=MAX_BODY,
        # Compressed, a small message may become a large one, and each connection needs memory.
        ws_per_message_deflate=False,
        # Uvicorn would believe every program of this machine.
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies,
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        timeout_graceful_shutdown=10,
    )

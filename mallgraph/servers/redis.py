"""Redis, which keeps carts: append-only, so that a restart loses nothing."""

from pathlib import Path

from mallgraph.servers import install as get
from mallgraph.servers import process
from mallgraph.servers.commands import Tell


def find(_cache: Path) -> Path | None:
    """The server on this machine."""
    return get.on_path("redis-server")


def install(_cache: Path, tell: Tell) -> None:
    """Install the distribution's package."""
    get.apt_install(["redis-server"], tell)


def start(binary: Path, folder: Path, port: int) -> int:
    """Start it and return its pid."""
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    # Each worker of the tests takes some databases for itself.
    keep = ["--dir", str(data), "--appendonly", "yes", "--save", "", "--databases", "1024"]
    command = [str(binary), "--port", str(port), "--bind", "127.0.0.1", *keep]
    return process.spawn(command, folder / "server.log")


def ready(port: int) -> bool:
    """Whether it answers; not while it still reads its file."""
    return process.exchange(port, b"PING\r\n").startswith(b"+PONG")


def url(port: int) -> str:
    """Where it is, without a database."""
    return f"redis://127.0.0.1:{port}"

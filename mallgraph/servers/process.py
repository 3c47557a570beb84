"""Programs that go on after the command has ended: start, recognise, measure, stop."""

import contextlib
import os
import signal
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from mallgraph.servers.commands import ServerError, run

_PROC = Path("/proc")


def spawn(command: Sequence[str], log: Path, env: Mapping[str, str] | None = None) -> int:
    """Start a program in a session of its own, its output added to `log`; return its pid.

    It gets nothing from the terminal, neither input nor Ctrl-C.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    append = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    files = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, str(log), append, 0o644),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    environment = os.environ if env is None else env
    try:
        return os.posix_spawnp(
            command[0], list(command), environment, file_actions=files, setsid=True
        )
    except OSError as error:
        raise ServerError(f"{command[0]} cannot be run: {error.strerror}.") from error


def started(pid: int) -> str | None:
    """When the process with this pid began, as a mark to compare; None if it runs no more.

    Pids are used again. The mark of another process with the same pid differs.
    """
    _reap(pid)
    if not _PROC.joinpath("self/stat").exists():
        return _from_ps(pid, "lstart")
    try:
        # The name in brackets may contain spaces, so fields are counted behind it.
        fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
    return None if fields[0] in "ZX" else f"{boot} {fields[19]}"


def is_same(pid: int | None, mark: str) -> bool:
    """Whether the process with this pid is still the one that had this mark."""
    return pid is not None and started(pid) == mark


def memory_mb(pid: int) -> int | None:
    """Resident memory in MiB, None if it cannot be told."""
    try:
        text = (_PROC / str(pid) / "status").read_text()
        kib = next(line.split()[1] for line in text.splitlines() if line.startswith("VmRSS:"))
    except (OSError, StopIteration):
        kib = _from_ps(pid, "rss") or ""
    return int(kib) // 1024 if kib.isdigit() else None


def stop(pid: int, mark: str, seconds: float = 30) -> bool:
    """End a process, by force after `seconds`; False if it is not the one with this mark."""
    if not is_same(pid, mark):
        return False
    _signal(pid, signal.SIGTERM)
    if not wait_for(lambda: not is_same(pid, mark), seconds):
        _signal(pid, signal.SIGKILL)
        wait_for(lambda: not is_same(pid, mark), 10)
    return True


def wait_for(happened: Callable[[], bool], seconds: float) -> bool:
    """Ask again and again until it has happened; False if it has not in that time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if happened():
            return True
        time.sleep(0.03)
    return happened()


def free_port(preferred: int | None = None) -> int:
    """A port of 127.0.0.1 that nobody listens on, the preferred one if it is such."""
    with socket.socket() as probe:
        # Connections that ended a moment ago do not hinder a server either.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", preferred or 0))
            port: int = probe.getsockname()[1]
            return port
    return free_port()


def exchange(port: int, request: bytes) -> bytes:
    """What a server on 127.0.0.1 answers first, or at once if asked nothing; empty if down."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(request)
            return connection.recv(512)
    except OSError:
        return b""


def _reap(pid: int) -> None:
    """Take note of the end of a child, which would stay a zombie."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _from_ps(pid: int, field: str) -> str | None:
    """A field of a process where there is no /proc, as on macOS."""
    try:
        return run(["ps", "-o", f"{field}=", "-p", str(pid)]).strip() or None
    except ServerError:
        return None

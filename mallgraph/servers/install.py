"""Getting binaries: the distribution's packages, and a cache folder of our own."""

import contextlib
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Callable, Generator, Sequence
from pathlib import Path

from mallgraph.servers.commands import ServerError, Tell, run

ATTEMPTS = 3
_APT = threading.Lock()
_POLICY = Path("/usr/sbin/policy-rc.d")
_SYSTEM_FOLDERS = "/usr/local/sbin:/usr/sbin:/sbin:/usr/libexec"


def cache_folder() -> Path:
    """Where what was downloaded is kept for every checkout of this user."""
    # A place of the system's user, no setting of the shop.
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "mallgraph"


def on_path(name: str) -> Path | None:
    """A program on the PATH or in the folders of system programs, which users often lack."""
    found = shutil.which(name) or shutil.which(name, path=_SYSTEM_FOLDERS)
    return Path(found) if found else None


def require_linux_x86() -> None:
    """Raises ServerError elsewhere: what is about to be fetched is built for that only."""
    if sys.platform != "linux" or os.uname().machine != "x86_64":
        raise ServerError(
            "There is no download for this system; install the server with your package manager."
        )


def whole(target: Path, fill: Callable[[Path], None]) -> None:
    """Let `fill` make a folder, which gets its name only when it is complete.

    Whoever is interrupted leaves nothing that looks like an installation.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".unfinished-") as draft:
        tree = Path(draft) / target.name
        tree.mkdir()
        fill(tree)
        try:
            tree.rename(target)
        except OSError:
            # Another command was quicker with the same.
            if not target.is_dir():
                raise


def apt_install(packages: Sequence[str], tell: Tell) -> None:
    """Install packages of Debian or Ubuntu without starting any service.

    Raises ServerError with what to install where that is not ours to do.
    """
    names = " ".join(packages)
    if os.getuid() != 0 or not shutil.which("apt-get"):
        raise ServerError(
            f"Install it with your package manager (Debian and Ubuntu: {names}), then try again."
        )
    with _APT, _no_services():
        tell(f"installing {names}")
        try:
            run(_apt("install", *packages), tell)
        except ServerError:
            run(_apt("update"), tell, attempts=ATTEMPTS)
            run(_apt("install", *packages), tell, attempts=ATTEMPTS)


def _apt(*words: str) -> list[str]:
    # Another apt may be at work, so wait for its lock.
    options = ["-y", "-q", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=120"]
    return ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", *options, *words]


@contextlib.contextmanager
def _no_services() -> Generator[None]:
    """Forbid the packages to start what they install, by the distribution's own switch."""
    aside = _POLICY.with_name("policy-rc.d.mallgraph")
    had_one = _POLICY.exists()
    if had_one:
        _POLICY.rename(aside)
    _POLICY.write_text("#!/bin/sh\nexit 101\n")
    _POLICY.chmod(0o755)
    try:
        yield
    finally:
        _POLICY.unlink()
        if had_one:
            aside.rename(_POLICY)

"""Shops that are born with everything imported: one process forks, so a start costs milliseconds.

    child = born(["none", "serve", "--port", "8000"], variables, log)

What a forked process leaves behind when it is killed is what any other leaves.
"""

import atexit
import json
import os
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


@dataclass
class Child:
    """A process that was born here; it has the methods of `subprocess.Popen`."""

    pid: int
    _status: int | None = None

    def poll(self) -> int | None:
        """Return its exit status, as `Popen` tells it, or None while it runs."""
        if self._status is None:
            self._status = _ask({"pid": self.pid})
        return self._status

    def wait(self, seconds: float) -> int:
        """Return its exit status when it has ended. Raises TimeoutError."""
        until = time.monotonic() + seconds
        while (status := self.poll()) is None:
            if time.monotonic() > until:
                raise TimeoutError(self.pid)
            time.sleep(0.01)
        return status

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it as no handler can prevent."""
        self.send_signal(signal.SIGKILL)


def born(words: Sequence[str], variables: Mapping[str, str], log: Path) -> Child:
    """Return a process that runs `tests.faults.twins` with these words and variables alone."""
    told = {"words": words, "variables": dict(variables), "log": str(log)}
    return Child(_ask(told))


_one_at_a_time = threading.Lock()


def _ask(told: Mapping[str, Any]) -> Any:
    with _one_at_a_time:
        nursery = _nursery()
        assert nursery.stdin is not None
        assert nursery.stdout is not None
        nursery.stdin.write(json.dumps(told) + "\n")
        nursery.stdin.flush()
        return json.loads(nursery.stdout.readline())


@cache
def _nursery() -> subprocess.Popen[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    pipe = subprocess.PIPE
    started = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.nursery"],
        cwd=ROOT,
        env=kept | {"PYTHONPATH": str(ROOT)},
        stdin=pipe,
        stdout=pipe,
        text=True,
    )
    atexit.register(started.communicate)
    return started


def _main() -> None:
    # Everything that a shop may need, also on servers: nobody imports it again.
    import stores.carts_redis  # noqa: PLC0415
    import stores.search_elastic  # noqa: PLC0415
    import stores.specs_mongodb  # noqa: F401, PLC0415
    from graph.schema import build  # noqa: PLC0415
    from mallgraph.cli import serve  # noqa: F401, PLC0415
    from tests.faults import twins  # noqa: F401, PLC0415

    build()
    for line in sys.stdin:
        told = json.loads(line)
        answer = _ended(told["pid"]) if "pid" in told else _forked(told)
        sys.stdout.write(f"{json.dumps(answer)}\n")
        sys.stdout.flush()


def _ended(pid: int) -> int | None:
    found, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if found else None


def _forked(told: Mapping[str, Any]) -> int:
    child = os.fork()
    if not child:
        _live(told["words"], told["variables"], told["log"])
    return child


def _live(words: Sequence[str], variables: Mapping[str, str], log: str) -> None:
    """Be the shop, until its end."""
    from tests.faults import twins  # noqa: PLC0415

    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    for number in (1, 2):
        os.dup2(file, number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.environ.clear()
    os.environ.update(variables)
    sys.argv = [twins.__file__, *words]
    status: Any = 1
    try:
        twins.run()
        status = 0
    except SystemExit as end:
        status = end.code or 0
    except BaseException:  # noqa: BLE001  It is told as Python itself would tell it.
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status if isinstance(status, int) else 1)


if __name__ == "__main__":
    _main()

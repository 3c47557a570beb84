"""Imports a file again and again, each time by a process that dies before its Nth SQL statement.

    python -m tests.import_and_die SETTINGS FILE N,N… [blind]

SETTINGS are JSON; N of 0 lets it live; `blind` takes away the check of what is there already. How
each ended is printed: 0, or -9.
"""

import asyncio
import json
import os
import signal
import sys
from datetime import timedelta
from itertools import count
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.engine import Engine

from jobs import import_content, relay
from jobs.import_catalogue import import_file
from stores.driver_cursor import watchers
from stores.settings import Settings
from tests.empty_shop import open_mall


def die_before(number: int) -> None:
    """Kill this process, as no handler can prevent, before its statement of this number."""
    numbers = count(1)

    def die(*_call: object) -> None:
        if next(numbers) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", die)
    event.listen(Engine, "commit", die)
    watchers.append(die)


def wait_little() -> None:
    """Let the lead of the relay be free two seconds after its holder was killed."""
    relay.LENGTH, relay._LEASE_SECONDS = timedelta(seconds=2), 0.5  # type: ignore[assignment]  # Whole seconds there.


def be_blind() -> None:
    """Let every line look new, as if nothing compared it with what is there."""
    numbers = count()
    import_content._hash = lambda *_: f"{next(numbers)}-{os.getpid()}"


async def _main(settings: Settings, path: Path) -> None:
    async with open_mall(settings) as mall:
        await import_file(mall, path)


def ended(settings: Settings, path: Path, at: int) -> int:
    """Import by a child, which needs not import the shop anew; return how it ended."""
    if child := os.fork():
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    die_before(at)
    asyncio.run(_main(settings, path))
    os._exit(0)


if __name__ == "__main__":
    urls, file, deaths = sys.argv[1:4]
    wait_little()
    if "blind" in sys.argv:
        be_blind()
    chosen = Settings(_env_file=None, **json.loads(urls))
    ends = [ended(chosen, Path(file), int(at)) for at in deaths.split(",")]
    sys.stdout.write(" ".join(map(str, ends)))

"""What `up` remembers: a JSON file in the folder of the servers."""

import contextlib
import json
import threading
from collections.abc import Generator
from dataclasses import asdict, dataclass
from pathlib import Path

from mallgraph.servers import process
from mallgraph.servers.commands import ServerError

_WRITING = threading.Lock()


@dataclass(frozen=True, slots=True)
class Entry:
    """One server as it was started last; `pid` is None after it was stopped."""

    name: str
    pid: int | None
    started: str
    port: int
    url: str
    version: str

    @property
    def running(self) -> bool:
        """Whether that very process still runs."""
        return process.is_same(self.pid, self.started)


def read(folder: Path) -> dict[str, Entry]:
    """The entries by name; none if nothing was ever started here.

    Raises ServerError if the file was damaged.
    """
    file = folder / "state.json"
    try:
        values = json.loads(file.read_text())
        return {name: Entry(name=name, **value) for name, value in values.items()}
    except FileNotFoundError:
        return {}
    except (ValueError, TypeError, AttributeError) as error:
        raise ServerError(
            f"{file} is damaged; remove it after stopping the servers it may name."
        ) from error


def remember(folder: Path, entry: Entry) -> None:
    """Write one entry; the others stay, and a reader never sees half a file."""
    with _WRITING:
        entries = read(folder) | {entry.name: entry}
        values = {name: _value(entry) for name, entry in entries.items()}
        draft = folder / "state.json.new"
        draft.write_text(json.dumps(values, indent=2) + "\n")
        draft.replace(folder / "state.json")


@contextlib.contextmanager
def locked(folder: Path) -> Generator[None]:
    """Let one command at a time change servers of this folder; others wait."""
    try:
        import fcntl  # noqa: PLC0415 - The command line must load on Windows, too.
    except ImportError as error:
        raise ServerError("Servers are started on Linux and macOS only.") from error
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _value(entry: Entry) -> dict[str, object]:
    value = asdict(entry)
    del value["name"]
    return value

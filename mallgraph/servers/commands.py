"""The one place that runs other programs and waits for them."""

import subprocess
import time
from collections import deque
from collections.abc import Callable, Sequence

Tell = Callable[[str], None]
_LAST_LINES = 12


class ServerError(Exception):
    """A server could not be installed, started or stopped; the message is for people."""


def quiet(_step: str) -> None:
    """Tell nobody what is being done."""


def run(command: Sequence[str], tell: Tell = quiet, *, attempts: int = 1) -> str:
    """Run a program to its end and return what it printed, both streams in one.

    Each line is told while it runs. Raises ServerError with the last lines once the program
    is missing or has failed as often as it may be tried.
    """
    for attempt in range(1, attempts):
        try:
            return _once(command, tell)
        except ServerError:
            tell(f"trying again ({attempt + 1} of {attempts})")
            time.sleep(attempt)
    return _once(command, tell)


def _once(command: Sequence[str], tell: Tell) -> str:
    try:
        # The words come from this package, none is read by a shell.
        process = subprocess.Popen(  # noqa: S603
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
    except OSError as error:
        raise ServerError(f"{command[0]} cannot be run: {error.strerror}.") from error
    with process:
        lines = _read(process, tell)
    if process.returncode:
        last = "".join(deque(lines, _LAST_LINES)).strip()
        raise ServerError(f"{_name(command)} failed with status {process.returncode}.\n{last}")
    return "".join(lines)


def _read(process: subprocess.Popen[str], tell: Tell) -> list[str]:
    lines = []
    for line in process.stdout or ():
        lines.append(line)
        if said := line.strip():
            tell(said)
    return lines


def _name(command: Sequence[str]) -> str:
    """The words up to the first option, which say what was run."""
    words = []
    for word in command:
        if word.startswith("-"):
            break
        words.append(word)
    return " ".join(words)

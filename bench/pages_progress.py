"""What is being done now, as one line that comes and goes."""

import contextlib
from collections.abc import Callable, Generator
from typing import TypeAlias

from rich.console import Console

Tell: TypeAlias = Callable[[str], None]


@contextlib.contextmanager
def telling() -> Generator[Tell]:
    """Yield a function that says what is being done."""
    console = Console(stderr=True)
    with console.status("Starting.") as status:
        yield status.update

"""The bar that shows how far an import is, and how fast."""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from rich import progress

from jobs.import_catalogue import Progress
from mallgraph.cli.working import CONSOLE


@contextmanager
def bar(path: Path) -> Generator[Callable[[Progress], None]]:
    """Show a bar of the bytes of a file, and yield what moves it on."""
    columns = (
        progress.TextColumn("{task.description}"),
        progress.BarColumn(),
        progress.TaskProgressColumn(),
        progress.TextColumn("{task.fields[speed]}"),
        progress.TimeElapsedColumn(),
    )
    with progress.Progress(*columns, console=CONSOLE) as shown:
        size = path.stat().st_size if path.exists() else None
        task, began = shown.add_task(path.name, total=size, speed=""), time.monotonic()

        def move_on(now: Progress) -> None:
            rows_per_second = now.lines / max(time.monotonic() - began, 0.001)
            speed = f"{now.lines:,} rows, {rows_per_second:,.0f}/s"
            shown.update(task, completed=now.bytes_read, speed=speed)

        yield move_on

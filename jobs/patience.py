"""Work that goes on for ever, and waits when a store is away."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from functools import partial

import structlog

_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 5.0

_log = structlog.get_logger()


class Pauses:
    """Pauses that grow from failure to failure, until the patience is over."""

    def __init__(self, patience_seconds: float = math.inf) -> None:
        """Begin with a short one."""
        self._patience_seconds = patience_seconds
        self.begin_again()

    def begin_again(self) -> None:
        """Forget the failures, as something was done."""
        self.seconds = _FIRST_PAUSE
        self._ends_at = time.monotonic() + self._patience_seconds

    async def bear(self, error: Exception) -> None:
        """Wait, or raise the error when that would pass the patience."""
        if time.monotonic() + self.seconds > self._ends_at:
            raise error
        await asyncio.sleep(self.seconds)
        self.seconds = min(2 * self.seconds, _LONGEST_PAUSE)


async def for_ever(
    name: str, step: Callable[[], Awaitable[bool]], wait: Callable[[], Awaitable[None]]
) -> None:
    """Take steps without end: at once while there is more to do, else after `wait`.

    A step that fails is logged and taken again after a pause.
    """
    pauses = Pauses()
    while True:
        try:
            has_more = await step()
        except Exception as error:  # noqa: BLE001  One that fails must not stop the others.
            _log.warning("job_waits", step=name, seconds=pauses.seconds, error=_told(error))
            await pauses.bear(error)
            continue
        pauses.begin_again()
        if not has_more:
            await wait()


def pausing(seconds: float) -> Callable[[], Awaitable[None]]:
    """Return what waits so long."""
    return partial(asyncio.sleep, seconds)


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"

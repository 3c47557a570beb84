"""Tasks that run beside each other, and are stopped for certain."""

import asyncio
from collections.abc import Collection, Coroutine
from contextlib import suppress

import structlog

#: After this long, a task that goes on is cancelled again.
_AGAIN_SECONDS = 0.5
#: What has not ended by then is left alone: a shop that stops must stop.
_GIVEN_UP_SECONDS = 15.0

_log = structlog.get_logger()


async def run_together(*works: Coroutine[None, None, None]) -> None:
    """Run until one work fails, or until cancelled; then all of them are stopped.

    A TaskGroup does not do: it cancels each of its tasks once, and a driver that fails in that
    moment makes an error of its own from the cancellation.
    """
    tasks = [asyncio.create_task(work) for work in works]
    try:
        await asyncio.gather(*tasks)
    finally:
        await _to_its_end(stop(tasks))


async def stop(tasks: Collection[asyncio.Task[None]]) -> None:
    """Cancel the tasks, again and again, until they end; log what does not."""
    loop = asyncio.get_running_loop()
    running, ends_at = {task for task in tasks if not task.done()}, loop.time() + _GIVEN_UP_SECONDS
    while running and loop.time() < ends_at:
        for task in running:
            task.cancel()
        _, running = await asyncio.wait(running, timeout=_AGAIN_SECONDS)
    for task in running:
        _log.error("job_does_not_end", job=task.get_name(), at=_where(task))


async def _to_its_end(work: Coroutine[None, None, None]) -> None:
    # Whoever cancels again and again must not cut off what stops the others.
    running = asyncio.create_task(work)
    while not running.done():
        with suppress(asyncio.CancelledError):
            await asyncio.shield(running)


def _where(task: asyncio.Task[None]) -> list[str]:
    return [f"{each.f_code.co_filename}:{each.f_lineno}" for each in task.get_stack()]

"""Waiting for what the shop does after its answer."""

import asyncio
import time
from collections.abc import Awaitable, Callable

SECONDS = 5.0


async def eventually(
    look: Callable[[], Awaitable[object]], wanted: object, seconds: float = SECONDS
) -> None:
    """Look until `wanted` is there; fail with what is there after these seconds."""
    ends_at = time.monotonic() + seconds
    while (seen := await look()) != wanted and time.monotonic() < ends_at:  # noqa: ASYNC110  Nobody would set it.
        await asyncio.sleep(0.05)
    assert seen == wanted, f"{seen}, and not {wanted}"

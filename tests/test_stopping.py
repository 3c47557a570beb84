"""The shop stops, also when a driver loses the cancellation of a job."""

import asyncio

from mallgraph import app


async def test_job_that_loses_a_cancellation_is_stopped_all_the_same() -> None:
    lost = []

    async def job() -> None:
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError as error:
            lost.append(error)
        await asyncio.sleep(30)

    running = asyncio.create_task(job())
    await asyncio.sleep(0)
    await asyncio.wait_for(app._stop([running]), 3)

    assert running.cancelled()
    assert len(lost) == 1

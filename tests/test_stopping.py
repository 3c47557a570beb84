"""The shop stops at any moment, also when a driver loses the cancellation of a job."""

import asyncio
import random

import pytest

from jobs import tasks
from jobs.tasks import run_together, stop
from stores.settings import Settings
from tests.shopping import open_shop


class Stubborn:
    """Work that loses so many cancellations, as drivers do that fail in that moment."""

    def __init__(self, times: int) -> None:
        self.times, self.lost = times, 0

    async def work(self) -> None:
        while True:
            try:
                await asyncio.sleep(30)
            except asyncio.CancelledError:
                if self.lost >= self.times:
                    raise
                self.lost += 1


async def test_job_that_loses_a_cancellation_is_stopped_all_the_same() -> None:
    job = Stubborn(1)
    running = asyncio.create_task(job.work())
    await asyncio.sleep(0)
    await asyncio.wait_for(stop([running]), 3)

    assert running.cancelled()
    assert job.lost == 1


async def test_what_runs_together_is_stopped_also_when_one_loses_its_cancellation() -> None:
    jobs = [Stubborn(0), Stubborn(1), Stubborn(2)]
    running = asyncio.create_task(run_together(*(job.work() for job in jobs)))
    await asyncio.sleep(0.01)
    await asyncio.wait_for(stop([running]), 5)

    assert running.done()
    assert [job.lost for job in jobs] == [0, 1, 2]


async def test_who_cancels_again_and_again_leaves_nobody_running() -> None:
    job = Stubborn(2)
    running = asyncio.create_task(run_together(job.work()))
    await asyncio.sleep(0.01)
    for _ in range(20):
        running.cancel()
        await asyncio.sleep(0.01)
    await asyncio.wait([running], timeout=5)

    assert running.cancelled()
    assert job.lost == 2
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_twin_task_group_waits_for_ever_for_what_lost_its_cancellation() -> None:
    job = Stubborn(1)

    async def in_a_group() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(job.work())

    running = asyncio.create_task(in_a_group())
    await asyncio.sleep(0.01)
    for _ in range(3):
        running.cancel()
        await asyncio.sleep(0.01)

    assert not running.done()
    every = asyncio.all_tasks() - {asyncio.current_task()}
    await stop([task for task in every if task is not running])


async def test_failure_of_one_stops_the_others_and_is_told() -> None:
    async def fails() -> None:
        raise ValueError

    other = Stubborn(0)
    with pytest.raises(ValueError):  # noqa: PT011  This very one.
        await run_together(other.work(), fails())


@pytest.mark.slow
async def test_job_that_never_ends_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "_GIVEN_UP_SECONDS", 0.6)
    job = Stubborn(100)
    running = asyncio.create_task(job.work())
    await asyncio.sleep(0)
    await asyncio.wait_for(stop([running]), 3)

    assert not running.done()
    job.times = 0
    await stop([running])


async def test_shop_stops_at_any_moment(settings: Settings) -> None:
    for _ in range(12):
        async with asyncio.timeout(10), open_shop(settings):
            await asyncio.sleep(random.uniform(0, 0.1))

"""Connections of one address are counted at all processes together, and never for ever."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus

import graph.sockets.seats
from stores import seats, shared_redis
from stores.seats import RedisSeats
from stores.shared_redis import SharedRedis
from tests.conftest import unique
from tests.servers import free_port
from tests.sockets import copied, listening, open_house


@pytest.mark.server
async def test_seats_are_shared_and_fall_free(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_redis, "TIMEOUT_SECONDS", 10.0)
    monkeypatch.setattr(seats, "HELD_SECONDS", 0.6)
    who = unique("address")
    shared = [SharedRedis(redis_url) for _ in range(2)]
    here, there = map(RedisSeats, shared)
    taken = [
        await here.take(who, "a", 2),
        await there.take(who, "b", 2),
        await here.take(who, "c", 2),
        await there.take(who, "c", 2),
    ]
    await here.leave(who, "a")
    taken.append(await there.take(who, "c", 2))
    # What is prolonged is held, and what a killed process has left falls free.
    for _ in range(4):
        await asyncio.sleep(0.2)
        await here.prolong(who, "b")
    taken += [await here.take(who, name, 2) for name in ("d", "e")]

    assert taken == [True, True, False, False, True, True, False]
    assert 0 < await shared[0].client.pttl(f"seats:{{{who}}}") <= 600
    for one in shared:
        await one.close()


async def test_there_is_a_seat_for_everybody_while_redis_is_away() -> None:
    shared = SharedRedis(f"redis://127.0.0.1:{free_port()}")
    alone = RedisSeats(shared)
    taken = [await alone.take("a", str(number), 1) for number in range(3)]
    await alone.prolong("a", "1")
    await alone.leave("a", "1")

    assert taken == [True] * 3
    await shared.close()


async def _let_in(folder: Path, small_folder: Path, url: str) -> int:
    """Return how many of four connections are let in by two processes, two to each."""
    chosen = copied(folder, small_folder, rate_limit=1_000, shared_url=url)
    count = 0
    async with AsyncExitStack() as stack:
        houses = [await stack.enter_async_context(open_house(chosen)) for _ in range(2)]
        for _, address in houses * 2:
            try:
                await stack.enter_async_context(listening(address))
                count += 1
            except InvalidStatus as refused:
                assert refused.response.status_code == 503  # noqa: PT017  Others are let in.
    return count


@pytest.mark.server
async def test_one_address_has_so_many_at_all_processes(
    tmp_path: Path, small_folder: Path, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_redis, "TIMEOUT_SECONDS", 10.0)
    monkeypatch.setattr(graph.sockets.seats, "OF_ONE_ADDRESS", 3)
    assert await _let_in(tmp_path / "a", small_folder, redis_url) == 3
    # They have left; the twin, whose processes know nothing of one another, lets all in.
    assert await _let_in(tmp_path / "b", small_folder, f"redis://127.0.0.1:{free_port()}") == 4

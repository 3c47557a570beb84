"""What a page costs a server."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pages_answers
import pages_load
from pages_documents import Page
from pages_servers import Server

ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one server and one page; times in milliseconds, CPU of one request."""

    page: str
    server: str
    cpu_ms: float
    rate: float
    p50_ms: float
    p99_ms: float
    memory_mb: float


@dataclass(frozen=True, slots=True)
class _Round:
    seconds: float
    cpu_seconds: float
    latencies: Sequence[float]


async def measured(
    servers: Sequence[Server], page: Page, seconds: float, connections: int
) -> list[Figures]:
    """Ask each server for so many seconds, in rounds after one that warms up. Raises BadAnswer.

    The servers take turns, as other work on the machine comes and goes; the CPU is that of the
    best round, as such work can only add to it.
    """
    each = seconds / ROUNDS
    rounds: dict[str, list[_Round]] = {server.name: [] for server in servers}
    for _ in range(ROUNDS + 1):
        for server in servers:
            request = pages_answers.request(server, page)
            rounds[server.name].append(await _round(server, request, each, connections))
    return [_figures(server, page, rounds[server.name][1:]) for server in servers]


def _figures(server: Server, page: Page, rounds: Sequence[_Round]) -> Figures:
    latencies = sorted(one for told in rounds for one in told.latencies)
    return Figures(
        page=page.name,
        server=server.name,
        cpu_ms=min(one.cpu_seconds / len(one.latencies) for one in rounds) * 1_000,
        rate=max(len(one.latencies) / one.seconds for one in rounds),
        p50_ms=_share(latencies, 0.5),
        p99_ms=_share(latencies, 0.99),
        memory_mb=server.memory_mb(),
    )


def against(found: Iterable[Figures], yardstick: str) -> dict[str, dict[str, float]]:
    """Return, by page and server, how often its CPU is that of the yardstick."""
    by_page: dict[str, dict[str, float]] = {}
    for one in found:
        by_page.setdefault(one.page, {})[one.server] = one.cpu_ms
    return {
        page: {server: cpu / cpus[yardstick] for server, cpu in cpus.items()}
        for page, cpus in by_page.items()
    }


async def _round(server: Server, request: bytes, seconds: float, connections: int) -> _Round:
    began, cpu = time.perf_counter(), server.cpu_seconds()
    latencies = await pages_load.run(server.port, request, seconds, connections)
    return _Round(time.perf_counter() - began, server.cpu_seconds() - cpu, latencies)


def _share(latencies: Sequence[float], share: float) -> float:
    return latencies[int(len(latencies) * share)] * 1_000

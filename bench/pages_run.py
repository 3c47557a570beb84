"""One run: what mallgraph answers, whether the others answer the same, and what it costs each."""

import asyncio
import contextlib
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import pages_answers
import pages_documents
import pages_measure
import pages_search
import pages_servers
import pages_wanted
from pages_documents import Page
from pages_measure import Figures
from pages_progress import Tell
from pages_servers import Server
from pages_shop import BenchShop

_OURS, _YARDSTICK = "mallgraph", "hand"
_INDEX_SECONDS = 120

#: Pages with the answers that count for them.
Expected = Sequence[tuple[Page, Any]]


@dataclass(frozen=True, slots=True)
class Run:
    """Which servers and pages are measured, and how long each."""

    servers: Sequence[str]
    pages: Sequence[str]
    seconds: float
    connections: int

    @property
    def yardstick(self) -> str:
        """Return the server that the others are measured by."""
        return _YARDSTICK if _YARDSTICK in self.servers else self.servers[0]

    def measured(self, shop: BenchShop, tell: Tell) -> Iterator[list[Figures]]:
        """Start all servers and yield the figures of each page; none if answers are compared only.

        Raises OtherAnswer where a server answers something else than mallgraph, and BadAnswer.
        """
        if "search" in self.pages:
            shop.environment[pages_search.VARIABLE] = pages_search.question(pages_wanted.WORDS)
        tell("mallgraph: what it answers")
        with pages_servers.started(_OURS, shop) as ours:
            expected = asyncio.run(self._expected(ours))
        with contextlib.ExitStack() as stack:
            servers = [stack.enter_context(_started(name, shop, tell)) for name in self.servers]
            for server in servers:
                asyncio.run(_compare(server, expected, tell))
            for page, _ in expected if self.seconds else ():
                tell(f"{page.name}: measuring")
                yield asyncio.run(
                    pages_measure.measured(servers, page, self.seconds, self.connections)
                )

    async def _expected(self, ours: Server) -> Expected:
        if "search" in self.pages:
            await _index_filled(ours)
        known = pages_documents.pages(await pages_wanted.wanted(ours))
        chosen = [known[name] for name in self.pages]
        return [(page, await pages_answers.answer(ours, page)) for page in chosen]


def _started(name: str, shop: BenchShop, tell: Tell) -> AbstractContextManager[Server]:
    tell(f"{name}: starting")
    return pages_servers.started(name, shop)


async def _compare(server: Server, expected: Expected, tell: Tell) -> None:
    for page, answer in expected:
        tell(f"{server.name}: comparing {page.name}")
        pages_answers.check(server, page, answer, await pages_answers.answer(server, page))


async def _index_filled(ours: Server) -> None:
    """Wait until searches find all there is."""
    ends_at = time.monotonic() + _INDEX_SECONDS
    while await pages_wanted.index_lag_ms(ours):
        if time.monotonic() > ends_at:
            raise SystemExit("The index of searches does not fill.")
        await asyncio.sleep(0.5)

"""How full everything is, read in the moment in which it is asked for."""

import asyncio
import math
from contextlib import suppress
from datetime import datetime
from typing import Any

from starlette.datastructures import State as Application

from graph.admission import Door
from graph.engine import Fragments
from graph.engine.recent import Recent
from graph.execution import Planner
from jobs.relay import consumers_of
from mallgraph.telemetry.metrics import Metrics
from mallgraph.telemetry.sockets import SocketState
from mallgraph.telemetry.totals import Totals
from resolvers.context import Mall
from stores import outbox
from stores.errors import StoreUnavailable

#: Of several processes one answers; the others keep their part fresh in the meantime.
_FRESH_SECONDS = 5.0


class State:
    """The metrics that are read, not counted."""

    def __init__(self, metrics: Metrics, planner: Planner, fragments: Fragments | None) -> None:
        """Read these memories; the rest is given later."""
        self._planner, self._fragments = planner, fragments
        self._totals = Totals()
        for memory, kept in self._memories().items():
            # They live as long as the process, and others may have used them before.
            self._totals.begin((memory, "hits"), kept.hits)
            self._totals.begin((memory, "misses"), kept.misses)
        self._make_admission(metrics)
        self._make_memories(metrics)
        self._make_pools(metrics)
        self._sockets = SocketState(metrics)
        self._lag = metrics.gauge(
            "mallgraph_events_lag_seconds",
            "Age of the oldest event that a consumer has not taken in.",
            "consumer",
            is_sum=False,
        )

    async def refresh(self, of: Application) -> None:
        """Read everything that lies in the state of an application."""
        self._read(of)
        await self._read_lag(of.mall)

    async def keep_fresh(self, of: Application) -> None:
        """Read what is of this process alone, again and again."""
        while True:
            self._read(of)
            await asyncio.sleep(_FRESH_SECONDS)

    def _make_admission(self, metrics: Metrics) -> None:
        self._inside = metrics.gauge(
            "mallgraph_admission_inside", "Requests that are being answered.", "queue"
        )
        self._waiting = metrics.gauge(
            "mallgraph_admission_waiting", "Requests that wait for a place.", "queue"
        )
        self._turned_away = metrics.counter(
            "mallgraph_admission_turned_away", "Requests for which there was no room.", "queue"
        )

    def _make_memories(self, metrics: Metrics) -> None:
        self._size = metrics.gauge("mallgraph_cache_size", "Entries of a cache.", "cache")
        self._hits = metrics.counter("mallgraph_cache_hits", "Found in a cache.", "cache")
        self._misses = metrics.counter("mallgraph_cache_misses", "Not found in a cache.", "cache")

    def _make_pools(self, metrics: Metrics) -> None:
        self._pool_size = metrics.gauge(
            "mallgraph_pool_size", "Connections that a relational pool may open.", "pool"
        )
        self._pool_in_use = metrics.gauge(
            "mallgraph_pool_in_use", "Connections of a relational pool in use.", "pool"
        )
        self._pool_waiting = metrics.gauge(
            "mallgraph_pool_waiting", "Calls that wait for a connection.", "pool"
        )

    def _memories(self) -> dict[str, Recent[Any, Any]]:
        planner = self._planner
        known: dict[str, Recent[Any, Any]] = {
            "documents": planner.documents,
            "plans": planner.engine.plans,
        }
        if self._fragments is not None:
            known["fragments"] = self._fragments.kept
        return known

    def _read(self, of: Application) -> None:
        self._read_door(of.door)
        self._read_memories()
        self._read_pools(of.mall)
        self._sockets.read(of.tally)

    def _read_door(self, door: Door) -> None:
        for queue, crowd in door.crowds().items():
            self._inside.labels(queue).set(crowd.inside)
            self._waiting.labels(queue).set(crowd.waiting)
            self._totals.move(self._turned_away, queue, "turned away", crowd.turned_away)

    def _read_memories(self) -> None:
        for memory, kept in self._memories().items():
            self._size.labels(memory).set(len(kept))
            self._totals.move(self._hits, memory, "hits", kept.hits)
            self._totals.move(self._misses, memory, "misses", kept.misses)

    def _read_pools(self, mall: Mall) -> None:
        for pool, fill in mall.stores.database.fills().items():
            self._pool_size.labels(pool).set(fill.size)
            self._pool_in_use.labels(pool).set(fill.in_use)
            self._pool_waiting.labels(pool).set(fill.waiting)

    async def _read_lag(self, mall: Mall) -> None:
        lags = dict.fromkeys((consumer.name for consumer in consumers_of(mall)), math.nan)
        with suppress(StoreUnavailable):
            async with mall.stores.database.read(fresh=True) as session:
                for name in lags:
                    oldest = await outbox.oldest_waiting(session, name)
                    lags[name] = _age(oldest, mall.clock())
        for name, lag in lags.items():
            self._lag.labels(name).set(lag)


def _age(oldest: datetime | None, now: datetime) -> float:
    return 0.0 if oldest is None else max((now - oldest).total_seconds(), 0.0)

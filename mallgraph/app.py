"""The application: stores opened, the shop around them, jobs beside it, HTTP in front."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import wraps
from time import monotonic

import structlog
from starlette.applications import Starlette

from graph.fragments import fragments
from graph.http import application
from graph.schema import build
from graph.webhooks import routes as webhooks
from jobs import expiry, payments, receipts, relay, search_index, sweep, transfers
from jobs.tasks import stop
from mallgraph import collector, logs, telemetry
from mallgraph.configuration import load
from resolvers.context import Mall
from resolvers.viewers import Viewers
from stores import open_stores
from stores.errors import StoreUnavailable
from stores.health import Doctor
from stores.settings import Settings
from stores.tokens import open_tokens

RENEW_SECONDS = 15
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 15.0
#: Jobs that nobody waits for begin so long after the start, and after each failure.
_MOMENT_SECONDS = 1.0
#: A job that ran so long before it failed begins again with a short pause.
_LASTING_SECONDS = 60

_log = structlog.get_logger()

Job = Callable[[Mall], Awaitable[None]]


async def _take_worker_number(mall: Mall) -> None:
    await mall.worker.renew()


async def _prepare_documents(mall: Mall) -> None:
    await mall.stores.specs.prepare()


async def _prepare_search(mall: Mall) -> None:
    await mall.stores.search.prepare()


async def _prepare_carts(mall: Mall) -> None:
    await mall.stores.carts.prepare()


def _after_a_moment(job: Job) -> Job:
    """Return a job that leaves the first moment to the first requests."""

    async def later(mall: Mall) -> None:
        await asyncio.sleep(_MOMENT_SECONDS)
        await job(mall)

    return wraps(job)(later)


async def _keep_worker_number(mall: Mall) -> None:
    while True:
        await asyncio.sleep(RENEW_SECONDS)
        await mall.worker.renew()


async def _relay(mall: Mall) -> None:
    await relay.run(mall)


async def _read_the_feed(mall: Mall) -> None:
    await mall.feed.run()


#: Done before the first request, unless a store is away: then as soon as it comes back.
AT_START: tuple[Job, ...] = (
    _take_worker_number,
    _prepare_documents,
    _prepare_search,
    _prepare_carts,
)
#: What runs beside the requests.
BACKGROUND: tuple[Job, ...] = (
    _keep_worker_number,
    _relay,
    _read_the_feed,
    *map(
        _after_a_moment,
        (
            search_index.fill_if_lost,
            sweep.run,
            expiry.run,
            receipts.run,
            payments.run,
            transfers.run,
        ),
    ),
)


def create_app(settings: Settings) -> Starlette:
    """Return the application; its stores are open while it runs. Raises WrongSettings."""
    schema = build()
    kept = fragments(settings.fragments_mb)
    watching = telemetry.parts(settings, schema.planner, kept)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncGenerator[None]:
        async with open_stores(settings) as stores:
            mall = Mall(stores, settings)
            ttl_seconds = settings.viewer_ttl_seconds
            app.state.mall = mall
            app.state.viewers = Viewers(stores.database, mall.ids.next, mall.clock, ttl_seconds)
            app.state.tokens = open_tokens(settings)
            app.state.fragments = kept
            app.state.doctor = Doctor(stores, settings)
            async with telemetry.running(watching, app), _running(mall):
                yield

    watches = [part.watch for part in watching]
    routes = [*webhooks(), *(route for part in watching for route in part.routes())]
    return application(schema, lifespan, watches, routes)


def worker() -> Starlette:
    """Return the application of one of several processes, which reads the settings itself."""
    settings = load()
    logs.configure(settings)
    app = create_app(settings)
    collector.spare()
    return app


@asynccontextmanager
async def _running(mall: Mall) -> AsyncGenerator[None]:
    """Run the jobs while the block runs."""
    first = [asyncio.create_task(kept_running(job, mall)) for job in AT_START]
    await asyncio.wait(first, timeout=mall.settings.store_timeout_seconds)
    tasks = first + [asyncio.create_task(kept_running(job, mall)) for job in BACKGROUND]
    try:
        yield
    finally:
        await stop(tasks)
        with suppress(StoreUnavailable):
            await mall.worker.release()


async def kept_running(job: Job, mall: Mall) -> None:
    """Run a job to its end; one that fails is logged and begun again after a pause."""
    pause = _FIRST_PAUSE
    while True:
        began = monotonic()
        try:
            await job(mall)
        except StoreUnavailable as error:
            _log.warning("job_waits", job=_name(job), seconds=pause, error=error.for_operators())
        except Exception:  # noqa: BLE001  One that fails must not stop the others.
            _log.exception("job_died", job=_name(job), seconds=pause)
        else:
            return
        await asyncio.sleep(pause)
        has_lasted = monotonic() - began > _LASTING_SECONDS
        pause = _FIRST_PAUSE if has_lasted else min(2 * pause, _LONGEST_PAUSE)


def _name(job: Job) -> str:
    return getattr(job, "__name__", "job").strip("_")

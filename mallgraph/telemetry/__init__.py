"""What operators see of the shop from outside: metrics and traces. What is off costs nothing."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Protocol

from starlette.applications import Starlette
from starlette.routing import BaseRoute

from graph.engine import Fragments
from graph.execution import Planner
from graph.watch import Answer
from mallgraph.configuration import WrongSettings
from stores.settings import SHARED_METRICS, Settings, shared_metrics

_REMEDY = "install mallgraph[traces], or set MALLGRAPH_TRACES=false."


class Part(Protocol):
    """One way to watch an application."""

    def watch(self, answer: Answer) -> Answer:
        """Return a way to answer that is watched."""
        ...

    def routes(self) -> Sequence[BaseRoute]:
        """Return the addresses at which it tells what it saw."""
        ...

    def running(self, app: Starlette) -> AbstractAsyncContextManager[None]:
        """Hear of stores and batch fields while the block runs."""
        ...


def parts(settings: Settings, planner: Planner, fragments: Fragments | None = None) -> list[Part]:
    """Return what these settings ask for. Raises WrongSettings if it is not installed."""
    # Imported here: a shop that nobody watches needs neither, and shall start fast.
    found: list[Part] = []
    if settings.tells_metrics():
        _check_folder(shared_metrics())
        from mallgraph.telemetry.page import Page  # noqa: PLC0415

        found.append(Page(settings, planner, fragments))
    if settings.traces_operations():
        try:
            from mallgraph.telemetry.traces import Traces  # noqa: PLC0415
        except ModuleNotFoundError as error:
            raise WrongSettings([f"Traces need {error.name}; {_REMEDY}"]) from error
        found.append(Traces())
    return found


def _check_folder(shared: str | None) -> None:
    if shared is not None and not Path(shared).is_dir():
        raise WrongSettings(
            [f"{SHARED_METRICS}={shared} is no folder; make an empty one at each start."]
        )


@asynccontextmanager
async def running(watching: Sequence[Part], app: Starlette) -> AsyncGenerator[None]:
    """Let all parts run while the block runs."""
    async with AsyncExitStack() as stack:
        for part in watching:
            await stack.enter_async_context(part.running(app))
        yield

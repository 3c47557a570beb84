"""What a page costs inside one worker: its statements, its CPU, and where that goes.

    PYTHONPATH=. .venv/bin/python bench/pages_profile.py product --top 40
    PYTHONPATH=. .venv/bin/python bench/pages_profile.py cart,nested --times 500

Asks the shop that `bench/pages.py` filled, within this process and without HTTP's sockets, so that
a profile shows the shop alone.
"""

import asyncio
import cProfile
import pstats
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import orjson
import pages_documents
import pages_shop
import pages_wanted
import structlog
import typer
from in_process import ask
from pages_documents import Page
from pages_progress import telling
from starlette.applications import Starlette

from mallgraph.app import create_app
from stores.driver_cursor import watchers
from stores.settings import Settings

ROUNDS = 5
_PAGES = ",".join((*pages_documents.NAMES, "nothing"))


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for, and what is told of it."""

    times: int
    top: int
    sort: str
    text: bool


def main(  # noqa: PLR0913  The options of a command.
    pages: Annotated[str, typer.Argument(help=f"Some of {_PAGES}.")],
    times: Annotated[int, typer.Option(min=1, help="Requests of a round.")] = 200,
    top: Annotated[int, typer.Option(min=0, help="Lines of the profile; 0 makes none.")] = 0,
    sort: Annotated[str, typer.Option(help="How the profile is sorted.")] = "tottime",
    *,
    text: Annotated[bool, typer.Option(help="Print the statements.")] = False,
    fragments: Annotated[int, typer.Option(help="Megabytes of parts of answers to keep.")] = 0,
    database: Annotated[str, typer.Option(help="Where the catalogue is kept.")] = "bench_pages",
) -> None:
    """Print statements and CPU of each page, and a profile of it."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    with telling() as tell, pages_shop.on_servers(database)(Path(), tell) as shop:
        given = {
            name.removeprefix("MALLGRAPH_").lower(): value
            for name, value in shop.environment.items()
        }
        with tempfile.TemporaryDirectory() as folder:
            more: dict[str, Any] = {**given, "data_dir": Path(folder), "fragments_mb": fragments}
            chosen = Settings(_env_file=None, **more)
            asked = Asked(times, top, sort, text)
            asyncio.run(_run(create_app(chosen), pages.split(","), asked))


async def _run(app: Starlette, names: list[str], asked: Asked) -> None:
    async with app.router.lifespan_context(app):
        known = pages_documents.pages(await pages_wanted.chosen(_asker(app)))
        # What every request costs, whatever it asks for.
        known["nothing"] = Page("nothing", "{ __typename }", {}, "")
        for name in names:
            page = known[name]
            for _ in range(20):
                await ask(app, page.body())
            said = await _statements(app, page)
            cost = min([await _cost(app, page, asked.times) for _ in range(ROUNDS)])
            print(f"{name:>8} {len(said):>3} statements {cost:>8.3f} ms")
            if asked.text:
                print("\n\n".join(said))
            if asked.top:
                await _profile(app, page, asked)


async def _statements(app: Starlette, page: Page) -> list[str]:
    said: list[str] = []
    watchers.append(said.append)
    await ask(app, page.body())
    watchers.remove(said.append)
    return said


async def _cost(app: Starlette, page: Page, times: int) -> float:
    body, began = page.body(), time.process_time()
    for _ in range(times):
        await ask(app, body)
    return (time.process_time() - began) * 1_000 / times


async def _profile(app: Starlette, page: Page, asked: Asked) -> None:
    body, profile = page.body(), cProfile.Profile(time.process_time)
    profile.enable()
    for _ in range(asked.times):
        await ask(app, body)
    profile.disable()
    pstats.Stats(profile).sort_stats(asked.sort).print_stats(asked.top)


def _asker(app: Starlette) -> Any:
    async def asked(document: str, variables: dict[str, Any] | None = None) -> Any:
        body = orjson.dumps({"query": document, "variables": variables or {}})
        return orjson.loads(await ask(app, body))["data"]

    return asked


if __name__ == "__main__":
    typer.run(main)

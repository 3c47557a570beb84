"""What executing costs: the same requests by the engine's plans, and by graphql-core alone.

    python bench/engine.py [--times 40]

Opens a shop with a hundred products in a temporary folder, everything embedded, and asks it for
lists of 20 and of 100 with price, stock, category, specs and images, within one process. Prints
the CPU time of a request, that of the stores included: the least of several rounds.
"""

import argparse
import asyncio
import tempfile
import time
from pathlib import Path

import orjson
import structlog
from in_process import ask
from starlette.applications import Starlette

from graph.schema import build
from mallgraph.app import create_app
from tests.shopping import fill, settings

QUERY = """query ($n: Int!) { products(first: $n, sort: TITLE) { nodes { id slug title brand
  priceRange { min { amount currencyCode } max { amount currencyCode } } media { url alt kind }
  category { name slug } isAvailable
  variants { id sku title price { amount currencyCode } availableQuantity isAvailable }
  specs { key label unit value { __typename ... on SpecText { text } ... on SpecNumber { number }
    ... on SpecBoolean { isTrue } ... on SpecList { items } } } } } }"""
ROUNDS = 5


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=40, help="requests of a round")
    times: int = parser.parse_args().times
    # Lines of a log are no part of executing.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure(Path(folder), times))


async def measure(folder: Path, times: int) -> None:
    """Fill a shop and print what requests to it cost."""
    chosen = settings(folder)
    await fill(chosen)
    app = create_app(chosen)
    print(f"{'products':>8} {'plans, ms':>12} {'graphql-core, ms':>18} {'ratio':>8}")
    async with app.router.lifespan_context(app):
        for n in (20, 100):
            planned, unplanned = await both(app, n, times)
            print(f"{n:>8} {planned:>12.2f} {unplanned:>18.2f} {unplanned / planned:>8.2f}")


async def both(app: Starlette, n: int, times: int) -> tuple[float, float]:
    """Return the cost with and without plans; both must give the same answer."""
    costs, answers = [], []
    for is_planned in (True, False):
        build().is_planned = is_planned
        answers.append(await ask(app, asked(n)))
        costs.append(min([await cost(app, n, times) for _ in range(ROUNDS)]))
    if answers[0] != answers[1] or b"errors" in answers[0]:
        raise SystemExit(f"The answers differ:\n{answers[0]!r:.300}\n{answers[1]!r:.300}")
    return costs[0], costs[1]


async def cost(app: Starlette, n: int, times: int) -> float:
    """Return the milliseconds of CPU of a request."""
    began = time.process_time()
    for _ in range(times):
        await ask(app, asked(n))
    return (time.process_time() - began) * 1_000 / times


def asked(n: int) -> bytes:
    """Return the body of a request for a list of n."""
    return orjson.dumps({"query": QUERY, "variables": {"n": n}})


if __name__ == "__main__":
    main()

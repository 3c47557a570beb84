"""`mallgraph seed`: the demo shop."""

from rich.console import Console

from jobs.import_catalogue import Report
from jobs.seed import promote, seed
from mallgraph import demo
from mallgraph.cli.import_bar import bar
from mallgraph.cli.import_catalogue import summary, tell_index
from mallgraph.cli.working import on_the_shop
from mallgraph.demo import promotions
from resolvers.context import Mall


def command() -> None:
    """Put the products of the demo shop on sale, some for less; a second time nothing changes."""
    report = on_the_shop(_seed)
    Console().print(summary({demo.catalogue(): report}))
    tell_index([report])


async def _seed(mall: Mall) -> Report:
    catalogue = demo.catalogue()
    with bar(catalogue) as progress:
        report = await seed(mall, catalogue, progress)
    await promote(mall, [promotions.TURNTABLE], promotions.promotions)
    return report

"""Replays the real orders of a shop through GraphQL over HTTP, and compares them to the penny.

    PYTHONPATH=. .venv/bin/python bench/replay_orders.py DATA --count
    PYTHONPATH=. .venv/bin/python bench/replay_orders.py DATA [--invoices 1000] [--clients 8]

DATA is the folder of the public data. Every invoice becomes one order of a shop that is made for
it: embedded, or on the servers of the usual settings, the relational store also by `--url`, whose
database must be empty. The invoices of a customer come one after the other, customers side by
side. 10 % of the mutations are sent twice, and the answers of 5 % are lost and asked for again.

Lines of one product, that is of one stock code at one price, are one line of the order. So the
lines of the file are counted where their invoice is found, with all units and to the penny, in
one order.

Exits with 1 if anything differs.
"""

import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

import replay_input
import replay_shop
import typer
from replay_buying import Buying, shelves
from replay_check import Comparison, orders
from replay_client import Client
from replay_figures import Measured, figures
from replay_input import Invoice, Sums
from replay_shop import HOST, OWNER, OpenShop
from rich import progress
from rich.console import Console

_CONSOLE = Console()
_SHOWN = 20


def main(  # noqa: PLR0913  The options of a command.
    data: Annotated[Path, typer.Argument(metavar="DATA", help="Folder of the public data.")],
    invoices: Annotated[int | None, typer.Option(min=1, help="Only the first ones.")] = None,
    url: Annotated[str | None, typer.Option(help="An empty database; else embedded.")] = None,
    clients: Annotated[int, typer.Option(min=1, max=256, help="Customers side by side.")] = 8,
    seed: Annotated[int, typer.Option(help="Decides which answers are lost.")] = 1,
    *,
    count: Annotated[bool, typer.Option("--count", help="Only count what the file has.")] = False,
) -> None:
    """Replay real orders and compare them with the file."""
    # Stopped, it must not leave its server behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    found = replay_input.read(data, invoices)
    _CONSOLE.print(f"To be ordered: {Sums.of(found)}.", highlight=False)
    if count:
        return
    with replay_shop.opened(url, replay_input.products(found)) as shop:
        faults = _replay(shop, found, clients, seed)
    for one in faults[:_SHOWN]:
        _CONSOLE.print(one, style="red", markup=False, highlight=False)
    if faults:
        _CONSOLE.print(f"{len(faults):,} differences.", style="red")
        raise typer.Exit(1)
    _CONSOLE.print("Every invoice is one order, to the penny.", style="green")


def _replay(shop: OpenShop, invoices: Sequence[Invoice], clients: int, seed: int) -> list[str]:
    looking, owner = Client(HOST, shop.port), shop.token(OWNER)
    on_sale = shelves(looking, owner)
    buyings = [Buying(Client(HOST, shop.port), on_sale, seed) for _ in range(clients)]
    measured, faults = _buy_all(shop, invoices, buyings)
    _CONSOLE.print(figures(len(invoices), measured, buyings))
    numbers = {invoice: number for one in buyings for invoice, number in one.orders.items()}
    comparison = Comparison(invoices, numbers)
    for order in progress.track(
        orders(looking, owner), "comparing", len(invoices), console=Console(stderr=True)
    ):
        comparison.add(order)
    _CONSOLE.print(f"      Ordered: {comparison.sums()}.", highlight=False)
    comparison.stock(shelves(looking, owner))
    if not replay_shop.verified():
        comparison.faults.append("The shop finds fault with itself; see above.")
    return faults + comparison.faults


def _buy_all(
    shop: OpenShop, invoices: Sequence[Invoice], buyings: Sequence[Buying]
) -> tuple[Measured, list[str]]:
    waiting, faults = _customers(invoices), list[str]()
    began, client, server = time.perf_counter(), time.process_time(), shop.cpu_seconds()
    with _bar() as bar:
        bought = partial(bar.advance, bar.add_task("ordering", total=len(invoices)))
        _at_once([partial(_work, shop, one, waiting, bought, faults) for one in buyings])
    cpu = shop.cpu_seconds() - server, time.process_time() - client
    return Measured(time.perf_counter() - began, *cpu), faults


def _work(
    shop: OpenShop,
    buying: Buying,
    waiting: "queue.SimpleQueue[list[Invoice]]",
    bought: Callable[[], None],
    faults: list[str],
) -> None:
    """Buy for one customer after another, until none waits."""
    try:
        while True:
            for one in waiting.get_nowait():
                buying.buy(one, shop.token(one.shopper))
                bought()
    except queue.Empty:
        buying.client.close()
    except Exception as error:  # noqa: BLE001  A client that stops is a difference.
        faults.append(f"{type(error).__name__}: {error}")


def _at_once(works: Sequence[Callable[[], None]]) -> None:
    """Do each in a thread of its own, to the end of the last."""
    threads = [threading.Thread(target=work, daemon=True) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _customers(invoices: Sequence[Invoice]) -> "queue.SimpleQueue[list[Invoice]]":
    """Return the invoices of each customer, in their order; the first customer comes first."""
    found: dict[str, list[Invoice]] = {}
    for one in invoices:
        found.setdefault(one.shopper, []).append(one)
    waiting: queue.SimpleQueue[list[Invoice]] = queue.SimpleQueue()
    for some in found.values():
        waiting.put(some)
    return waiting


def _bar() -> progress.Progress:
    columns = (progress.MofNCompleteColumn(), progress.TimeElapsedColumn())
    shown = (*progress.Progress.get_default_columns(), *columns)
    return progress.Progress(*shown, console=Console(stderr=True))


if __name__ == "__main__":
    typer.run(main)

"""What a replay took: orders and requests per second, CPU, and how long answers took."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from replay_buying import Buying
from rich.table import Table

_FIELDS = ("addCartLines", "beginCheckout", "placeOrder")


@dataclass(frozen=True)
class Measured:
    """Seconds of a replay: of the clock, and of the processors for either side."""

    seconds: float
    server_cpu: float
    client_cpu: float


def figures(orders: int, took: Measured, buyings: Sequence[Buying]) -> Table:
    """Return a table of them; the CPU of database servers is not in it."""
    table = Table("figure", "value", title="Replay")
    table.columns[1].justify = "right"
    sent = _sum(one.client.tally.sent for one in buyings)
    for name, value in (
        ("orders", f"{orders:,}"),
        ("seconds", f"{took.seconds:,.1f}"),
        ("orders/s", f"{orders / took.seconds:.1f}"),
        ("requests/s", f"{sent.total() / took.seconds:.1f}"),
        ("CPU of the server per order", f"{took.server_cpu / orders * 1_000:.1f} ms"),
        ("CPU of the clients per order", f"{took.client_cpu / orders * 1_000:.1f} ms"),
        *_latencies(buyings),
        *((f"requests: {name}", f"{count:,}") for name, count in sent.items()),
        *_fates(buyings),
    ):
        table.add_row(name, value)
    return table


def _latencies(buyings: Sequence[Buying]) -> Iterable[tuple[str, str]]:
    for wanted in _FIELDS:
        took = sorted(
            seconds
            for one in buyings
            for name, seconds in one.client.tally.seconds
            if name == wanted
        )
        if took:
            middle, late = (took[int(len(took) * share)] * 1_000 for share in (0.5, 0.99))
            yield f"{wanted}, p50 / p99", f"{middle:.0f} / {late:.0f} ms"


def _fates(buyings: Sequence[Buying]) -> Iterable[tuple[str, str]]:
    for name, count in sorted(_sum(one.client.tally.fates for one in buyings).items()):
        yield f"mutations {name}", f"{count:,}"
    put_off = _sum(one.client.tally.put_off for one in buyings)
    yield "answers “not now”", f"{put_off.total():,}"


def _sum(counters: Iterable[Counter[str]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for one in counters:
        total += one
    return total

"""Counters that are moved on to totals which others count."""

from prometheus_client import Counter


class Totals:
    """Remembers what each counter has been told."""

    def __init__(self) -> None:
        """Have told nothing."""
        self._told: dict[tuple[str, str], int] = {}

    def begin(self, key: tuple[str, str], total: int) -> None:
        """Leave out what was there before; `key` is the label, and what is counted."""
        self._told[key] = total

    def move(self, counter: Counter, label: str, what: str, total: int) -> None:
        """Move the counter of a label on to a total."""
        key = (label, what)
        counter.labels(label).inc(total - self._told.get(key, 0))
        self._told[key] = total

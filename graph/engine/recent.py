"""A bounded memory of what was made lately."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Recent(Generic[K, V]):
    """Keeps the values used last; those that were not used for longest go first.

    Values have weights, so that a few large ones cannot fill the memory of a process.
    """

    def __init__(self, capacity: int) -> None:
        """Keep values of at most this weight together."""
        #: How often a value was there when it was asked for, and how often not.
        self.hits = self.misses = 0
        self._capacity = capacity
        self._weight = 0
        self._kept: OrderedDict[K, tuple[V, int]] = OrderedDict()

    def __len__(self) -> int:
        """Return how many are kept."""
        return len(self._kept)

    def get(self, key: K) -> V | None:
        """Return a value that is kept, or None."""
        found = self._kept.get(key)
        if found is None:
            self.misses += 1
            return None
        self.hits += 1
        self._kept.move_to_end(key)
        return found[0]

    def peek(self, key: K) -> V | None:
        """Return a value that is kept, or None, and count nothing."""
        found = self._kept.get(key)
        return found and found[0]

    def put(self, key: K, value: V, weight: int = 1) -> V:
        """Keep a value, unless it is too heavy alone, and return it."""
        self._weight -= self._kept.pop(key, (value, 0))[1]
        if weight > self._capacity:
            # It would push out all others first.
            return value
        self._weight += weight
        self._kept[key] = value, weight
        while self._weight > self._capacity:
            _, (_, freed) = self._kept.popitem(last=False)
            self._weight -= freed
        return value

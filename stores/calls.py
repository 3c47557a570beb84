"""One call of a store: its time limit, and whoever is told of it.

A call is what a store's time limit holds for: a session of reading or one transaction of the
relational store, one method of the others. Nobody is told while nobody asks to be.
"""

import time
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Any, TypeAlias

from stores.deadline import deadline
from stores.errors import ShopError, StoreUnavailable

#: Told of a call that ended: the store, what it was asked, how many seconds that took, and why it
#: failed. It must not raise.
Observer: TypeAlias = Callable[[str, str, float, BaseException | None], None]

#: Told of every call of this process.
observers: list[Observer] = []


def asking(store: str, what: str, seconds: float) -> AbstractAsyncContextManager[None]:
    """Give the call inside `seconds`; raises StoreUnavailable when that is over."""
    limit = deadline(store, seconds)
    return _Told(limit, store, what) if observers else limit


class _Told(AbstractAsyncContextManager[None]):
    """Tells of a call when it ends."""

    __slots__ = ("_began", "_limit", "_store", "_what")

    def __init__(self, limit: AbstractAsyncContextManager[None], store: str, what: str) -> None:
        self._limit, self._store, self._what = limit, store, what

    def __aenter__(self) -> Coroutine[Any, Any, None]:
        # Awaited by whoever enters, without a coroutine of its own.
        self._began = time.perf_counter()
        return self._limit.__aenter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            await self._limit.__aexit__(kind, error, trace)
        except BaseException as raised:
            error = raised
            raise
        finally:
            self._tell(_failure(error))

    def _tell(self, failure: BaseException | None) -> None:
        seconds = time.perf_counter() - self._began
        for observer in observers:
            observer(self._store, self._what, seconds, failure)


def _failure(error: BaseException | None) -> BaseException | None:
    # A transaction that the shop refuses to go on with is one that the store did its part of.
    is_refusal = isinstance(error, ShopError) and not isinstance(error, StoreUnavailable)
    return None if is_refusal else error

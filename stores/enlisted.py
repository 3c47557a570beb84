"""What goes on in another database with a transaction of this one, and ends as that ends.

    session.enlist(branch)

The transaction asks everything enlisted to be prepared when its work is done, then commits, and
tells what became of it. Of a transaction whose commit was sent and never answered, nobody here
knows; whoever is enlisted leaves that to its own recovery.
"""

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

R = TypeVar("R")
S = TypeVar("S", bound="Enlisting")


class Enlisted(Protocol):
    """A part of a transaction that lies elsewhere."""

    async def prepare(self) -> None:
        """Make sure that it can be committed; an error undoes the whole transaction."""

    async def committed(self) -> None:
        """Follow a transaction that was committed; raises nothing."""

    async def rolled_back(self) -> None:
        """Follow a transaction that left nothing behind; raises nothing."""

    async def in_doubt(self) -> None:
        """Let go: nobody knows whether it was committed; raises nothing."""


class Enlisting(Protocol):
    """A session in which something may be enlisted."""

    enlisted: list[Enlisted]


async def prepared(work: Callable[[S], Awaitable[R]], session: S) -> R:
    """Do work and prepare what it enlisted, or undo that."""
    try:
        result = await work(session)
        for one in session.enlisted:
            await one.prepare()
    except BaseException:
        while session.enlisted:
            await session.enlisted.pop().rolled_back()
        raise
    return result


async def left(enlisted: list[Enlisted]) -> None:
    """Let go of what is in doubt."""
    while enlisted:
        await enlisted.pop().in_doubt()


async def committed(enlisted: list[Enlisted]) -> None:
    """Tell everything enlisted that the transaction was committed."""
    for one in enlisted:
        await one.committed()

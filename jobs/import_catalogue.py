"""Import: the lines of a file become products; a second time nothing changes."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from jobs import import_batch
from jobs.import_batch import Outcome
from jobs.import_content import Content, Reader
from jobs.import_lines import Line, Unreadable, lines
from jobs.import_merchants import Sellers
from jobs.patience import Pauses
from jobs.product_rows import RowRefused
from jobs.relay import Relay, consumers_of
from resolvers.context import Mall
from stores.errors import StoreUnavailable
from stores.money import EXPONENTS

__all__ = ["Progress", "Refused", "Report", "Unreadable", "import_file"]

BATCH_LINES = 250
#: Of one batch: lines of many variants or long texts make it end early, so that memory stays flat.
BATCH_VARIANTS = 1_000
BATCH_BYTES = 4_000_000
PATIENCE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is: bytes of the file as it lies there, and lines dealt with."""

    bytes_read: int
    lines: int


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that was left out, and why; `field` is a path like `variants.0.price`."""

    line: int
    field: str
    reason: str


@dataclass(slots=True)
class Report:
    """What became of the lines of a file."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: list[Refused] = field(default_factory=list)
    #: False if the index did not answer: it takes in what is new as soon as it does.
    is_indexed: bool = False


def _ignore(_progress: Progress) -> None:
    pass


async def import_file(
    mall: Mall,
    path: Path,
    *,
    progress: Callable[[Progress], None] = _ignore,
    with_index: bool = True,
) -> Report:
    """Write the products of a file, and return what became of its lines.

    Whatever ends it in the middle, the same file imported again leads to the same shop. `progress`
    is told after each batch. Raises Unreadable, and StoreUnavailable when a store stays away.
    """
    running = _Import(mall, Reader(path.parent, mall.stores.media, await _exponent(mall)))
    if not with_index:
        await running.run(path, progress)
        return running.report
    relay = Relay(mall, consumers_of(mall))
    try:
        # The index is fed meanwhile, and by the same one afterwards: another would have to wait
        # for the lease.
        async with _beside(relay.run()):
            await running.run(path, progress)
        with suppress(StoreUnavailable):
            await relay.drain(PATIENCE_SECONDS)
            running.report.is_indexed = True
    finally:
        await relay.release()
    return running.report


class _Import:
    """One run over one file."""

    def __init__(self, mall: Mall, reader: Reader) -> None:
        self._mall = mall
        self._reader = reader
        self._sellers = Sellers(mall)
        # Hash of merchant and SKU -> line: what a file says twice is refused, however long it is.
        self._seen: dict[int, int] = {}
        self.report = Report()

    async def run(self, path: Path, progress: Callable[[Progress], None]) -> None:
        """Deal with all lines."""
        count = 0
        for batch in _batches(path):
            contents = list(self._contents(batch))
            if contents:
                self._take(await self._write(contents))
            count += len(batch)
            progress(Progress(batch[-1].bytes_read, count))
            await asyncio.sleep(0)

    def _contents(self, batch: list[Line]) -> Iterator[Content]:
        for line in batch:
            try:
                yield self._reader.content(line.number, line.text)
            except RowRefused as refusal:
                self._refuse(line.number, refusal)

    async def _write(self, contents: list[Content]) -> Outcome:
        pauses = Pauses(PATIENCE_SECONDS)
        while True:
            try:
                return await import_batch.write(self._mall, self._sellers, contents, self._seen)
            except StoreUnavailable as error:
                await pauses.bear(error)

    def _take(self, outcome: Outcome) -> None:
        self._seen |= outcome.claimed
        self.report.added += outcome.added
        self.report.changed += outcome.changed
        self.report.unchanged += outcome.unchanged
        for line, refusal in outcome.refused:
            self._refuse(line, refusal)

    def _refuse(self, line: int, refusal: RowRefused) -> None:
        self.report.refused += [Refused(line, one.field, one.reason) for one in refusal.problems]


def _batches(path: Path) -> Iterator[list[Line]]:
    batch: list[Line] = []
    size = variants = 0
    for line in lines(path):
        batch.append(line)
        size += len(line.text)
        variants += line.text.count(b'"sku"')
        if len(batch) == BATCH_LINES or size > BATCH_BYTES or variants > BATCH_VARIANTS:
            yield batch
            batch, size, variants = [], 0, 0
    if batch:
        yield batch


async def _exponent(mall: Mall) -> int:
    context = await mall.operation(viewer=None)
    return EXPONENTS[context.currency]


@asynccontextmanager
async def _beside(work: Coroutine[None, None, None]) -> AsyncGenerator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

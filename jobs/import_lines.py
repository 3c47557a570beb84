"""Lines of an import file, plain or packed by gzip, read one by one."""

import gzip
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from jobs.product_rows import MAX_LINE_BYTES

#: With a line break of two bytes.
_LONGEST = MAX_LINE_BYTES + 2


class Unreadable(Exception):
    """A file that is missing, may not be read, or is damaged; its message says so."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line, its number from 1 on, and how far the file is read behind it."""

    number: int
    text: bytes
    bytes_read: int


def lines(path: Path) -> Iterator[Line]:
    """Yield the lines that are not blank; of one that is too long only the beginning.

    Raises Unreadable.
    """
    with _opened(path) as (raw, unpacked):
        number = 0
        while text := unpacked.readline(_LONGEST):
            number += 1
            _skip_rest(unpacked, text)
            if text.strip():
                yield Line(number, text.rstrip(b"\r\n"), raw.tell())


@contextmanager
def _opened(path: Path) -> Generator[tuple[BinaryIO, BinaryIO]]:
    try:
        with path.open("rb") as raw:
            if path.suffix != ".gz":
                yield raw, raw
                return
            with gzip.open(raw) as unpacked:
                yield raw, unpacked  # type: ignore[misc]  # It reads as a file does.
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or error
        raise Unreadable(f"{path} cannot be read: {reason}.") from error


def _skip_rest(file: BinaryIO, text: bytes) -> None:
    # Never kept in memory: a file without line breaks may be of any size.
    while len(text) == _LONGEST and not text.endswith(b"\n"):
        text = file.readline(_LONGEST)

"""Converts catalogues of other makers into files that `mallgraph import` reads."""

import gzip
from collections import Counter
from collections.abc import Callable, Iterator
from enum import Enum
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import convert_icecat
import convert_phones
import convert_zh
import orjson
import typer
from catalogue_report import Report
from rich.console import Console
from rich.progress import track
from rich.table import Table

from jobs.product_rows import RowRefused, parse

_CONSOLE = Console()
_Converter = Callable[[Path, Report], Iterator[dict[str, Any]]]


class Source(Enum):
    """A catalogue, by the name of the file that is written."""

    ICECAT = "icecat"
    ZH = "zh"
    PHONES = "phones"
    ALL = "all"


_CONVERTERS: dict[Source, tuple[Path, _Converter]] = {
    Source.ICECAT: (convert_icecat.PRODUCTS, convert_icecat.products),
    Source.ZH: (convert_zh.GOODS, convert_zh.products),
    Source.PHONES: (convert_phones.PHONES, convert_phones.products),
}


def main(
    source: Annotated[Source, typer.Argument(help="Which catalogue; all writes three files.")],
    data: Annotated[Path, typer.Argument(help="Folder of the catalogues as they came.")],
    out: Annotated[Path, typer.Option(help="Folder to write to; made if need be.")],
    exponent: Annotated[int, typer.Option(help="Digits of the shop's currency.", min=0)] = 2,
    limit: Annotated[int | None, typer.Option(help="Stop after so many products.", min=1)] = None,
) -> None:
    """Write DATA as JSON lines, one product on each, and tell what became of every row."""
    out.mkdir(parents=True, exist_ok=True)
    sources = list(_CONVERTERS) if source is Source.ALL else [source]
    reports = [_convert(each, data, out, Report(each.value, exponent), limit) for each in sources]
    _CONSOLE.print(_table(reports))


def _convert(source: Source, data: Path, out: Path, report: Report, limit: int | None) -> Report:
    path, converter = _CONVERTERS[source]
    products = islice(converter(data, report), limit)
    total = limit or _count_lines(data / path)
    with (out / f"{source.value}.jsonl").open("wb") as file:
        for product in track(products, source.value, total, console=_CONSOLE):
            file.write(_line(product, report))
    return report


def _count_lines(path: Path) -> int:
    with gzip.open(path) as lines:
        return sum(1 for _ in lines)


def _line(product: dict[str, Any], report: Report) -> bytes:
    line = orjson.dumps({name: value for name, value in product.items() if value})
    try:
        parse(line)
    except RowRefused as refusal:
        for problem in refusal.problems[:1]:
            report.dropped[f"{problem.field}: {problem.reason}"] += 1
        return b""
    report.written += 1
    return line + b"\n"


def _table(reports: list[Report]) -> Table:
    table = Table("source", "rows in", "rows out", "dropped, and why", "adapted, and how")
    for report in reports:
        dropped, adapted = _told(report.dropped), _told(report.adapted)
        table.add_row(report.source, f"{report.read:,}", f"{report.written:,}", dropped, adapted)
    return table


def _told(counts: Counter[str]) -> str:
    return "\n".join(f"{count:,} {reason}" for reason, count in counts.items()) or "none"


if __name__ == "__main__":
    typer.run(main)

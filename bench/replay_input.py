"""The real orders of a shop as this one will take them: invoices, their goods and their sums."""

import csv
import gzip
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from itertools import islice
from pathlib import Path

FILE = "orders/online_retail_2010-12_2011-08.csv.gz"
PENNY = Decimal("0.01")
#: More units of each product than all invoices take.
STOCK = 1_000_000
TITLE_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Good:
    """A stock code at one price: whoever paid another price bought another product."""

    code: str
    pence: int
    #: The first one it was sold under at this price.
    title: str = field(compare=False)

    @property
    def price(self) -> str:
        """Return the price in pounds."""
        return pounds(self.pence)

    @property
    def sku(self) -> str:
        """Return the SKU it is sold by; some codes differ by the case of their letters only."""
        return f"{self.code}@{self.price}"


@dataclass(slots=True)
class Invoice:
    """What one customer bought at once; lines of one product are one, and are counted."""

    number: str
    #: Empty for somebody who is not known.
    customer: str
    units: Counter[Good] = field(default_factory=Counter)
    lines: Counter[Good] = field(default_factory=Counter)

    @property
    def pence(self) -> int:
        """Return what it costs."""
        return sum(good.pence * count for good, count in self.units.items())

    @property
    def shopper(self) -> str:
        """Return who orders it: a shopper of its own if nobody knows who bought."""
        return f"customer-{self.customer}" if self.customer else f"invoice-{self.number}"


@dataclass(frozen=True, slots=True)
class Sums:
    """What invoices hold in all."""

    lines: int
    joined: int
    invoices: int
    units: int
    pence: int

    @classmethod
    def of(cls, invoices: Iterable[Invoice]) -> "Sums":
        """Add up; `joined` are the lines left when those of one product are one."""
        found = list(invoices)
        return cls(
            lines=sum(one.lines.total() for one in found),
            joined=sum(len(one.lines) for one in found),
            invoices=len(found),
            units=sum(one.units.total() for one in found),
            pence=sum(one.pence for one in found),
        )

    def __str__(self) -> str:
        """Return a sentence."""
        return (
            f"{self.lines:,} lines ({self.joined:,} with one for each product), "
            f"{self.invoices:,} invoices, {self.units:,} units, GBP {pounds(self.pence)}"
        )


def pounds(pence: int) -> str:
    """Return an amount as the shop writes it."""
    return f"{pence // 100}.{pence % 100:02}"


def pence(amount: str) -> int:
    """Return pence of an amount that the shop wrote."""
    return int(Decimal(amount) / PENNY)


def read(data: Path, most: int | None = None) -> list[Invoice]:
    """Return the first invoices of the file, as they stand there: sales, without corrections."""
    found: dict[str, Invoice] = {}
    for row, good in _sales(data):
        number = row["InvoiceNo"]
        one = found.setdefault(number, Invoice(number, row["CustomerID"].removesuffix(".0")))
        one.units[good] += int(row["Quantity"])
        one.lines[good] += 1
    return list(islice(found.values(), most))


def products(invoices: Iterable[Invoice]) -> Iterator[dict[str, object]]:
    """Yield a line of the import for everything that the invoices hold."""
    for good in dict.fromkeys(good for one in invoices for good in one.units):
        variant = {"sku": good.sku, "price": good.price, "stock": STOCK}
        yield {"title": good.title, "category": ["Online retail"], "variants": [variant]}


def _sales(data: Path) -> Iterator[tuple[dict[str, str], Good]]:
    with gzip.open(data / FILE, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            good = _good(row)
            # Those with a letter in front are cancellations and adjustments of debts.
            if row["InvoiceNo"][0].isdigit() and int(row["Quantity"]) > 0 and good.pence > 0:
                yield row, good


def _good(row: dict[str, str]) -> Good:
    pence = int(Decimal(row["UnitPrice"]).quantize(PENNY, ROUND_HALF_UP) * 100)
    title = " ".join(row["Description"].split())[:TITLE_LENGTH]
    return Good(row["StockCode"], pence, title or row["StockCode"])

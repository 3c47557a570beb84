"""What of a product is searched, how much each part counts, and the ranges of facets.

Both engines index these fields in these words, so that they find the same.
"""

from collections.abc import Iterable
from decimal import Decimal
from itertools import pairwise
from math import floor, log10

from stores.search import Range, SearchDocument, SpecTerm
from stores.text import code_words, index_text

#: Field -> weight of a hit in it.
WEIGHTS = {
    "codes": 12.0,
    "title": 8.0,
    "brand": 4.0,
    "category": 4.0,
    "subtitle": 2.5,
    "specs": 1.0,
    "description": 1.0,
}
OWN_RANGES = 5
_STEPS = (1, 2, 5, 10)
_YES_NO = {True: "true", False: "false"}


def texts(document: SearchDocument) -> dict[str, str]:
    """Return the words of each field, with single spaces between them."""
    return {
        "codes": " ".join(word for code in document.codes for word in code_words(code)),
        "title": index_text([document.title]),
        "brand": index_text([document.brand]),
        "category": index_text(document.category_names),
        "subtitle": index_text([document.subtitle]),
        "specs": index_text(_told(document.specs)),
        "description": index_text([document.description]),
    }


def _told(specs: Iterable[SpecTerm]) -> Iterable[str]:
    for spec in specs:
        yield from spec.values
        if spec.number is not None:
            yield f"{spec.label} {spec.number.normalize():f}"
        elif spec.is_true:
            yield spec.label


def own_ranges(low: Decimal, high: Decimal) -> tuple[Range, ...]:
    """Return up to five ranges with round borders that cover all numbers from low to high.

    Neighbours share their border, as both ends of a range are included.
    """
    if low == high:
        return (Range(low, high),)
    step = _round_step((high - low) / OWN_RANGES)
    first = (low / step).to_integral_value("ROUND_FLOOR") * step
    borders = [first]
    while borders[-1] < high:
        borders.append(borders[-1] + step)
    return tuple(Range(*pair) for pair in pairwise(borders))


def _round_step(width: Decimal) -> Decimal:
    power = Decimal(10) ** floor(log10(width))
    return next(step * power for step in _STEPS if step * power >= width)

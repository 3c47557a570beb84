"""What of a product is searched, and how much each part counts.

Both engines index these fields in these words, so that they find the same.
"""

from collections.abc import Iterable
from decimal import Decimal

from stores.search import SearchDocument, SpecTerm
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
#: What a product is called: most of its score comes from how much of that was asked for. A field
#: that is told at length elsewhere must not make its title weigh less.
HEAD_WEIGHTS = {"codes": 3.0, "title": 1.0}
#: Weight of all fields together beside what a product is called.
WHOLE_WEIGHT = 0.05


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
    """Yield what people would call a product by; labels of numbers and of "no" say nothing."""
    for spec in specs:
        yield from spec.values
        if spec.number is not None and spec.unit:
            yield f"{plain(spec.number)} {spec.unit}"
        if spec.is_true:
            yield spec.label


def plain(number: Decimal) -> str:
    """Return a number without exponent and without zeros at its end."""
    told = f"{number:f}"
    return told.rstrip("0").rstrip(".") if "." in told else told

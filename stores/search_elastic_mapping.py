"""What an Elasticsearch index keeps: its fields, its settings, and a document of it.

Only what every distribution of servers 8 and 9 has is used, as our own analyser cuts the words.
"""

from collections import defaultdict
from typing import Any

from stores.search import SearchDocument
from stores.search_facts import Fact, Kind, facts, labels
from stores.search_fields import WEIGHTS, texts

_WORDS = {"type": "text", "analyzer": "whitespace"}
#: Any number of keys in one field: each is asked for as `field.key`.
_BY_KEY = {"type": "flattened", "ignore_above": 8_191}
#: Kind of fact -> field of its values.
FIELDS = {Kind.TEXT: "texts", Kind.NUMBER: "numbers", Kind.FLAG: "flags"}
#: A flag -> how it is kept and told.
FLAGS = {0: "false", 1: "true"}
#: Makes all numbers of 63 bits positive.
_SHIFT = 2**63

MAPPINGS: dict[str, Any] = {
    "dynamic": False,
    "properties": {
        "words": {"properties": dict.fromkeys(WEIGHTS, _WORDS)},
        "id": {"type": "long"},
        "min_price_minor": {"type": "long"},
        "title_key": {"type": "keyword"},
        "is_listed": {"type": "boolean"},
        # The keys that a document states something of.
        "keys": {"type": "keyword"},
        "labels": {"type": "object", "enabled": False},
        **dict.fromkeys(FIELDS.values(), _BY_KEY),
    },
}
SETTINGS: dict[str, Any] = {
    # Counts of facets are exact, and scores comparable, where all documents are in one shard.
    "number_of_shards": 1,
    "auto_expand_replicas": "0-1",
    "refresh_interval": "1s",
}


def source(document: SearchDocument) -> dict[str, Any]:
    """Return a document as the index keeps it; of one that is not listed, only that."""
    if not document.is_listed:
        return {"is_listed": False}
    stated = facts(document)
    return {
        "words": texts(document),
        "id": document.id,
        "min_price_minor": document.min_price_minor,
        "title_key": document.title_key,
        "is_listed": True,
        "keys": list(dict.fromkeys(fact.key for fact in stated)),
        # A list, as keys have points in them, which the server takes for levels.
        "labels": [[key, *told] for key, told in labels(document).items()],
        **{field: _values(stated, kind) for kind, field in FIELDS.items()},
    }


def number(millionths: int) -> str:
    """Return a number as a text that sorts as the number does."""
    return f"{millionths + _SHIFT:020d}"


def millionths(text: str) -> int:
    """Return the number of such a text."""
    return int(text) - _SHIFT


def kept(kind: Kind, value: str | int) -> str:
    """Return the value of a fact as the index keeps it."""
    if kind is Kind.TEXT:
        return str(value)
    return number(int(value)) if kind is Kind.NUMBER else FLAGS[int(value)]


def _values(stated: list[Fact], kind: Kind) -> dict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for fact in stated:
        if fact.kind is kind:
            found[fact.key].append(kept(kind, fact.value))
    return found

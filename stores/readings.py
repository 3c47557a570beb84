"""What a query asks for, from the strictest way to read it to the one that forgives most."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from math import ceil

from stores.synonyms import STOP_WORDS, groups
from stores.text import POINT, code_key, is_han, joined, parts, pieces, singular

QUERY_CHARACTERS = 200
QUERY_TERMS = 16
#: Shorter words are no beginnings of others.
PREFIX_CHARACTERS = 3
#: A Han phrase of more characters may be several words.
PAIR = 2

Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Term:
    """One thing a query asks for: any of these phrases, each standing together in one field.

    The first is what was written, the others mean the same.
    """

    phrases: tuple[Phrase, ...]

    @property
    def is_word(self) -> bool:
        """Whether it was written as one word, which is no Han character."""
        return len(self.phrases[0]) == 1 and not is_han(self.phrases[0][0])

    @property
    def prefix(self) -> str | None:
        """The word as a beginning, if it is one and long enough."""
        word = self.phrases[0][0]
        return word if self.is_word and len(word) >= PREFIX_CHARACTERS else None

    def pairs(self) -> list["Term"]:
        """Return the pairs of neighbours of a Han phrase, which may be words; else the term."""
        written = self.phrases[0]
        if len(written) <= PAIR or not is_han(written[0]):
            return [self]
        return [_known(pair) for pair in pairwise(written)]


@dataclass(frozen=True, slots=True)
class Reading:
    """How a query is read: so many of its terms must be met, the last maybe as a beginning.

    `code` is the query as one code, which is enough by itself.
    """

    terms: tuple[Term, ...]
    needed: int
    code: str
    by_prefix: bool = False


def readings(text: str) -> list[Reading]:
    """Return how a query may be read, strictest first; the first that finds a product counts.

    All terms; all, the last one as a beginning; two thirds of the terms, for which a longer Han
    phrase is as many terms as it has pairs. No words, no reading.
    """
    terms, code = tuple(parse_query(text)), code_key(text[:QUERY_CHARACTERS])
    if not terms:
        return []
    found = [Reading(terms, len(terms), code)]
    if terms[-1].prefix:
        found.append(Reading(terms, len(terms), code, by_prefix=True))
    pairs = tuple(pair for term in terms for pair in term.pairs())[:QUERY_TERMS]
    if len(pairs) > 1:
        found.append(Reading(pairs, ceil(len(pairs) * 2 / 3), code))
    return found


def parse_query(text: str) -> list[Term]:
    """Return the terms of a query; text past 200 characters and terms past 16 are left out."""
    found = pieces(text[:QUERY_CHARACTERS])
    telling = [piece for piece in found if piece not in STOP_WORDS] or found
    return _with_neighbours(list(_terms([_phrases(piece) for piece in telling])))[:QUERY_TERMS]


def _phrases(piece: str) -> tuple[Phrase, ...]:
    if is_han(piece):
        return (tuple(piece),)
    whole = singular(joined(piece))
    apart = tuple(singular(part) for part in parts(piece))
    is_decimal = POINT in piece and apart == tuple(piece.split(POINT))
    return ((whole,), apart) if apart and not is_decimal else ((whole,),)


def _terms(written: list[tuple[Phrase, ...]]) -> Iterator[Term]:
    """Yield a term for each word, and one for words that together have synonyms."""
    same, start = _synonyms(), 0
    while start < len(written):
        for length in range(min(_longest_synonym(), len(written) - start), 0, -1):
            together = written[start : start + length]
            phrase = tuple(word for phrases in together for word in phrases[0])
            if length == 1 or phrase in same:
                yield _known(*together[0]) if length == 1 else _known(phrase)
                break
        start += length


def _known(*written: Phrase) -> Term:
    return Term(tuple(dict.fromkeys((*written, *_synonyms().get(written[0], ())))))


def _with_neighbours(terms: list[Term]) -> list[Term]:
    """Return terms of which two neighbours are met, too, by a word that both together make."""
    phrases = [list(term.phrases) for term in terms]
    for (left, right), (first, second) in zip(pairwise(terms), pairwise(phrases), strict=True):
        if left.is_word and right.is_word:
            together = (left.phrases[0][0] + right.phrases[0][0],)
            first.append(together)
            second.append(together)
    return [Term(tuple(dict.fromkeys(of_term))) for of_term in phrases]


@cache
def _synonyms() -> dict[Phrase, tuple[Phrase, ...]]:
    same: dict[Phrase, tuple[Phrase, ...]] = {}
    for group in groups():
        phrases = [_as_query(text) for text in group]
        for phrase in phrases:
            same[phrase] = tuple(other for other in phrases if other != phrase)
    return same


@cache
def _longest_synonym() -> int:
    return max(map(len, _synonyms()))


def _as_query(text: str) -> Phrase:
    return tuple(word for piece in pieces(text) for word in _phrases(piece)[0])

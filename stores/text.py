"""How the shop reads text: the words of it, the form it sorts by, and what a query asks for.

Both search engines, the word table of products and the sort by title read text here and nowhere
else, so that they agree on what a word is.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from math import ceil

from stores.synonyms import IRREGULAR, STOP_WORDS, UNITS, groups

QUERY_CHARACTERS = 200
QUERY_TERMS = 16
TITLE_CHARACTERS = 200
#: Longer words are cut: engines have limits of their own, and they differ.
WORD_CHARACTERS = 64
#: The point inside of a number; both engines take it for a letter.
POINT = "\u00b7"
#: Stands between texts of one field, so that no phrase reaches over their border.
BORDER = "\u00b6"

PREFIX_CHARACTERS = 3
#: Pieces of a query that may mean something together.
LONGEST_PHRASE = 4

_HAN = (
    "\u1100-\u11ff\u3005-\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3130-\u318f"
    "\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
)
#: Scripts that write vowels as marks, which are no letters for Python.
_MARKED = "\u0900-\u0963\u0966-\u0dff\u0e01-\u0e3e\u0e40-\u0eff"
_LETTER = rf"(?:(?![{_HAN}])[^\W_]|[{_MARKED}{POINT}])"
_HAN_RUN = re.compile(rf"[{_HAN}]+")
_PIECE = re.compile(rf"[{_HAN}]+|{_LETTER}+(?:[-./]{_LETTER}+)*")
_ASCII_PIECE = re.compile(rf"[a-z0-9{POINT}]+(?:[-./][a-z0-9{POINT}]+)*")
_PLAIN = re.compile(rf"[{_HAN}]+|(?:(?![{_HAN}])[^\W_]|[{_MARKED}])+")
_SEPARATOR = re.compile(r"[-./]")
_AMOUNT = re.compile(rf"([0-9]+(?:{POINT}[0-9]+)*)([a-z]+)")

_DECIMAL_POINT = re.compile(r"(?<=[0-9])\.(?=[0-9])")
_INCHES = re.compile(r"(?<=[0-9]) ?(?:''|[\"\u201d\u2033])")
_APOSTROPHE = re.compile(r"(?<=[^\W\d_])['\u2019](?=[^\W\d_])")
_ACCENTS = re.compile(r"(?<=[a-z])[\u0300-\u036f]+")
#: Trade marks would become letters of the word before them; soft hyphens are not seen.
_SIGNS = str.maketrans({"\u2122": " ", "\u2120": " ", "\u00ad": None, POINT: " ", BORDER: " "})
#: Latin letters that no accent makes.
_LETTERS = str.maketrans(
    {
        "æ": "ae",
        "œ": "oe",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "ħ": "h",
        "\u0131": "i",
    }
)


def words(text: str) -> list[str]:
    """Return the words of a text in their order, folded: no capitals, no accents.

    A word with a separator inside, or an amount with its unit, comes whole and then in parts:
    `DV7-1211EA` as dv71211ea, dv7, 1211ea; `32GB` as 32gb, 32, gb. Each Han character, kana or
    hangul is a word.
    """
    return [word for piece in _pieces(text) for word in _whole_and_parts(piece)]


def index_words(text: str) -> list[str]:
    """Return the words of a text in the singular, as they are indexed."""
    return [singular(word) for word in words(text)]


def index_text(texts: Iterable[str]) -> str:
    """Return texts as one field of an index: words with spaces, borders between the texts."""
    return f" {BORDER} ".join(filter(None, (" ".join(index_words(text)) for text in texts)))


def code_key(code: str) -> str:
    """Return a code (SKU, barcode) as one word: case and separators do not count."""
    return "".join(_SEPARATOR.sub("", piece) for piece in _pieces(code))[:WORD_CHARACTERS]


def code_words(code: str) -> list[str]:
    """Return the words that find a code: all of it, and a barcode without its leading zeros."""
    key = code_key(code)
    return sorted({key, key.lstrip("0") if key.isdigit() else key} - {""})


def title_key(text: str) -> str:
    """Return the form that a title sorts by: folded words and single spaces, at most 200.

    Its order by code point is the same in SQLite, MySQL (utf8mb4_bin) and Elasticsearch.
    """
    return " ".join(_PLAIN.findall(_folded(text)))[:TITLE_CHARACTERS].rstrip()


def singular(word: str) -> str:
    """Return an English word without its plural ending; other words as they are.

    What comes back need not be a word, only the same for both forms.
    """
    if word in IRREGULAR:
        return IRREGULAR[word]
    if len(word) < 4 or word[-1] != "s" or not (word.isascii() and word.isalpha()):  # noqa: PLR2004
        return word
    return _without_ending(word)


def _without_ending(word: str) -> str:
    if word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    return word[:-1]


def _pieces(text: str) -> list[str]:
    folded = _APOSTROPHE.sub("", _INCHES.sub(" inch ", _folded(text)))
    pattern = _ASCII_PIECE if folded.isascii() else _PIECE
    return pattern.findall(_DECIMAL_POINT.sub(POINT, folded))


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    composed = unicodedata.normalize("NFKC", text.translate(_SIGNS)).casefold()
    bare = _ACCENTS.sub("", unicodedata.normalize("NFD", composed)).translate(_LETTERS)
    return unicodedata.normalize("NFKC", bare)


def _whole_and_parts(piece: str) -> Iterator[str]:
    if _HAN_RUN.match(piece):
        yield from piece
        return
    yield _SEPARATOR.sub("", piece)[:WORD_CHARACTERS]
    for part in _parts(piece):
        yield from _whole_and_parts(part)


def _parts(piece: str) -> list[str]:
    if _SEPARATOR.search(piece):
        return _SEPARATOR.split(piece)
    amount = _AMOUNT.fullmatch(piece)
    if amount and amount[2] in UNITS:
        return [amount[1], amount[2]]
    return piece.split(POINT) if POINT in piece else []


Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Term:
    """One thing a query asks for: any of these phrases, each standing together in one field.

    The first is what was written, the others mean the same.
    """

    phrases: tuple[Phrase, ...]

    @property
    def prefix(self) -> str | None:
        """The word as a beginning, if it is one word and long enough."""
        written = self.phrases[0]
        is_word = len(written) == 1 and not _HAN_RUN.match(written[0])
        return written[0] if is_word and len(written[0]) >= PREFIX_CHARACTERS else None


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

    All terms; all, the last one as a beginning; two thirds of the terms. No words, no reading.
    """
    terms, code = tuple(parse_query(text)), code_key(text[:QUERY_CHARACTERS])
    if not terms:
        return []
    found = [Reading(terms, len(terms), code)]
    if terms[-1].prefix:
        found.append(Reading(terms, len(terms), code, by_prefix=True))
    if len(terms) > 1:
        found.append(Reading(terms, ceil(len(terms) * 2 / 3), code))
    return found


def parse_query(text: str) -> list[Term]:
    """Return the terms of a query; text past 200 characters and terms past 16 are left out."""
    pieces = _pieces(text[:QUERY_CHARACTERS])
    telling = [piece for piece in pieces if piece not in STOP_WORDS] or pieces
    return list(_terms([_phrases(piece) for piece in telling]))[:QUERY_TERMS]


def _terms(asked: list[tuple[Phrase, ...]]) -> Iterator[Term]:
    place = 0
    while place < len(asked):
        length, others = _longest(asked, place)
        written = asked[place] if length == 1 else (_joined(asked[place : place + length]),)
        yield Term((*written, *(one for one in others if one not in written)))
        place += length


def _longest(asked: list[tuple[Phrase, ...]], place: int) -> tuple[int, tuple[Phrase, ...]]:
    """Return how many pieces from `place` on mean something together, and what else says it."""
    for length in range(min(LONGEST_PHRASE, len(asked) - place), 0, -1):
        others = _synonyms().get(_joined(asked[place : place + length]))
        if others is not None:
            return length, others
    return 1, ()


def _joined(asked: list[tuple[Phrase, ...]]) -> Phrase:
    return tuple(word for phrases in asked for word in phrases[0])


@cache
def _synonyms() -> dict[Phrase, tuple[Phrase, ...]]:
    found: dict[Phrase, tuple[Phrase, ...]] = {}
    for group in groups():
        phrases = tuple(
            tuple(w for piece in _pieces(one) for w in _phrases(piece)[0]) for one in group
        )
        found |= dict.fromkeys(phrases, phrases)
    return found


def _phrases(piece: str) -> tuple[Phrase, ...]:
    if _HAN_RUN.match(piece):
        return (tuple(piece),)
    whole = singular(_SEPARATOR.sub("", piece)[:WORD_CHARACTERS])
    parts = tuple(singular(part) for part in _parts(piece))
    return ((whole,), parts) if parts and POINT not in whole else ((whole,),)

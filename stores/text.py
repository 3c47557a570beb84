"""How the shop reads text: the words of it, and the form it sorts by; queries: `stores.readings`.

Both search engines, the word table of products and the sort by title read text here and nowhere
else, so that they agree on what a word is.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

from stores.synonyms import IRREGULAR, UNITS

TITLE_CHARACTERS = 200
#: Longer words are cut: engines have limits of their own, and they differ.
WORD_CHARACTERS = 64
#: The point inside of a number; both engines take it for a letter.
POINT = "\u00b7"
#: Stands between texts of one field, so that no phrase reaches over their border.
BORDER = "\u00b6"

#: Longer texts hardly come twice.
SHORT_TEXT = 40
#: Words that are too short to have a plural: gps, usb.
SHORT = 3

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

    A word with a separator inside, or an amount with its unit, comes in parts and then whole:
    `DV7-1211EA` as dv7, 1211ea, dv71211ea; `32GB` as 32, gb, 32gb. Each Han character, kana or
    hangul is a word.
    """
    return [word for piece in pieces(text) for word in _parts_and_whole(piece)]


def index_words(text: str) -> list[str]:
    """Return the words of a text in the singular, as they are indexed."""
    return [singular(word) for word in words(text)]


def index_text(texts: Iterable[str]) -> str:
    """Return texts as one field of an index: words with spaces, borders between the texts."""
    told = (_often(text) if len(text) <= SHORT_TEXT else _once(text) for text in texts)
    return f" {BORDER} ".join(filter(None, told))


def _once(text: str) -> str:
    return " ".join(index_words(text))


#: Values of specs, brands and shelves are the same for many products.
_often = lru_cache(maxsize=16_384)(_once)


def code_key(code: str) -> str:
    """Return a code (SKU, barcode) as one word: case and separators do not count."""
    return "".join(_SEPARATOR.sub("", piece) for piece in pieces(code))[:WORD_CHARACTERS]


def code_words(code: str) -> list[str]:
    """Return the words that find a code: all of it, and a barcode without its leading zeros."""
    key = code_key(code)
    return sorted({key, key.lstrip("0") if key.isdigit() else key} - {""})


def title_key(text: str) -> str:
    """Return the form that a title sorts by: folded words and single spaces, at most 200.

    Its order by code point is the same in SQLite, MySQL (utf8mb4_bin) and Elasticsearch.
    """
    return " ".join(_PLAIN.findall(_folded(text)))[:TITLE_CHARACTERS].rstrip()


def is_han(piece: str) -> bool:
    """Whether a piece, or a word, is of Han characters, kana or hangul."""
    return _HAN_RUN.match(piece) is not None


def joined(piece: str) -> str:
    """Return a piece as one word, without its separators."""
    return _SEPARATOR.sub("", piece)[:WORD_CHARACTERS]


def singular(word: str) -> str:
    """Return an English word without its plural ending; other words as they are.

    What comes back need not be a word, only the same for both forms.
    """
    if word in IRREGULAR:
        return IRREGULAR[word]
    if len(word) <= SHORT or word[-1] != "s" or not (word.isascii() and word.isalpha()):
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


def pieces(text: str) -> list[str]:
    """Return the folded words of a text with their separators, and each run of Han characters."""
    folded = _APOSTROPHE.sub("", _INCHES.sub(" inch ", _folded(text)))
    pattern = _ASCII_PIECE if folded.isascii() else _PIECE
    return pattern.findall(_DECIMAL_POINT.sub(POINT, folded))


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    composed = unicodedata.normalize("NFKC", text.translate(_SIGNS)).casefold()
    bare = _ACCENTS.sub("", unicodedata.normalize("NFD", composed)).translate(_LETTERS)
    return unicodedata.normalize("NFKC", bare)


def _parts_and_whole(piece: str) -> Iterator[str]:
    if is_han(piece):
        yield from piece
        return
    for part in parts(piece):
        yield from _parts_and_whole(part)
    yield joined(piece)


def parts(piece: str) -> list[str]:
    """Return what a piece consists of, if of several parts."""
    if _SEPARATOR.search(piece):
        return _SEPARATOR.split(piece)
    amount = _AMOUNT.fullmatch(piece)
    if amount and amount[2] in UNITS:
        return [amount[1], amount[2]]
    return piece.split(POINT) if POINT in piece else []

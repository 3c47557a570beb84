"""How the shop reads text: the words of it, the form it sorts by, and what a query asks for.

Both search engines, the word table of products and the sort by title read text here and nowhere
else, so that they agree on what a word is.
"""

import re
import unicodedata
from dataclasses import dataclass

from stores.synonyms import IRREGULAR, STOP_WORDS, UNITS, others

QUERY_CHARACTERS = 200
QUERY_TERMS = 16
TITLE_CHARACTERS = 200
#: Longer words are cut: engines have limits of their own, and they differ.
WORD_CHARACTERS = 64
#: Stands for the point inside of a number; every engine takes it for a letter.
POINT = "·"

_HAN = (
    "\u1100-\u11ff\u3005-\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3130-\u318f"
    "\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
)
_WORD = rf"(?:(?![{_HAN}])[^\W_]\u0300-\u036f\u0591-\u08ff\u0900-\u0dff\u0e00-\u0fff"
#: Marks that belong to the letter before them, of scripts that are written with such.
_MARKS = "\u0591-\u05bd\u064b-\u0655\u0670\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963"
_LETTER = rf"(?:(?![{_HAN}])[^\W_]|[{_MARKS}])"
_PIECES = re.compile(rf"[{_HAN}]|{_LETTER}+(?:[-./]{_LETTER}+)*")
_ASCII_PIECES = re.compile(r"[a-z0-9]+(?:[-./][a-z0-9]+)*")
_PARTS = re.compile(rf"{_LETTER}+")
_HAN_CHARACTER = re.compile(f"[{_HAN}]")
_DECIMAL = re.compile(r"[0-9]+\.[0-9]+")
_AMOUNT = re.compile(rf"([0-9]+(?:{POINT}[0-9]+)?)([a-z]+)")

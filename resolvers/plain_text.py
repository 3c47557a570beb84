"""Plain text out of HTML: what a product's description is kept as."""

import re
from html import unescape

# The parser of the standard library needs a minute for 100 kB of `<a `; this reads each character
# once, because nothing but a comment or a script looks past the next `<`, and those take the rest.
_MARKUP = re.compile(
    r"<!--(?:.*?-->|.*)"
    r"|<(?P<silent>script|style|template|noscript|title)\b[^<>]*>(?:.*?</(?P=silent)\b[^<>]*>|.*)"
    r"""|</?(?P<tag>[a-z][a-z0-9:-]*)\b(?:(?:[^<>"']|"[^"<]*"|'[^'<]*')*>|[^<>]*>)"""
    r"|<[!?][^<>]*>",
    re.DOTALL | re.IGNORECASE,
)
_BREAKING = frozenset(
    {
        *("address", "article", "aside", "blockquote", "br", "dd", "div", "dl", "dt"),
        *("figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header"),
        *("hr", "li", "main", "nav", "ol", "p", "pre", "section", "table", "tr", "ul"),
    }
)
_BLANKS = re.compile(r"[^\S\n]+")
_GAPS = re.compile(r"\n{3,}")
_UNSEEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")


def plain_text(html: str) -> str:
    """Return the words of a text or a piece of HTML, without tags, comments, scripts and styles.

    Entities become their characters, a block begins a new line, blanks shrink to one, at most one
    empty line stands between two others, and nothing else that cannot be seen is left. Takes time
    in proportion to the length, whatever the text.
    """
    lines = html.replace("\r\n", "\n").replace("\r", "\n")
    return _tidy(unescape(_MARKUP.sub(_instead, lines)))


def _instead(markup: re.Match[str]) -> str:
    tag = markup["tag"]
    if tag is not None and tag.lower() in _BREAKING:
        return "\n"
    return " " if tag is not None and tag.lower() in {"td", "th"} else ""


def _tidy(text: str) -> str:
    lines = (_BLANKS.sub(" ", _UNSEEN.sub(" ", line)).strip() for line in text.split("\n"))
    return _GAPS.sub("\n\n", "\n".join(lines)).strip()

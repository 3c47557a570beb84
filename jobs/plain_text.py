"""Plain text out of HTML: what a product's description is kept as."""

import re
from html.parser import HTMLParser

_BREAKING = frozenset(
    {
        *("address", "article", "aside", "blockquote", "br", "dd", "div", "dl", "dt"),
        *("figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header"),
        *("hr", "li", "main", "nav", "ol", "p", "pre", "section", "table", "tr", "ul"),
    }
)
_SILENT = frozenset({"script", "style", "template", "noscript", "title"})
_BLANKS = re.compile(r"[^\S\n]+")
_GAPS = re.compile(r"\n{3,}")
_UNSEEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")


def plain_text(html: str) -> str:
    """Return the words of a text or a piece of HTML, without tags, scripts and styles.

    Entities become their characters, a block begins a new line, blanks shrink to one, at most one
    empty line stands between two others, and nothing else that cannot be seen is left.
    """
    words = _words(html) if "<" in html or "&" in html else html
    return tidy_lines(words)


def tidy_lines(text: str) -> str:
    """Return lines without blanks at their ends and without runs of blanks or empty lines."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    tidy = (_BLANKS.sub(" ", _UNSEEN.sub(" ", line)).strip() for line in lines)
    return _GAPS.sub("\n\n", "\n".join(tidy)).strip()


def _words(html: str) -> str:
    reader = _Words()
    reader.feed(html)
    reader.close()
    return "".join(reader.parts)


class _Words(HTMLParser):
    """Collects what a reader would see."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a line at a block, and be silent inside what nobody reads."""
        del attrs
        if tag in _SILENT and not self._silent:
            self._silent = tag
        elif tag in _BREAKING:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """End the line of a block."""
        if tag == self._silent:
            self._silent = ""
        elif tag in _BREAKING:
            self.parts.append("\n")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Break the line at a tag that closes itself; it has no inside to be silent about."""
        del attrs
        if tag in _BREAKING:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        """Keep what is seen; a line break inside HTML is a blank."""
        if not self._silent:
            self.parts.append(data)

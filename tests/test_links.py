"""Links in documents lead somewhere, to the heading that they name."""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.serving import ROOT

DOCUMENTS = [ROOT / "README.md", ROOT / "graph/engine/README.md", *(ROOT / "docs").glob("*.md")]
_LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)")


def anchors(document: Path) -> set[str]:
    """Return the names of its headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings}


def links(document: Path) -> Iterator[tuple[Path, str]]:
    """Yield the file and the heading of each link that stays in the project."""
    for name, anchor in _LINK.findall(document.read_text()):
        yield (document.parent / name if name else document), anchor


def test_every_link_leads_to_a_file_and_to_a_heading_of_it() -> None:
    every = [(document, *link) for document in DOCUMENTS for link in links(document)]
    wrong = [
        (document.name, str(there), anchor)
        for document, there, anchor in every
        if not there.exists() or (anchor and anchor not in anchors(there))
    ]

    assert wrong == []
    assert len(every) > 50


def test_readme_names_every_document() -> None:
    named = {there.resolve() for there, _ in links(ROOT / "README.md")}
    assert set(DOCUMENTS) - named == {ROOT / "README.md"}

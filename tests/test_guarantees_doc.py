"""What docs/guarantees.md shows is what the shop answers."""

import json
import re
from pathlib import Path

import pytest

from tests.serving import ROOT, demo_settings, paste

#: It goes through the whole document.
pytestmark = pytest.mark.slow

DOCUMENT = (ROOT / "docs/guarantees.md").read_text()
#: Stands for a value that is another one each time.
ANY = "…"


def _answers(text: str) -> list[object]:
    """Return the JSON objects that stand one behind the other in a text, without their cost."""
    decoder, rest = json.JSONDecoder(), text.strip()
    found: list[object] = []
    while rest:
        value, end = decoder.raw_decode(rest)
        found.append({name: it for name, it in value.items() if name != "extensions"})
        rest = rest[end:].lstrip()
    return found


def _fits(shown: object, answered: object) -> object:
    """Return the answer, with `ANY` where the document leaves the value open."""
    if shown == ANY and isinstance(answered, str):
        return ANY
    if isinstance(shown, dict) and isinstance(answered, dict):
        return {name: _fits(shown.get(name), value) for name, value in answered.items()}
    if isinstance(shown, list) and isinstance(answered, list) and len(shown) == len(answered):
        return [_fits(one, other) for one, other in zip(shown, answered, strict=True)]
    return answered


@pytest.fixture
async def printed(tmp_path: Path) -> list[str]:
    """What each block for the shell prints in the demo shop."""
    blocks = re.findall(r"```sh\n(.*?)```", DOCUMENT, re.DOTALL)
    return await paste(blocks, await demo_settings(tmp_path))


async def test_every_example_answers_what_the_document_shows(printed: list[str]) -> None:
    fences = re.findall(r"```(sh|json)\n(.*?)```", DOCUMENT, re.DOTALL)
    shown = [
        _answers(following[1]) if following[0] == "json" else []
        for (kind, _), following in zip(fences, [*fences[1:], ("", "")], strict=True)
        if kind == "sh"
    ]
    answered = [_answers(text) for text in printed]

    assert [_fits(one, other) for one, other in zip(shown, answered, strict=True)] == shown
    assert len(shown) > 5

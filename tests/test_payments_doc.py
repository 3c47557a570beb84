"""What docs/payments.md shows is what happens, with the sandbox that it starts."""

import json
import re
from pathlib import Path

import pytest

from tests.paying import with_cards
from tests.servers import free_port
from tests.serving import ROOT, demo_settings, paste

DOCUMENT = (ROOT / "docs/payments.md").read_text()


@pytest.mark.slow
@pytest.mark.timeout(90)
async def test_balance_is_paid_into_as_the_document_shows(tmp_path: Path) -> None:
    port = free_port()
    blocks = re.findall(r"```sh\n(.*?)```", DOCUMENT, re.DOTALL)
    (shown,) = re.findall(r"```json\n(.*?)```", DOCUMENT, re.DOTALL)
    words = re.findall(r"MALLGRAPH_CARDS_(?:WEBHOOK_)?KEY=(\S+)", blocks[0])
    keys = dict(zip(("cards_key", "cards_webhook_key"), words, strict=True))
    chosen = with_cards(await demo_settings(tmp_path), f"http://127.0.0.1:{port}", **keys)
    printed = await paste([block.replace("8100", str(port)) for block in blocks], chosen)

    # What it cost is left out.
    assert json.loads(printed[1])["data"] == json.loads(shown)["data"]

"""docs/telemetry.md names all metrics, labels, settings and attributes, and no others."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

from stores.settings import Settings
from tests.shopping import Client, open_shop
from tests.test_away import without
from tests.test_traces import exporter, traced

#: Most tests run the shop in a process.
pytestmark = pytest.mark.slow

__all__ = ["exporter"]

ROOT = Path(__file__).parents[1]
DOCUMENT = (ROOT / "docs/telemetry.md").read_text()
QUERY = "query List { products(first: 20) { nodes { slug specs { key } } } }"


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the table that begins with this heading."""
    _, found, after = DOCUMENT.partition(f"| {heading} |")
    assert found
    lines = after.split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def words(cell: str) -> set[str]:
    return set(re.findall(r"`([a-z_.]+)`", cell))


async def families(shop: Client) -> list[Metric]:
    await shop.send(QUERY)
    answer = await shop.http.get("/metrics")
    return list(text_string_to_metric_families(answer.text))


def _named(family: Metric) -> str:
    if family.name.startswith("process_"):
        return "process_*"
    return f"{family.name}_total" if family.type == "counter" else family.name


async def test_every_metric_is_told_with_its_kind_and_labels(embedded_settings: Settings) -> None:
    async with open_shop(embedded_settings) as shop:
        found = await families(shop)
    there_are = {
        (_named(one), one.type, frozenset(set(one.samples[0].labels) - {"le"}))
        for one in found
        if not one.name.startswith("process_")
    }
    told = {
        (name.strip("`"), kind, frozenset(words(labels)))
        for name, kind, labels, _ in rows("metric")
        if kind
    }

    assert told == there_are
    assert {row[0].strip("`") for row in rows("metric")} == {_named(one) for one in found}


async def test_every_label_is_explained(embedded_settings: Settings) -> None:
    async with open_shop(embedded_settings) as shop:
        samples = [one for family in await families(shop) for one in family.samples]
    explained = {name.split("`")[1] for name, _ in rows("label")}
    values = {row[0].strip("`"): words(row[1]) for row in rows("label")}

    assert explained == {label for one in samples for label in one.labels} - {"le"}
    for label in ("store", "queue", "cache", "consumer"):
        shown = {one.labels[label] for one in samples if label in one.labels}
        assert shown <= values[label], label


def test_every_setting_is_told() -> None:
    ours = {name for name in Settings.model_fields if name.startswith(("metrics", "traces"))}
    told = set(re.findall(r"MALLGRAPH_([A-Z_]+)", DOCUMENT))

    assert told == {name.upper() for name in ours}


async def test_every_attribute_of_spans_is_told(
    embedded_settings: Settings, exporter: InMemorySpanExporter
) -> None:
    chosen = traced(without(embedded_settings, "documents_url"))
    async with open_shop(chosen) as shop:
        await shop.send(QUERY)
    there_are = {name for span in exporter.get_finished_spans() for name in span.attributes or {}}

    cells = "".join(row[2] for row in rows("span"))
    assert {word for word in words(cells) if "." in word} == there_are


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, []),
        ({"metrics": True}, ["prometheus_client"]),
        ({"traces": True}, ["opentelemetry"]),
    ],
)
def test_what_is_off_is_not_even_imported(
    tmp_path: Path, settings: dict[str, bool], expected: list[str]
) -> None:
    chosen = {"metrics": False, "traces": False} | settings
    program = f"""
import sys
from mallgraph.app import create_app
from stores.settings import Settings
create_app(Settings(_env_file=None, data_dir={str(tmp_path)!r}, **{chosen!r}))
print([name for name in ("prometheus_client", "opentelemetry") if name in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )

    assert done.stdout == f"{expected}\n"

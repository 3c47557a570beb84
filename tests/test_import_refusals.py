"""What an import refuses is told, line by line, and the rest goes in."""

import gzip
import random
from pathlib import Path

import pytest

from jobs.import_catalogue import Refused, Report, Unreadable, import_file
from resolvers.context import Mall
from tests.importing import chosen, mall, single, take

__all__ = ["chosen", "mall"]


async def test_what_is_wrong_is_told_and_the_rest_goes_in(mall: Mall, tmp_path: Path) -> None:
    report = await take(
        mall,
        tmp_path,
        single("B-1"),
        b"{oops",
        b"",
        single("B-2", title=""),
        single("B-3", variants=[{"sku": "B-3", "price": "1.234"}]),
        single("B-1"),
        single("B-4", slug="bell-b-1"),
        single("B-5", media=[{"file": "missing.png"}]),
        single("B-6"),
    )
    assert report == Report(
        added=2,
        is_indexed=True,
        refused=[
            Refused(
                2,
                "",
                "The line is not valid JSON at character 2; check quotes, commas and brackets.",
            ),
            Refused(4, "title", "The text is empty; at least 1 character is needed."),
            Refused(
                5, "variants.0.price", "The price 1.234 has more than 2 digits after the point."
            ),
            Refused(
                8, "media.0.file", "The file missing.png cannot be read: No such file or directory."
            ),
            Refused(6, "variants.0.sku", "Line 1 has the SKU B-1 already."),
            Refused(7, "slug", "The slug bell-b-1 is another product's."),
        ],
    )


async def test_sku_of_another_product_is_refused(mall: Mall, tmp_path: Path) -> None:
    await take(mall, tmp_path, single("B-1"))
    two = [{"sku": "B-2", "price": 5}, {"sku": "B-1", "price": 5}]
    report = await take(mall, tmp_path, single("B-2", variants=two))
    reason = "The SKU B-1 belongs to another product of this merchant."
    assert report.refused == [Refused(1, "variants.1.sku", reason)]
    other = single("B-2", variants=two, merchant="Another", title="Bell")
    assert await take(mall, tmp_path, other) == Report(added=1, is_indexed=True)


async def test_link_to_a_file_elsewhere_is_refused(mall: Mall, tmp_path: Path) -> None:
    folder = tmp_path / "inside"
    (tmp_path / "secret.png").write_bytes(b"secret")
    folder.mkdir()
    (folder / "bell.png").symlink_to(tmp_path / "secret.png")
    report = await take(mall, folder, single("B-1", media=[{"file": "bell.png"}]))
    reason = "The file bell.png lies outside the folder of the import file."
    assert report.refused == [Refused(1, "media.0.file", reason)]


@pytest.mark.parametrize("name", ["missing.jsonl", "folder", "broken.gz", "cut.gz"])
async def test_file_that_cannot_be_read_is_named(mall: Mall, tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "broken.gz").write_bytes(b"not packed at all")
    (tmp_path / "cut.gz").write_bytes(gzip.compress(random.randbytes(10_000))[:5_000])
    with pytest.raises(Unreadable, match=name):
        await import_file(mall, tmp_path / name)


async def test_line_that_is_too_long_is_refused_alone(mall: Mall, tmp_path: Path) -> None:
    report = await take(mall, tmp_path, b"x" * 3_500_000, single("B-1"))
    assert ([one.line for one in report.refused], report.added) == ([1], 1)

import json
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.product_rows import (
    MAX_LINE_BYTES,
    MediaRow,
    OptionRow,
    Problem,
    ProductRow,
    RowRefused,
    SpecRow,
    VariantRow,
    parse,
)
from resolvers.plain_text import plain_text

DOCS = Path(__file__).parents[1] / "docs" / "import.md"
SPEC = {"key": "weight", "label": "Weight"}
VARIANT = {"sku": "K-1", "price": "12.50"}
PRODUCT = {"title": "Kettle", "category": ["Kitchen"], "variants": [VARIANT]}


def line(**changes: object) -> bytes:
    return json.dumps({**PRODUCT, **changes}).encode()


def variant(**changes: object) -> bytes:
    return line(variants=[{**VARIANT, **changes}])


def spec(**changes: object) -> bytes:
    return line(specs=[{**SPEC, **changes}])


def media(**changes: object) -> bytes:
    return line(media=[changes])


def problems(raw: bytes) -> tuple[Problem, ...]:
    with pytest.raises(RowRefused) as refusal:
        parse(raw)
    return refusal.value.problems


def documented() -> bytes:
    text = DOCS.read_text(encoding="utf-8")
    return text.split("```json\n")[1].split("\n```")[0].encode()


def test_smallest_product_has_the_defaults_of_the_format() -> None:
    assert parse(line()) == ProductRow.model_construct(
        merchant=None,
        slug=None,
        title="Kettle",
        subtitle=None,
        description=None,
        brand=None,
        status="ACTIVE",
        category=("Kitchen",),
        media=(),
        specs=(),
        variants=(
            VariantRow.model_construct(
                sku="K-1",
                barcode=None,
                title=None,
                options=(),
                price=Decimal("12.50"),
                compare_at_price=None,
                weight_grams=None,
                media=None,
                stock=0,
            ),
        ),
    )


def test_example_of_the_documentation_is_a_product() -> None:
    row = parse(documented())
    assert [entry.value for entry in row.specs] == [
        Decimal(900),
        "Beech",
        False,
        ("Induction", "Gas"),
    ]
    assert row.description == "The neck is drawn so narrow that you can pour drop by drop."
    assert row.variants[0].options == (OptionRow(name="Colour", value="Black"),)


@pytest.mark.parametrize("model", [ProductRow, MediaRow, SpecRow, OptionRow, VariantRow])
def test_documentation_names_every_field_and_shows_it(model: type[Any]) -> None:
    text, example = DOCS.read_text(encoding="utf-8"), documented().decode()
    for name, field in model.model_fields.items():
        assert f"`{field.alias or name}`" in text
        assert f'"{field.alias or name}": ' in example or name == "text"


def test_texts_are_tidied_before_they_are_measured() -> None:
    row = parse(line(title="  Cafe\u0301 " + "x" * 195 + "\n", subtitle="  ", brand=" Ostrel "))
    assert (row.title, row.subtitle, row.brand) == ("Café " + "x" * 195, None, "Ostrel")


def test_numbers_keep_every_digit() -> None:
    raw = b'{"title":"K","category":["K"],"variants":[{"sku":"K","price":0.1}],"specs":[%s]}'
    long = b'{"key":"n","label":"N","number":12345678901234567890.1234567890}'
    row = parse(raw % long)
    assert row.specs[0].number == Decimal("12345678901234567890.1234567890")
    assert row.variants[0].price == Decimal("0.1")


@pytest.mark.parametrize("slug", ["kettle", "kettle-2", "山茶-壶", "чайник", "हिन्दी", "été"])
def test_slug_takes_every_script(slug: str) -> None:
    assert parse(line(slug=slug)).slug == slug


@pytest.mark.parametrize(
    ("price", "exponent", "minor"),
    [("12.50", 2, 1250), (12.5, 2, 1250), ("1200", 0, 1200), ("0", 3, 0), ("0.005", 3, 5)],
)
def test_price_becomes_minor_units(price: object, exponent: int, minor: int) -> None:
    row = parse(variant(price=price, compareAtPrice=price)).variants[0]
    assert row.price_minor(exponent) == row.compare_at_price_minor(exponent) == minor


def test_price_is_never_rounded() -> None:
    row = parse(variant(price="12.505")).variants[0]
    with pytest.raises(ValueError, match=r"12\.505 has more than 2 digits after the point"):
        row.price_minor(2)
    with pytest.raises(ValueError, match="too high"):
        parse(variant(price=10**13)).variants[0].price_minor(3)


def test_missing_price_before_is_none() -> None:
    assert parse(variant()).variants[0].compare_at_price_minor(2) is None


def test_rows_do_not_change() -> None:
    row = parse(line())
    with pytest.raises(ValueError, match="frozen"):
        setattr(row, "title", "Pot")  # noqa: B010  A checker would see the plain assignment.


MISSING = "This field is missing; it must be given."
UNKNOWN = "There is no field of this name; leave it out or correct its spelling."
HALF = "The text holds half of a character; write both of its \\u codes."
SLUG = "A slug is made of lower-case letters and digits with single hyphens between them."
KEY = "A key is made of a to z, 0 to 9, dots, hyphens and underscores."
UNIT = "A unit is a UCUM code without blanks, for example mm."
BARCODE = "A barcode has 8 to 14 digits and nothing else."
URL = "An address begins with https:// and a host, without blanks, user name or password."
FILE = (
    "A file is named by its path below the folder of the import file, without . or .. in it,"
    " and ends in .png, .jpg, .jpeg, .webp or .svg."
)
SKU = "A SKU is made of characters that can be seen and has no blanks at its ends."
NUMBER = "A number, or a text like 12.50 with a point, is needed, not {}."
SOURCE = "Exactly one of url and file is needed."
VALUE = "Exactly one of text, number, isTrue and items is needed."
DIGITS = "The number has more than 30 digits; round it."
RANGE = "The price is {}; it lies between 0 and 10000000000000 whole units of the currency."

BROKEN = [
    (b"", "", "The line is empty; a line is one object in { }."),
    (b"  \r\n", "", "The line is empty; a line is one object in { }."),
    (b"[]", "", "A line is one object in { }, not a list."),
    (b"null", "", "A line is one object in { }, not null."),
    (b"12.5", "", "A line is one object in { }, not a number with a point."),
    (
        b'{"title": "K",}',
        "",
        "The line is not valid JSON at character 15; check quotes, commas and brackets.",
    ),
    (
        b'{"title": "a\x01b"}',
        "",
        "The line is not valid JSON at character 13; check quotes, commas and brackets.",
    ),
    (
        b'{"title": 1} {}',
        "",
        "The line is not valid JSON at character 14; check quotes, commas and brackets.",
    ),
    (b'{"title": "\xff"}', "", "Byte 12 of the line is not UTF-8; save the file so."),
    (b'{"title": NaN}', "", "NaN is not a JSON number; leave the field out."),
    (b'{"title": -Infinity}', "", "-Infinity is not a JSON number; leave the field out."),
    (b"[" * 99_999, "", "The line nests too deeply; a product has lists of objects only."),
    (b'{"a": 1, "a": 2}', "", "The field a stands twice in one object; keep one of the two."),
    (
        b'{"\\ud800": 1}',
        "",
        "The name of a field holds half of a character; names are as in the example.",
    ),
    (b'{"a": 1%s}' % (b"0" * 5_000), "", "A number has 5001 digits; at most 30 are allowed."),
    (
        b'{"a": 1e%s}' % (b"9" * 40),
        "",
        "The exponent of a number is too large; write the number in full.",
    ),
    (
        b" " * (MAX_LINE_BYTES + 1),
        "",
        "The line has 1000001 bytes; at most 1000000 are allowed.",
    ),
    (line(title=None), "title", "A text in quotes is needed, not null."),
    (line(title=5), "title", "A text in quotes is needed, not a number."),
    (line(title=" "), "title", "The text is empty; at least 1 character is needed."),
    (
        line(title="x" * 201),
        "title",
        "The text has 201 characters; at most 200 are allowed.",
    ),
    (
        line(title="a\tb"),
        "title",
        "Character 2 is U+0009, which cannot be seen; take it out.",
    ),
    (
        line(title="a\x99"),
        "title",
        "Character 2 is U+0099, which cannot be seen; take it out.",
    ),
    (line(title="\ud83d"), "title", HALF),
    (line(description="\udc00"), "description", HALF),
    (
        line(description="x" * 20_001),
        "description",
        "The text has 20001 characters; at most 20000 are allowed.",
    ),
    (
        line(description="<b>" * 33_334),
        "description",
        "The text has 100002 characters with its tags; at most 100000 are allowed.",
    ),
    (line(description=["a"]), "description", "A text in quotes is needed, not a list."),
    (line(merchant=True), "merchant", "A text in quotes is needed, not true or false."),
    (line(sku="K-1"), "sku", UNKNOWN),
    (line(Title="K"), "Title", UNKNOWN),
    (line(slug="Kettle"), "slug", SLUG),
    (line(slug="a--b"), "slug", SLUG),
    (line(slug="a_b"), "slug", SLUG),
    (
        line(status="active"),
        "status",
        "active is not one of the words allowed: 'ACTIVE', 'DRAFT' or 'ARCHIVED'.",
    ),
    (line(status="\ud800"), "status", HALF),
    (line(category=[]), "category", "The list is empty; at least 1 entry is needed."),
    (line(category="Kitchen"), "category", "A list in [ ] is needed, not a text."),
    (
        line(category=list("abcdefg")),
        "category",
        "The list has 7 entries; at most 6 are allowed.",
    ),
    (line(category=["a", ""]), "category.1", "The text is empty; at least 1 character is needed."),
    (media(), "media.0", SOURCE),
    (media(url="https://a.example/x", file="x.png"), "media.0", SOURCE),
    (media(url="http://a.example/x"), "media.0.url", URL),
    (media(url="https://u:p@a.example/x"), "media.0.url", URL),
    (media(url="https://a.example/a b"), "media.0.url", URL),
    (media(file="../x.png"), "media.0.file", FILE),
    (media(file="/etc/x.png"), "media.0.file", FILE),
    (media(file="x.gif"), "media.0.file", FILE),
    (media(file="a\\x.png"), "media.0.file", FILE),
    (
        media(file="x.png", kind="SOUND"),
        "media.0.kind",
        "SOUND is not one of the words allowed: 'IMAGE' or 'VIDEO'.",
    ),
    (
        media(file="x.png", width=0),
        "media.0.width",
        "The number is 0; at least 1 is needed.",
    ),
    (line(media=["x.png"]), "media.0", "An object in { } is needed, not a text."),
    (spec(), "specs.0", VALUE),
    (spec(text="a", number=1), "specs.0", VALUE),
    (spec(key="Weight", text="a"), "specs.0.key", KEY),
    (spec(unit="k g", text="a"), "specs.0.unit", UNIT),
    (spec(number="1e3"), "specs.0.number", NUMBER.format("another text")),
    (spec(number="1,5"), "specs.0.number", NUMBER.format("another text")),
    (spec(number=True), "specs.0.number", NUMBER.format("true or false")),
    (spec(number="1" * 31), "specs.0.number", DIGITS),
    (
        line(specs=[{**SPEC, "number": 77}]).replace(b"77", b"1e999999"),
        "specs.0.number",
        DIGITS,
    ),
    (spec(isTrue="yes"), "specs.0.isTrue", "true or false without quotes is needed, not a text."),
    (spec(items=[]), "specs.0.items", "The list is empty; at least 1 entry is needed."),
    (
        spec(items=["x" * 501]),
        "specs.0.items.0",
        "The text has 501 characters; at most 500 are allowed.",
    ),
    (
        line(specs=[{**SPEC, "text": "a"}, {**SPEC, "text": "b"}]),
        "",
        "The key weight stands twice in specs.",
    ),
    (line(variants=[]), "variants", "The list is empty; at least 1 entry is needed."),
    (line(variants={}), "variants", "A list in [ ] is needed, not an object."),
    (line(variants=[{"sku": "K"}]), "variants.0.price", MISSING),
    (
        line(variants=[VARIANT, VARIANT]),
        "",
        "The SKU K-1 stands twice in variants.",
    ),
    (variant(sku=" K"), "variants.0.sku", SKU),
    (variant(sku="K\u2003K"), "variants.0.sku", SKU),
    (variant(sku=""), "variants.0.sku", "The text is empty; at least 1 character is needed."),
    (variant(barcode="1234567"), "variants.0.barcode", BARCODE),
    (
        variant(barcode=12345678),
        "variants.0.barcode",
        "A text in quotes is needed, not a number.",
    ),
    (variant(price=None), "variants.0.price", NUMBER.format("null")),
    (variant(price="EUR 5"), "variants.0.price", NUMBER.format("another text")),
    (variant(price="-0.01"), "variants.0.price", RANGE.format("-0.01")),
    (variant(price="10000000000000.01"), "variants.0.price", RANGE.format("10000000000000.01")),
    (variant(compareAtPrice=-1), "variants.0.compareAtPrice", RANGE.format("-1")),
    (variant(compare_at_price=1), "variants.0.compare_at_price", UNKNOWN),
    (
        variant(weightGrams=1.5),
        "variants.0.weightGrams",
        "A whole number without quotes is needed, not a number with a point.",
    ),
    (
        variant(stock=10**9 + 1),
        "variants.0.stock",
        "The number is 1000000001; at most 1000000000 is allowed.",
    ),
    (
        variant(stock="5"),
        "variants.0.stock",
        "A whole number without quotes is needed, not a text.",
    ),
    (
        variant(media=0),
        "",
        "Variant 0 shows medium 0, but there are 0, from 0 on.",
    ),
    (
        variant(options=[{"name": "Size", "value": "S"}] * 2),
        "variants.0",
        "The option Size stands twice in one variant.",
    ),
    (variant(options=[{"name": "Size"}]), "variants.0.options.0.value", MISSING),
]


@pytest.mark.parametrize(("raw", "field", "reason"), BROKEN, ids=range(len(BROKEN)))
def test_broken_row_is_told_where_and_why(raw: bytes, field: str, reason: str) -> None:
    assert problems(raw) == (Problem(field, reason),)


def test_every_problem_of_a_row_is_told_at_once() -> None:
    raw = line(title="", slug="A", variants=[{"sku": "K", "price": "x"}])
    assert [problem.field for problem in problems(raw)] == ["slug", "title", "variants.0.price"]


def test_row_with_very_many_problems_is_told_the_first_fifty() -> None:
    assert len(problems(line(**{f"x{number}": 1 for number in range(1_000)}))) == 50


def test_refusal_prints_its_problems() -> None:
    with pytest.raises(RowRefused, match=r"^slug: A slug is made of"):
        parse(line(slug="A"))


@pytest.mark.slow
@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists, max_leaves=5))
def test_any_value_is_taken_or_refused_in_our_words(value: object) -> None:
    names: tuple[str, ...] = ("title", "slug", "category", "media", "specs", "variants", "status")
    told = [refusal for name in names for refusal in _refusals(line(**{name: value}))]
    names = ("sku", "price", "options", "media", "stock", "barcode", "title", "weightGrams")
    told += [refusal for name in names for refusal in _refusals(variant(**{name: value}))]
    assert all(problem.reason.endswith(".") for problem in told)


def _refusals(raw: bytes) -> tuple[Problem, ...]:
    try:
        parse(raw)
    except RowRefused as refusal:
        return refusal.problems
    return ()


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Tea &amp; cups</p><ul><li>One<li>Two</ul>", "Tea & cups\n\nOne\nTwo"),
        ("a<script>alert(1)</script>b<style>p{}</style><!-- c -->", "ab"),
        ("  many \t blanks&nbsp;here \r\n\n\n\n\nend ", "many blanks here\n\nend"),
        ("5 < 6 and 7 > 6", "5 < 6 and 7 > 6"),
        ('<a title="a>b">link</a> <td>1</td><td>2</td>', "link 1 2"),
        ("&lt;b&gt; stays &#x4e2d;", "<b> stays 中"),
        ("open <!-- for ever", "open"),
        ("", ""),
    ],
)
def test_description_is_plain_text(html: str, text: str) -> None:
    assert plain_text(html) == text


@pytest.mark.parametrize("piece", ["<a ", "<!--", "</", "<a b='", "<script>", '<a "', "<?", "&#"])
def test_unfinished_tags_take_no_time(piece: str) -> None:
    start = time.process_time()
    plain_text(piece * (100_000 // len(piece)))
    assert time.process_time() - start < 1


def test_ten_thousand_data_sheets_are_read_in_seconds() -> None:
    entries = [
        {"key": f"k{n}", "label": "Label", "group": "Group", "unit": "mm", "text": "A value"}
        for n in range(60)
    ]
    raw, start = line(specs=entries), time.process_time()
    for _ in range(1_000):
        parse(raw)
    assert time.process_time() - start < 1.5

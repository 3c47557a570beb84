"""How text is read: words, singulars, titles to sort by, and what a query asks for."""

import pytest

from stores.readings import QUERY_TERMS, parse_query, readings
from stores.text import code_key, code_words, index_text, singular, title_key, words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("!? -- ...", []),
        ("Red LAMP", ["red", "lamp"]),
        ("Crème brûlée", ["creme", "brulee"]),
        ("Ærø Łódź", ["aero", "lodz"]),
        ("Straße", ["strasse"]),
        ("DV7-1211EA", ["dv7", "1211ea", "dv71211ea"]),
        ("32GB", ["32", "gb", "32gb"]),
        ("rock'n'roll", ["rocknroll"]),
        ('15.6"', ["15", "6", "15·6", "inch"]),
        ("ＨＰ\u2122", ["hp"]),
        ("soft\u00adware", ["software"]),
        ("绿茶 Tea", ["绿", "茶", "tea"]),
        ("茶A4纸", ["茶", "a4", "纸"]),
        ("a·b", ["a", "b"]),
        ("a¶b", ["a", "b"]),
    ],
)
def test_words_are_folded_and_come_in_parts_and_whole(text: str, found: list[str]) -> None:
    assert words(text) == found


def test_no_word_is_longer_than_engines_keep() -> None:
    assert {len(word) for word in words("x" * 300)} == {64}


@pytest.mark.parametrize(
    ("word", "one"),
    [
        ("lamps", "lamp"),
        ("batteries", "battery"),
        ("boxes", "box"),
        ("watches", "watch"),
        ("mice", "mouse"),
        ("lens", "lens"),
        ("glass", "glass"),
        ("bus", "bus"),
        ("gps", "gps"),
        ("dv7s", "dv7s"),
        ("茶", "茶"),
    ],
)
def test_plural_and_singular_are_one_word(word: str, one: str) -> None:
    assert singular(word) == one
    assert singular(one) == one


@pytest.mark.parametrize(
    ("title", "key"),
    [
        ("  The  RED-lamp! ", "the red lamp"),
        ("Café 2.5", "cafe 2 5"),
        ("绿茶 (Tea)", "绿茶 tea"),
        ("!!!", ""),
    ],
)
def test_titles_sort_by_their_words(title: str, key: str) -> None:
    assert title_key(title) == key


def test_titles_sort_by_at_most_200_characters() -> None:
    assert len(title_key("word " * 100)) <= 200


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("AB-12/x.4", ["ab12x4"]),
        ("ab 12", ["ab12"]),
        ("0731304000174", ["0731304000174", "731304000174"]),
        ("000", ["000"]),
        ("--", []),
    ],
)
def test_codes_are_one_word_whatever_separates_them(code: str, found: list[str]) -> None:
    assert sorted(code_words(code)) == found
    assert not found or code_key(code) in found


def test_no_phrase_reaches_from_one_text_into_the_next() -> None:
    assert index_text(["Red lamps", "", "tea"]) == "red lamp ¶ tea"


@pytest.mark.parametrize(
    ("query", "phrases"),
    [
        ("red tables", [("red",), ("table",)]),
        ("cable for the tv", [("cable",), ("tv",)]),
        ("the of", [("the",), ("of",)]),
        ("绿茶", [("绿", "茶")]),
        ("tv-7", [("tv7",)]),
        ("laptop computers", [("laptop", "computer")]),
        ('" OR NEAR( * \\ : ^ AND', [("near",)]),
    ],
)
def test_query_asks_for_its_telling_words(query: str, phrases: list[tuple[str, ...]]) -> None:
    assert [term.phrases[0] for term in parse_query(query)] == phrases


def test_words_that_mean_the_same_stand_beside_what_was_written() -> None:
    (term,) = parse_query("notebooks")

    assert term.phrases[0] == ("notebook",)
    assert {("laptop",), ("laptop", "computer"), tuple("笔记本电脑")} <= set(term.phrases)


def test_neighbours_may_be_one_word() -> None:
    first, second = parse_query("ab cd")

    assert ("abcd",) in first.phrases
    assert ("abcd",) in second.phrases


def test_long_queries_are_cut() -> None:
    assert len(parse_query(" ".join(f"w{n}" for n in range(99)))) == QUERY_TERMS
    assert len(parse_query("x" * 199 + " y" * 9)) == 1


def test_readings_become_less_strict() -> None:
    strict, beginning, most = readings("red round table")

    assert (strict.needed, strict.by_prefix, strict.code) == (3, False, "redroundtable")
    assert (beginning.needed, beginning.by_prefix) == (3, True)
    assert (most.needed, most.by_prefix) == (2, False)
    assert readings("?!") == []
    assert [one.by_prefix for one in readings("ab")] == [False]


def test_long_han_phrase_may_be_several_words() -> None:
    strict, most = readings("无线耳机")

    assert [term.phrases for term in strict.terms] == [(tuple("无线耳机"),)]
    assert [term.phrases[0] for term in most.terms] == [("无", "线"), ("线", "耳"), ("耳", "机")]
    assert ("headphone",) in most.terms[2].phrases
    assert most.needed == 2

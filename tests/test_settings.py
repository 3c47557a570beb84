"""Settings: where they come from, and what is said of wrong ones."""

import os
from pathlib import Path

import pytest

from mallgraph import configuration
from mallgraph.configuration import Row, WrongSettings, load
from stores import health
from stores.settings import PREFIX, Profile


@pytest.fixture(autouse=True)
def _empty(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither variables nor a file."""
    for name in os.environ:
        if name.upper().startswith(PREFIX):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def rows() -> dict[str, Row]:
    return {row.variable.removeprefix(PREFIX): row for row in configuration.rows()}


def test_shop_without_settings_lies_in_files() -> None:
    settings = load()

    assert {name: health.kind(url) for name, url in health.urls(settings).items()} == {
        "relational": "sqlite",
        "documents": "sqlite",
        "search": "sqlite",
        "carts": "sqlite",
    }
    assert {row.origin for row in rows().values()} == {"default"}


def test_environment_goes_before_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("MALLGRAPH_PORT=1111\nMALLGRAPH_HOST=0.0.0.0\nOTHER_PROGRAM=x\n")
    monkeypatch.setenv("MALLGRAPH_PORT", "2222")
    settings = load()

    assert (settings.port, settings.host) == (2222, "0.0.0.0")
    assert [(rows()[name].value, rows()[name].origin) for name in ("PORT", "HOST")] == [
        ("2222", "environment"),
        ("0.0.0.0", ".env"),
    ]


def test_empty_variable_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MALLGRAPH_SQL_URL", "")

    assert load().sql_url is None
    assert rows()["SQL_URL"].origin == "default"


WRONG = {
    "no number": (
        "PORT",
        "abc",
        "PORT=abc (environment) is wrong: input should be a valid integer",
    ),
    "too large": ("PORT", "70000", "PORT=70000 (environment) is wrong: input should be less than"),
    "time": ("STORE_TIMEOUT_SECONDS", "0", "is wrong: input should be greater than 0"),
    "profile": ("PROFILE", "prod", "is wrong: input should be 'development' or 'production'"),
    "switch": ("GRAPHIQL", "perhaps", "is wrong: input should be a valid boolean"),
    "level": ("LOG_LEVEL", "loud", "must be one of debug, info, warning, error"),
    "format": ("LOG_FORMAT", "xml", "must be one of console, json"),
    "folder": ("DATA_DIR", "file", "must name a folder, and there is a file of this name"),
    "scheme": ("SQL_URL", "postgres://a:secret@b/c", "begins with postgres://, and must begin"),
    "no driver": ("SQL_URL", "mysql://a:secret@b/c", "one of mysql+asyncmy://, mysql+aiomysql://"),
    "no scheme": ("SQL_URL", "secret", "must be a URL that begins with one of mysql+asyncmy://"),
    "no host": ("SQL_URL", "mysql+asyncmy:///shop", "names no host"),
    "no database": ("SQL_URL", "mysql+asyncmy://a:secret@b", "names no database"),
    "no file": ("DOCUMENTS_URL", "sqlite+aiosqlite://", "names no database"),
    "bad port": ("SQL_URL", "mysql+asyncmy://a:secret@b:x/c", "has a port that is no number"),
    "bad brackets": ("SQL_URL", "mysql+asyncmy://a:secret@[b/c", "is no URL"),
    "replica": ("SQL_REPLICA_URL", "http://a:secret@b/c", "begins with http://"),
    "documents": ("DOCUMENTS_URL", "redis://a:secret@b", "must begin with one of mongodb://"),
    "search": ("SEARCH_URL", "elastic://a:secret@b", "must begin with one of http://, https://"),
    "carts": (
        "CARTS_URL",
        "mysql+asyncmy://a:secret@b/c",
        "one of redis://, rediss://, sqlite+aiosqlite://, or the word relational",
    ),
    "carts word": ("CARTS_URL", "secret", "sqlite+aiosqlite://, or the word relational"),
    "cart token": ("CART_TOKEN_KEY", "secret", "should have at least 32"),
    "cart days": ("CART_TOKEN_DAYS", "0", "should be greater than or equal to 1"),
    "pictures": ("MEDIA_URL", "/media", "must be a URL that begins with one of http://"),
    "keys": ("JWKS_URL", "file:///etc/passwd", "must begin with one of http://, https://"),
}


@pytest.mark.parametrize(("name", "value", "told"), WRONG.values(), ids=WRONG)
def test_wrong_setting_is_one_line_that_helps_and_keeps_secrets(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str
) -> None:
    Path("file").touch()
    monkeypatch.setenv(PREFIX + name, value)
    with pytest.raises(WrongSettings) as raised:
        load()

    (problem,) = raised.value.problems
    assert problem.startswith(PREFIX + name)
    assert told in problem
    assert ("secret" in problem, "\n" in problem) == (False, False)


def test_twin_that_hides_nothing_tells_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MALLGRAPH_SQL_URL", "postgres://a:secret@b/c")
    monkeypatch.setattr(configuration, "shown", lambda _name, value: value)

    assert "secret" in configuration.problems()[0]


@pytest.mark.parametrize("place", ["environment", ".env"])
def test_misspelt_setting_is_told_with_the_right_name(
    monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    if place == "environment":
        monkeypatch.setenv("MALLGRAPH_SQL_ULR", "x")
    else:
        Path(".env").write_text("MALLGRAPH_SQL_ULR=x")

    assert configuration.problems() == [
        f"MALLGRAPH_SQL_ULR ({place}) is no setting; is MALLGRAPH_SQL_URL meant?"
    ]


def test_variable_that_is_like_no_other_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MALLGRAPH_XYZZY", "x")

    assert configuration.problems() == [
        "MALLGRAPH_XYZZY (environment) is no setting; `mallgraph config` lists all there are."
    ]


def test_variables_of_the_tests_are_none_of_the_shop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MALLGRAPH_TEST_REQUIRE_SERVERS", "1")

    assert configuration.problems() == []


def test_all_problems_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PORT", "LOG_LEVEL", "NONSENSE"):
        monkeypatch.setenv(PREFIX + name, "x")

    assert len(configuration.problems()) == 3


def test_production_needs_an_identity_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MALLGRAPH_PROFILE", "production")
    (problem,) = configuration.problems()
    monkeypatch.setenv("MALLGRAPH_JWKS_URL", "https://login.example.com/jwks.json")

    assert problem.startswith("MALLGRAPH_JWKS_URL is needed in production")
    assert load().profile is Profile.PRODUCTION


@pytest.mark.parametrize(
    ("url", "shown", "address"),
    [
        (
            "mysql+asyncmy://root:p@ss@db:1/shop",
            "mysql+asyncmy://root:***@db:1/shop",
            "mysql+asyncmy://root:***@db:1/shop",
        ),
        (
            "mongodb://u:p@a,b/shop?authSource=p",
            "mongodb://u:***@a,b/shop?***",
            "mongodb://u:***@a,b/shop",
        ),
        (
            "http://search:9200/products",
            "http://search:9200/products",
            "http://search:9200/products",
        ),
        ("sqlite+aiosqlite:////data/s.db", "sqlite+aiosqlite:////data/s.db", "/data/s.db"),
        ("sqlite+aiosqlite:///data/s.db", "sqlite+aiosqlite:///data/s.db", "data/s.db"),
    ],
)
def test_url_is_shown_without_its_password(url: str, shown: str, address: str) -> None:
    assert (configuration.shown("sql_url", url), health.address(url)) == (shown, address)


def test_file_of_another_encoding_is_told() -> None:
    Path(".env").write_bytes(b"MALLGRAPH_PORT=1\xff\n")

    with pytest.raises(WrongSettings, match=r"\.env is not UTF-8 at byte 17; save the file so\."):
        load()


def test_carts_may_lie_in_the_relational_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MALLGRAPH_CARTS_URL", "relational")
    monkeypatch.setenv("MALLGRAPH_SQL_URL", "mysql+asyncmy://a:secret@b/c")
    monkeypatch.setenv("MALLGRAPH_CART_TOKEN_KEY", "secret" * 6)
    settings = load()

    assert health.kind(settings.carts()) == "mysql"
    assert [rows()[name].value for name in ("CARTS_URL", "CART_TOKEN_KEY")] == ["relational", "***"]


def test_metrics_are_told_in_development_only_unless_set_and_their_token_is_hidden(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MALLGRAPH_METRICS_TOKEN", "secret" * 3)
    assert (load().tells_metrics(), rows()["METRICS_TOKEN"].value) == (True, "***")

    monkeypatch.setenv("MALLGRAPH_PROFILE", "production")
    monkeypatch.setenv("MALLGRAPH_JWKS_URL", "https://login.example.com/jwks.json")
    assert not load().tells_metrics()
    monkeypatch.setenv("MALLGRAPH_METRICS", "true")
    assert load().tells_metrics()

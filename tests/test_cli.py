"""The command line, as a stranger uses it: in a process of its own where that is told apart."""

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Generator
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

import jwt
import pytest

from mallgraph import cli
from mallgraph.cli import COMMANDS
from tests.servers import free_port

#: Each test runs the command as a process.
pytestmark = pytest.mark.slow

MALLGRAPH = Path(sys.executable).with_name("mallgraph")
READY_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Done:
    """What a command said, and how it ended."""

    returncode: int | str | None
    stdout: str
    stderr: str


class Shell:
    """A folder to run commands in; nothing of the tests' environment reaches them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        # This checkout, even if another one is installed.
        here = str(Path(__file__).parents[1])
        self.environment = {**kept, "PYTHONPATH": here, "COLUMNS": "200", "NO_COLOR": "1"}

    def run(self, *words: str, **variables: str) -> Done:
        """Run a command within this process, as importing the shop takes longer than most do."""
        out, err = StringIO(), StringIO()
        with (
            patch.dict(os.environ, self.environment | variables, clear=True),
            patch.object(sys, "argv", ["mallgraph", *words]),
            chdir(self.folder),
            redirect_stdout(out),
            redirect_stderr(err),
        ):
            try:
                cli.main()
            except SystemExit as exit_:
                return Done(exit_.code or 0, out.getvalue(), err.getvalue())
        return Done(0, out.getvalue(), err.getvalue())

    def apart(self, *words: str, **variables: str) -> Done:
        """Run a command in a process of its own."""
        done = subprocess.run(
            [MALLGRAPH, *words],
            cwd=self.folder,
            env=self.environment | variables,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def ok(self, *words: str, **variables: str) -> str:
        done = self.run(*words, **variables)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def refused(self, code: int, *words: str, **variables: str) -> str:
        """Return what a command says that must fail, without a stack trace."""
        # A server listens to signals, and would stop the tests.
        run = self.apart if words[0] == "serve" else self.run
        done = run(*words, **variables)
        assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr + done.stdout
        return done.stderr

    @contextmanager
    def serve(self, *words: str, **variables: str) -> Generator[tuple[str, Path]]:
        """Yield the address of a running server, and its log."""
        port, log = free_port(), self.folder / "log.txt"
        with log.open("w") as file:
            process = subprocess.Popen(
                [MALLGRAPH, "serve", "--port", str(port), *words],
                cwd=self.folder,
                env=self.environment | variables,
                stderr=file,
                stdout=file,
            )
            try:
                _wait(f"http://127.0.0.1:{port}/healthz", process, log)
                yield f"http://127.0.0.1:{port}", log
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait(20)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        assert process.poll() is None, log.read_text()
        try:
            urllib.request.urlopen(url, timeout=1).close()
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.02)
        else:
            return
    raise TimeoutError(log.read_text())


def ask(address: str, query: str, token: str | None = None) -> dict[str, Any]:
    headers = {"content-type": "application/json"}
    if token:
        headers["authorization"] = f"Bearer {token}"
    body = json.dumps({"query": query}).encode()
    request = urllib.request.Request(f"{address}/graphql", body, headers)
    with urllib.request.urlopen(request, timeout=5) as answer:
        told: dict[str, Any] = json.load(answer)
    return told


def test_help_lists_every_command(shell: Shell) -> None:
    done = shell.apart("--help")

    assert (done.returncode, done.stderr) == (0, "")
    assert [
        name for name in COMMANDS if not re.search(rf"^│ {name} ", done.stdout, re.MULTILINE)
    ] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself_even_with_wrong_settings(shell: Shell, name: str) -> None:
    text = shell.ok(name, "--help", MALLGRAPH_PORT="abc")

    assert f"Usage: mallgraph {name}" in text


def test_misspelt_command_is_told_the_right_one(shell: Shell) -> None:
    assert "Did you mean 'token'?" in shell.refused(2, "tokn")


@pytest.mark.parametrize("command", [["serve"], ["token", "--role", "owner"], ["migrate"]])
def test_wrong_setting_ends_a_command_with_one_line(shell: Shell, command: list[str]) -> None:
    told = shell.refused(2, *command, MALLGRAPH_SQL_URL="postgres://a:secret@b/c")

    assert told.startswith("MALLGRAPH_SQL_URL=postgres://a:***@b/c (environment) begins with")
    assert told.count("\n") == 1


def test_settings_are_listed_without_passwords(shell: Shell) -> None:
    text = shell.ok("config", MALLGRAPH_SQL_URL="mysql+asyncmy://root:secret@db/shop")

    assert (
        "MALLGRAPH_SQL_URL=mysql+asyncmy://root:***@db/shop (environment)\n    Relational" in text
    )
    assert "MALLGRAPH_CARTS_URL is not set\n    Carts:" in text
    assert "secret" not in text


def test_settings_are_checked(shell: Shell) -> None:
    assert shell.ok("config", "--check") == "All settings are right.\n"
    assert "MALLGRAPH_PORT=abc" in shell.refused(1, "config", "--check", MALLGRAPH_PORT="abc")


def test_token_alone_is_on_stdout(shell: Shell) -> None:
    done = shell.apart("token", "--role", "owner", "--minutes", "5")
    told = jwt.decode(done.stdout.strip(), options={"verify_signature": False})

    assert (done.stdout.count("\n"), done.stderr) == (1, "The user owner has the role owner now.\n")
    assert told["exp"] - told["iat"] == 300
    assert (told["iss"], told["aud"], told["sub"]) == ("mallgraph", "mallgraph", "owner")


def test_merchant_works_for_the_first_or_the_named_one(shell: Shell) -> None:
    assert "run `mallgraph seed`" in shell.refused(1, "token", "--role", "merchant")
    shell.ok("seed")

    assert "works for Harbour Goods." in shell.run("token", "--role", "merchant").stderr
    named = shell.run("token", "--role", "merchant", "--merchant", "山茶杂货")
    assert "works for 山茶杂货." in named.stderr
    unknown = shell.refused(1, "token", "--role", "merchant", "--merchant", "Nobody")
    assert unknown == "There is no merchant Nobody; there are: Harbour Goods, 山茶杂货.\n"


def test_file_that_is_no_database_is_told_in_a_sentence(shell: Shell) -> None:
    (shell.folder / "broken.db").write_text("This is no database. " * 100)
    url = "sqlite+aiosqlite:///broken.db"

    told = shell.refused(1, "migrate", MALLGRAPH_SQL_URL=url)
    assert "The relational store does not answer" in told
    assert "It says: file is not a database." in told


@pytest.mark.server
def test_database_that_refuses_is_told_in_a_sentence(shell: Shell, mariadb_url: str) -> None:
    wrong = mariadb_url.replace("://root", "://nobody:wrong")
    for url, said in ((f"{wrong}/shop", "Access denied"), (f"{mariadb_url}/nowhere", "Unknown")):
        told = shell.refused(1, "migrate", MALLGRAPH_SQL_URL=url)
        assert "The relational store does not answer" in told
        assert f"It says: {said}" in told


def test_unknown_role_is_refused(shell: Shell) -> None:
    assert "admin is none of shopper, merchant, owner" in shell.refused(
        2, "token", "--role", "admin"
    )


@pytest.mark.parametrize("name", ["", " a", "a\nb", "\udcff"])
def test_name_that_no_token_may_have_is_refused(shell: Shell, name: str) -> None:
    told = shell.refused(2, "token", "--role", "owner", "--sub", name)

    assert "A name has 1 to 255 printable characters" in told


def test_with_a_provider_only_roles_are_given(shell: Shell) -> None:
    keys = {"MALLGRAPH_JWKS_URL": "https://login.example.com/jwks.json"}
    told = shell.refused(1, "token", "--role", "owner", **keys)
    done = shell.run("token", "--role", "owner", "--sub", "auth0|7", **keys)

    assert told == "Tokens come from the identity provider; name its user with --sub.\n"
    told = "The user auth0|7 has the role owner now.\n"
    assert (done.returncode, done.stdout, done.stderr) == (0, "", told)
    assert not (shell.folder / ".mallgraph/issuer.pem").exists()


def test_stranger_runs_the_demo(shell: Shell) -> None:
    with shell.serve("--demo") as (address, log):
        token = shell.ok("token", "--role", "owner").strip()
        page = ask(address, "{ products(first: 1) { nodes { title } } }")
        me = ask(address, "{ me { roles } }", token)
        banner = log.read_text()

    assert len(page["data"]["products"]["nodes"]) == 1
    assert me["data"] == {"me": {"roles": ["OWNER"]}}
    assert f"{address}/graphql" in banner
    assert f"TOKEN=$({MALLGRAPH} token --role shopper)" in banner
    assert "sqlite .mallgraph/shop.db" in banner
    assert str(shell.folder / ".mallgraph") in banner


def test_second_start_finds_everything_as_it_was(shell: Shell) -> None:
    query = "{ me { id } products(first: 3) { totalCount nodes { id version updatedAt } } }"
    with shell.serve("--demo") as (address, _):
        token = shell.ok("token", "--role", "owner").strip()
        before = ask(address, query, token)
    with shell.serve("--demo") as (address, _):
        assert ask(address, query, token) == before

    assert before["data"]["products"]["totalCount"] > 0


HEAVY = ("elasticsearch", "pymongo", "alembic", "asyncmy", "aiomysql", "redis")


def test_serving_from_files_imports_nothing_heavy(shell: Shell) -> None:
    program = (
        "import sys, mallgraph.cli.serve, stores.specs_sqlite, stores.search_sqlite\n"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout == "[]\n"


def test_port_in_use_is_one_sentence(shell: Shell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        told = shell.refused(1, "serve", "--port", str(port))

    assert told == (
        f"Port {port} of 127.0.0.1 is in use already; "
        "choose another with --port, or 0 for any free one.\n"
    )


def test_host_that_is_not_here_is_one_sentence(shell: Shell) -> None:
    told = shell.refused(1, "serve", "--host", "192.0.2.1", "--port", "0")

    assert told == "Cannot listen on 192.0.2.1 port 0: Cannot assign requested address.\n"


def test_shop_in_files_has_one_worker(shell: Shell) -> None:
    with shell.serve("--workers", "4") as (address, log):
        assert ask(address, "{ __typename }")
        banner = log.read_text()

    assert banner.startswith("One worker, not 4: relational, documents, search, carts lie in")


def test_log_is_json_if_wished(shell: Shell) -> None:
    with shell.serve(MALLGRAPH_LOG_FORMAT="json") as (address, log):
        ask(address, "query Kind { __typename }")
        # It is written when the answer has gone.
        ends_at = time.monotonic() + 5
        while not (found := _json_lines(log)) and time.monotonic() < ends_at:
            time.sleep(0.02)

    (line,) = found
    assert {"event": "request", "operation": "Kind", "status": 200}.items() <= line.items()
    assert re.fullmatch("[0-9a-f]{32}", line["request_id"])


def _json_lines(log: Path) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in log.read_text().splitlines() if line[:1] == "{"]
    return [line for line in lines if line.get("path") == "/graphql"]


def test_server_does_not_say_what_it_is(shell: Shell) -> None:
    with shell.serve() as (address, _), urllib.request.urlopen(f"{address}/healthz") as answer:
        assert "server" not in answer.headers


def test_server_on_another_release_refuses_until_migrated(shell: Shell, mariadb_shop: str) -> None:
    told = shell.refused(1, "serve", MALLGRAPH_SQL_URL=mariadb_shop)
    shell.ok("migrate", MALLGRAPH_SQL_URL=mariadb_shop)

    assert told == "The tables are not those of this release: run `mallgraph migrate` first.\n"
    with shell.serve(MALLGRAPH_SQL_URL=mariadb_shop) as (address, _):
        with urllib.request.urlopen(f"{address}/readyz") as answer:
            told_kind = json.load(answer)["stores"]["relational"]["kind"]
        assert told_kind == "mariadb"


@pytest.fixture
def mariadb_shop(request: pytest.FixtureRequest) -> Generator[str]:
    """The URL of an empty database."""
    import asyncio  # noqa: PLC0415

    from tests.conftest import create_database, drop_database, unique  # noqa: PLC0415

    server, name = request.getfixturevalue("mariadb_url"), unique("cli")
    yield asyncio.run(create_database(server, name))
    asyncio.run(drop_database(server, name))


def test_files_have_no_grants(shell: Shell) -> None:
    told = shell.refused(2, "grants", "ann")
    both = shell.refused(2, "grants", "ann", MALLGRAPH_ACCOUNTS_URL="sqlite+aiosqlite:///a.db")

    assert told == both == "SQLite has no grants: whoever may write the file may do anything.\n"


def test_grants_are_told_for_the_database_that_is_no_file(shell: Shell, mariadb_shop: str) -> None:
    shell.ok("migrate", MALLGRAPH_SQL_URL=mariadb_shop)
    file = "sqlite+aiosqlite:///a.db"
    shop = {"MALLGRAPH_SQL_URL": mariadb_shop, "MALLGRAPH_ACCOUNTS_URL": file}
    ledger = {"MALLGRAPH_SQL_URL": file, "MALLGRAPH_ACCOUNTS_URL": mariadb_shop}
    of_shop, of_ledger = [shell.run("grants", "ann@host", **one) for one in (shop, ledger)]

    assert (of_shop.returncode, of_ledger.returncode) == (0, 0)
    assert of_shop.stdout == of_ledger.stdout
    assert "`ledger_entries` TO 'ann'@'host';\n" in of_shop.stdout
    said = "{} lies in SQLite, which has no grants; nothing is needed there.\n"
    told = said.format("The ledger"), said.format("The shop")
    assert (of_shop.stderr, of_ledger.stderr) == told


def test_store_that_is_away_is_one_sentence(shell: Shell) -> None:
    url = f"mysql+asyncmy://root:secret@127.0.0.1:{free_port()}/shop"
    told = shell.refused(1, "migrate", MALLGRAPH_SQL_URL=url)

    assert told == "The relational store does not answer; try again in a moment.\n"


def test_server_starts_while_the_relational_store_is_away(shell: Shell) -> None:
    url = f"mysql+asyncmy://root:secret@127.0.0.1:{free_port()}/shop"
    with shell.serve(MALLGRAPH_SQL_URL=url) as (address, log):
        told = ask(address, "{ me { id } }")
        banner = log.read_text()

    assert told["errors"][0]["extensions"] == {"code": "STORE_UNAVAILABLE", "retryAfterMs": 1_000}
    assert "The server starts all the same" in banner
    assert "secret" not in banner


def test_migration_can_be_taken_back(shell: Shell) -> None:
    assert "is at revision 0001" in shell.ok("migrate", "--to", "0001")
    assert "Say how far back" in shell.refused(1, "migrate", "--down")
    assert "is at revision base" in shell.ok("migrate", "--down", "--to", "base")
    assert "9999" in shell.refused(1, "migrate", "--to", "9999")
    assert "is at revision" in shell.ok("migrate", "--currency", "JPY")
    with sqlite3.connect(shell.folder / ".mallgraph/shop.db") as database:
        assert database.execute("SELECT currency_code FROM shops").fetchall() == [("JPY",)]
    database.close()


@pytest.mark.parametrize("currency", ["XXXX", "eur", "XAU"])
def test_currency_that_prices_cannot_have_is_refused(shell: Shell, currency: str) -> None:
    told = shell.refused(2, "migrate", "--currency", currency)

    assert f"{currency} is no currency by ISO 4217" in told
    assert not (shell.folder / ".mallgraph").exists()


def test_schema_is_printed_and_kept(shell: Shell) -> None:
    text = shell.ok("schema")
    missing = shell.refused(1, "schema", "--check")
    shell.ok("schema", "--write")

    assert (shell.folder / "schema.graphql").read_text() == text
    assert missing == "schema.graphql is missing: run `mallgraph schema --write`.\n"
    assert shell.ok("schema", "--check") == "schema.graphql is the schema.\n"


def _with_a_field(text: str) -> str:
    return text.replace("type Query {", "type Query {\n  gone: Int\n", 1)


def _with_a_value_less(text: str) -> str:
    return text.replace('  """Only the user who asked."""\n  PRIVATE\n', "", 1)


def _with_another_text(text: str) -> str:
    return text.replace("Only the user who asked.", "Nobody else.", 1)


@pytest.mark.parametrize(
    ("change", "told", "is_breaking"),
    [
        (_with_a_field, "breaking: Field Query.gone was removed.", True),
        (_with_a_value_less, "dangerous: ", False),
        (_with_another_text, '+  """Only the user who asked."""', False),
    ],
)
def test_schema_that_breaks_clients_is_written_only_if_that_is_meant(
    shell: Shell, change: Callable[[str], str], told: str, *, is_breaking: bool
) -> None:
    path, now = shell.folder / "schema.graphql", shell.ok("schema")
    path.write_text(change(now))
    checked, written = shell.run("schema", "--check"), shell.run("schema", "--write")

    assert (checked.returncode, told in checked.stdout) == (1, True), checked.stdout
    assert written.returncode == (1 if is_breaking else 0)
    assert (path.read_text() == now) is not is_breaking
    shell.ok("schema", "--write", "--allow-breaking")
    assert path.read_text() == now


def test_file_that_is_no_schema_is_one_sentence(shell: Shell) -> None:
    (shell.folder / "schema.graphql").write_text("nonsense")

    assert "schema.graphql is no schema" in shell.refused(1, "schema", "--check")


def test_path_that_cannot_be_written_is_one_sentence(shell: Shell) -> None:
    told = shell.refused(1, "schema", "--write", "--file", "no/such/folder")

    assert told == "no/such/folder: No such file or directory\n"

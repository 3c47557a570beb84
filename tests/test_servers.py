import json
import os
import signal
import subprocess
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import create_async_engine
from typer.testing import CliRunner, Result

from mallgraph import servers as control
from mallgraph.cli.servers import app
from mallgraph.servers import apt_sid, commands, install, process, settings, state
from mallgraph.servers.state import Entry
from tests import servers


def call(*words: str | Path) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def entry(name: str = "redis", pid: int | None = None, started: str = "once") -> Entry:
    return Entry(name, pid, started, 1234, control.SERVERS[name].url(1234), "7.0")


@pytest.fixture
def folder(tmp_path: Path) -> Generator[Path]:
    """A folder of servers that are stopped whatever a test did."""
    yield tmp_path / "servers"
    assert call("down", "--dir", tmp_path / "servers").exit_code == 0


@pytest.fixture
def stranger() -> Generator[subprocess.Popen[bytes]]:
    """A process that is none of ours."""
    with subprocess.Popen(["sleep", "60"]) as process:
        yield process
        process.kill()


def pid_of(name: str, folder: Path) -> int:
    return int(json.loads((folder / "state.json").read_text())[name]["pid"])


def state_of(name: str, folder: Path) -> str:
    (row,) = json.loads(call("status", name, "--json", "--dir", folder).stdout)
    return str(row["state"])


def need(name: str) -> None:
    if not control.SERVERS[name].find(control.cache_folder()):
        servers.missing(name, "no binary.")


@pytest.mark.server
async def test_redis_keeps_its_data_after_kill_and_up(folder: Path) -> None:
    need("redis")
    assert call("up", "redis", "--no-install", "--dir", folder).exit_code == 0
    url = control.read(folder)["redis"].url
    async with Redis.from_url(url) as client:
        await client.set("cart", "full")
    os.kill(pid_of("redis", folder), signal.SIGKILL)
    assert process.wait_for(lambda: state_of("redis", folder) == "stopped", 5)
    assert call("up", "redis", "--dir", folder).exit_code == 0
    assert control.read(folder)["redis"].url == url
    async with Redis.from_url(url) as client:
        assert await client.get("cart") == b"full"


@pytest.mark.server
def test_second_up_changes_nothing(folder: Path) -> None:
    need("redis")
    call("up", "redis", "--no-install", "--dir", folder)
    before = (folder / "state.json").read_text()
    again = call("up", "redis", "--dir", folder)
    assert (again.exit_code, "was running already" in again.stderr) == (0, True)
    assert (folder / "state.json").read_text() == before
    assert state_of("redis", folder) == "running"


@pytest.mark.server
async def test_mariadb_keeps_its_data_after_kill_and_up(folder: Path, tmp_path: Path) -> None:
    need("mariadb")
    env = tmp_path / ".env"
    up: list[str | Path] = ["up", "mariadb", "--no-install", "--dir", folder, "--env", env]
    assert call(*up).exit_code == 0
    url = f"{control.read(folder)['mariadb'].url}/shop"
    assert env.read_text() == f"MALLGRAPH_SQL_URL={url}\n"
    await sql(url, "CREATE TABLE kept (n INT)", "INSERT INTO kept VALUES (7)")
    os.kill(pid_of("mariadb", folder), signal.SIGKILL)
    assert process.wait_for(lambda: state_of("mariadb", folder) == "stopped", 5)
    assert call(*up).exit_code == 0
    assert await sql(url, "SELECT n, @@binlog_format, @@character_set_database FROM kept") == [
        (7, "ROW", "utf8mb4")
    ]


async def sql(url: str, *statements: str) -> list[tuple[object, ...]]:
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        results = [await connection.exec_driver_sql(statement) for statement in statements]
        rows = [tuple(row) for row in results[-1]] if results[-1].returns_rows else []
    await engine.dispose()
    return rows


@pytest.mark.server
def test_one_that_fails_shows_its_log_and_does_not_hinder_the_others(folder: Path) -> None:
    need("redis")
    need("mariadb")
    (folder / "mariadb/data").mkdir(parents=True)
    result = call("up", "redis", "mariadb", "--no-install", "--dir", folder)
    assert result.exit_code == 1
    assert "mariadb: It ended while it started." in result.stderr
    assert "Aborting" in result.stderr
    assert state_of("redis", folder) == "running"
    assert state_of("mariadb", folder) == "stopped"


@pytest.mark.server
def test_private_server_ends_with_its_test(tmp_path: Path) -> None:
    with servers.private("redis", tmp_path) as private:
        assert private.running
    assert not private.running


def test_down_spares_a_stranger_with_our_pid(
    folder: Path, stranger: subprocess.Popen[bytes]
) -> None:
    folder.mkdir()
    state.remember(folder, entry(pid=stranger.pid))
    result = call("down", "redis", "--dir", folder)
    assert "was not running" in result.stderr
    assert stranger.poll() is None


def test_without_the_mark_the_stranger_would_die(
    folder: Path, stranger: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.mkdir()
    state.remember(folder, entry(pid=stranger.pid))
    alive = process.started
    monkeypatch.setattr(process, "is_same", lambda pid, _mark: alive(pid) is not None)
    call("down", "redis", "--dir", folder)
    assert process.started(stranger.pid) is None


def test_unknown_server_is_refused_by_name(folder: Path) -> None:
    result = call("up", "oracle", "--dir", folder)
    assert result.exit_code == 2
    assert "oracle is none of mariadb" in result.stderr


def test_missing_server_is_not_installed_against_ones_will(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(install, "on_path", lambda _name: None)
    result = call("up", "redis", "--no-install", "--dir", folder)
    assert (result.exit_code, "redis is not installed." in result.stderr) == (1, True)
    assert state_of("redis", folder) == "not installed"


def test_damaged_state_is_told(tmp_path: Path) -> None:
    for text in ("{", "[]", '{"redis": {"pid": 1}}'):
        (tmp_path / "state.json").write_text(text)
        result = call("status", "--dir", tmp_path)
        assert (result.exit_code, "is damaged" in result.stderr) == (1, True)


def test_mysql_beside_mariadb_is_a_comment() -> None:
    mark = process.started(os.getpid()) or ""
    names = ["redis", "mysql", "mariadb", "mongodb", "elasticsearch"]
    entries = [entry(name, os.getpid(), mark) for name in names]
    assert settings.lines([*entries, entry("mariadb")][:-1]) == [
        "MALLGRAPH_SQL_URL=mysql+asyncmy://root@127.0.0.1:1234/shop",
        "# MALLGRAPH_SQL_URL=mysql+asyncmy://root@127.0.0.1:1234/shop",
        "MALLGRAPH_DOCUMENTS_URL=mongodb://127.0.0.1:1234/shop?replicaSet=rs0",
        "MALLGRAPH_SEARCH_URL=http://127.0.0.1:1234/mallgraph",
        "MALLGRAPH_CARTS_URL=redis://127.0.0.1:1234/0",
    ]
    assert settings.lines(entries[1:2]) == [
        "MALLGRAPH_SQL_URL=mysql+asyncmy://root@127.0.0.1:1234/shop"
    ]


def test_interrupted_installation_leaves_nothing(tmp_path: Path) -> None:
    def fill(tree: Path) -> None:
        (tree / "half").touch()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        install.whole(tmp_path / "server", fill)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_failed_command_is_tried_again_and_tells_its_last_words() -> None:
    steps: list[str] = []
    with pytest.raises(commands.ServerError, match="no network"):
        commands.run(["sh", "-c", "echo no network; exit 3"], steps.append, attempts=2)
    assert steps == ["no network", "trying again (2 of 2)", "no network"]


def test_sid_is_read_from_where_this_release_comes_from() -> None:
    stanza = "Types: deb\nURIs: mirror:/here\nSuites: bookworm bookworm-updates\nComponents: main"
    text = f"# Ours\n{stanza}\n\n{stanza.replace('bookworm', 'bookworm-security')}\n"
    assert list(apt_sid.stanzas(text, "bookworm")) == [
        "Types: deb\nURIs: mirror:/here\nSuites: sid\nComponents: main"
    ]
    assert list(apt_sid.stanzas(f"Enabled: no\n{stanza}", "bookworm")) == []
    lines = "deb [trusted=yes] mirror:/here bookworm main contrib\ndeb mirror:/b other main\n"
    assert list(apt_sid.one_line(lines, "bookworm")) == ["deb [trusted=yes] mirror:/here sid main"]


def test_url_in_the_environment_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MALLGRAPH_TEST_REDIS_URL", "redis://elsewhere")
    assert servers.url("redis", tmp_path / "ours") == "redis://elsewhere"


def test_running_server_of_the_checkout_comes_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MALLGRAPH_TEST_REDIS_URL", raising=False)
    monkeypatch.setattr(servers, "RUNNING", tmp_path)
    state.remember(tmp_path, entry("redis", os.getpid(), process.started(os.getpid()) or ""))
    assert servers.url("redis", tmp_path / "ours") == "redis://127.0.0.1:1234"


def test_missing_server_skips_unless_servers_are_required(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MALLGRAPH_TEST_REDIS_URL", raising=False)
    monkeypatch.setattr(servers, "RUNNING", tmp_path)
    monkeypatch.setattr(install, "on_path", lambda _name: None)
    for required, outcome in (("", pytest.skip.Exception), ("1", pytest.fail.Exception)):
        monkeypatch.setenv("MALLGRAPH_TEST_REQUIRE_SERVERS", required)
        with pytest.raises(outcome, match="redis is missing"):
            servers.url("redis", tmp_path / "ours")


@pytest.mark.server
def test_server_of_a_run_is_shared_until_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MALLGRAPH_TEST_REDIS_URL", raising=False)
    monkeypatch.setattr(servers, "RUNNING", tmp_path / "nothing")
    with ThreadPoolExecutor() as pool:
        first, second = pool.map(lambda _: servers.url("redis", tmp_path / "ours"), range(2))

    assert first == second
    servers.stop_all(tmp_path / "ours")
    assert not state.read(tmp_path / "ours")["redis"].running

"""Elasticsearch, which finds products: the small distribution that is a Maven artifact."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from mallgraph.servers import install as get
from mallgraph.servers import process
from mallgraph.servers.commands import ServerError, Tell, run

VERSION = "8.19.21"
_ARTIFACT = f"org.elasticsearch.distribution.integ-test-zip:elasticsearch:{VERSION}:zip"
_COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy"
_JAVA = 17
_START_SECONDS = 120
_FOLDERS = ("config", "data", "logs", "tmp", "run")
_OPTIONS = """\
discovery.type: single-node
network.host: 127.0.0.1
http.port: {port}
transport.port: {transport}
path.data: {folder}/data
path.logs: {folder}/logs
xpack.security.enabled: false
# A full disk of a developer is no reason to refuse writes.
cluster.routing.allocation.disk.threshold_enabled: false
action.destructive_requires_name: false
"""


def find(cache: Path) -> Path | None:
    """Ours: the distribution's start script; a packaged one has a service's configuration."""
    ours = cache / f"elasticsearch-{VERSION}/bin/elasticsearch"
    return ours if ours.exists() and java() else None


def install(cache: Path, tell: Tell) -> None:
    """Download the distribution with Maven; Java and Maven are installed when missing."""
    if not java():
        get.apt_install(["default-jre-headless"], tell)
    if not java():
        raise ServerError(f"Elasticsearch needs Java {_JAVA} or newer; install one.")
    if not get.on_path("mvn"):
        get.apt_install(["maven"], tell)
    target = cache / f"elasticsearch-{VERSION}"
    if not target.exists():
        get.whole(target, lambda tree: _fetch(tree, tell))


def start(binary: Path, folder: Path, port: int) -> int:
    """Start it, wait until it has left its start script, and return its pid."""
    home = _usable(binary.parents[1], folder)
    _lay(home, folder, port)
    command = [
        *_as_nobody(folder),
        str(home / "bin/elasticsearch"),
        "--daemonize",
        "--pidfile",
        str(folder / "run/pid"),
    ]
    launcher = process.spawn(command, folder / "server.log", _environment(folder))
    mark = process.started(launcher) or ""
    if not process.wait_for(lambda: not process.is_same(launcher, mark), _START_SECONDS):
        process.stop(launcher, mark)
    try:
        return int((folder / "run/pid").read_text())
    except (FileNotFoundError, ValueError) as error:
        raise ServerError("It ended while it started.") from error


def ready(port: int) -> bool:
    """Whether it can take an index and answer searches."""
    path = "/_cluster/health?wait_for_status=yellow&timeout=1s"
    request = f"GET {path} HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n"
    return b" 200 " in process.exchange(port, request.encode()).partition(b"\r\n")[0]


def url(port: int) -> str:
    """Where it is, without an index."""
    return f"http://127.0.0.1:{port}"


def java() -> Path | None:
    """The folder of the first Java that is new enough, the one on the PATH before others."""
    return next((home for home in _homes() if _java_version(home) >= _JAVA), None)


def _homes() -> Iterator[Path]:
    if found := shutil.which("java"):
        yield Path(found).resolve().parents[1]
    yield from sorted(Path("/usr/lib/jvm").glob("*"))


def _java_version(home: Path) -> int:
    """The first number of a Java's version, 0 if there is none or it is older than Java 9."""
    try:
        said = run([str(home / "bin/java"), "-version"])
    except ServerError:
        return 0
    found = re.search(r'version "(\d+)', said)
    return int(found[1]) if found else 0


def _fetch(tree: Path, tell: Tell) -> None:
    downloads = tree.with_name("downloads")
    tell("downloading 107 MB")
    options = [f"-Dartifact={_ARTIFACT}", f"-DoutputDirectory={downloads}"]
    # Maven's own cache would keep a second copy of the archive.
    options.append(f"-Dmaven.repo.local={tree.with_name('maven')}")
    run(["mvn", "-B", _COPY, *options], tell, attempts=get.ATTEMPTS)
    tell("unpacking")
    shutil.unpack_archive(next(downloads.glob("*.zip")), downloads)
    _move(downloads / f"elasticsearch-{VERSION}", tree)


def _move(unpacked: Path, tree: Path) -> None:
    tree.rmdir()
    unpacked.rename(tree)
    # The archive's modes were lost in unpacking.
    for program in (tree / "bin").iterdir():
        program.chmod(0o755)


def _lay(home: Path, folder: Path, port: int) -> None:
    """Make the server's folders and its configuration, without the pid of an earlier run."""
    for name in _FOLDERS:
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "run/pid").unlink(missing_ok=True)
    shutil.copytree(home / "config", folder / "config", dirs_exist_ok=True)
    transport = process.free_port()
    options = _OPTIONS.format(port=port, transport=transport, folder=folder)
    (folder / "config/elasticsearch.yml").write_text(options)


def _as_nobody(folder: Path) -> list[str]:
    """The words before the command when we are root, whom Elasticsearch refuses."""
    if os.getuid() != 0:
        return []
    import pwd  # noqa: PLC0415 - The command line must load on Windows, too.

    if not _open_to_all(folder):
        raise ServerError(f"It refuses root, and nobody else may enter {folder}: set --dir.")
    nobody = pwd.getpwnam("nobody")
    own = [str(folder / name) for name in _FOLDERS]
    run(["chown", "-R", f"{nobody.pw_uid}:{nobody.pw_gid}", *own])
    return ["setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups"]


def _usable(home: Path, folder: Path) -> Path:
    """The distribution, for root linked into `folder` if its cache is closed to others."""
    if os.getuid() != 0 or _open_to_all(home):
        return home
    near = folder / home.name
    if not near.exists():
        get.whole(near, lambda tree: _link_all(home, tree))
    return near


def _link_all(home: Path, tree: Path) -> None:
    shutil.copytree(home, tree, dirs_exist_ok=True, copy_function=_link)


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        # Another file system knows no links to this one.
        shutil.copy2(source, target)


def _open_to_all(path: Path) -> bool:
    return all(parent.stat().st_mode & 0o001 for parent in path.resolve().parents)


def _environment(folder: Path) -> dict[str, str]:
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "ES_JAVA_HOME": str(java()),
        "ES_PATH_CONF": str(folder / "config"),
        "ES_TMPDIR": str(folder / "tmp"),
        "ES_JAVA_OPTS": "-Xms512m -Xmx512m",
    }

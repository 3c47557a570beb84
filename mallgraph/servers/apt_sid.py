"""Packages of Debian's sid, unpacked into a folder by a private configuration of apt."""

import platform
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from mallgraph.servers.commands import ServerError, Tell, run
from mallgraph.servers.install import ATTEMPTS

_ETC = Path("/etc/apt")
# perl is wanted by scripts that are not used, and is a third of the whole.
_UNUSED = ("perl", "libperl")


def unpack(packages: Sequence[str], tree: Path, tell: Tell) -> None:
    """Download packages with all they depend on and unpack them into `tree`.

    The system's own packages are neither used nor changed, and no rights are needed.
    """
    work = tree.with_name("apt")
    apt = ["env", f"APT_CONFIG={_configure(work)}", "apt-get", "-q", "-y"]
    tell("reading sid's list of packages")
    run([*apt, "update"], tell, attempts=ATTEMPTS)
    fetch = [*apt, "--no-install-recommends", "--download-only", "install", *packages]
    run(fetch, tell, attempts=ATTEMPTS)
    for archive in sorted((work / "cache/archives").glob("*.deb")):
        if not archive.name.startswith(_UNUSED):
            tell(f"unpacking {archive.name.partition('_')[0]}")
            run(["dpkg-deb", "-x", str(archive), str(tree)])


def one_line(text: str, codename: str) -> Iterator[str]:
    """The lines of a sources.list that name this release, for sid instead."""
    for line in text.splitlines():
        words = line.split("#", 1)[0].split()
        if codename in words and words[0] == "deb":
            before = words[: words.index(codename)]
            yield " ".join([*before, "sid", "main"])


def stanzas(text: str, codename: str) -> Iterator[str]:
    """The stanzas of a .sources file that name this release, for sid instead."""
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    for stanza in "\n".join(line.rstrip() for line in lines).split("\n\n"):
        kept = stanza.strip().splitlines()
        suites = next((line.split()[1:] for line in kept if _is(line, "Suites")), [])
        off = any(_is(line, "Enabled") and line.split()[-1] == "no" for line in kept)
        if codename in suites and not off:
            yield "\n".join(map(_for_sid, kept))


def _is(line: str, field: str) -> bool:
    return line.lower().startswith(f"{field.lower()}:")


def _for_sid(line: str) -> str:
    wanted = {"Types": "deb", "Suites": "sid", "Components": "main"}
    changed = (f"{field}: {value}" for field, value in wanted.items() if _is(line, field))
    return next(changed, line)


def _configure(work: Path) -> Path:
    """Lay folders for apt's state below `work` and return a configuration that uses them."""
    if not all(map(shutil.which, ("apt-get", "dpkg-deb"))):
        raise ServerError("Only Debian has a download; install MySQL 8 or newer yourself.")
    for folder in ("state/lists/partial", "cache/archives/partial", "sources"):
        (work / folder).mkdir(parents=True, exist_ok=True)
    (work / "status").touch()
    _write_sources(work / "sources")
    file = work / "apt.conf"
    file.write_text(
        f'Dir::State "{work}/state";\nDir::State::status "{work}/status";\n'
        f'Dir::Cache "{work}/cache";\nDir::Etc::sourcelist "/dev/null";\n'
        f'Dir::Etc::sourceparts "{work}/sources";\nDir::Etc::preferences "/dev/null";\n'
        # apt's own user may not enter the cache folder.
        'Dir::Etc::preferencesparts "/dev/null";\nAPT::Sandbox::User "root";\n'
    )
    return file


def _write_sources(folder: Path) -> None:
    codename = _codename()
    lists = _texts([_ETC / "sources.list", *_ETC.glob("sources.list.d/*.list")])
    files = _texts(_ETC.glob("sources.list.d/*.sources"))
    lines = [line for text in lists for line in one_line(text, codename)]
    parts = [part for text in files for part in stanzas(text, codename)]
    if not lines and not parts:
        raise ServerError("apt's sources do not name this release, so sid's are unknown.")
    (folder / "sid.list").write_text("\n".join([*lines, ""]))
    (folder / "sid.sources").write_text("\n\n".join([*parts, ""]))


def _texts(files: Iterator[Path] | list[Path]) -> list[str]:
    return [file.read_text() for file in files if file.exists()]


def _codename() -> str:
    system = platform.freedesktop_os_release()
    if system.get("ID") != "debian":
        raise ServerError(
            "Only Debian has a download; install MySQL 8 or newer (mysql-server-core) yourself."
        )
    return system.get("VERSION_CODENAME", "sid")

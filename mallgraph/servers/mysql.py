"""MySQL, beside MariaDB: a newer release than most distributions have, from Debian's sid."""

from pathlib import Path

from mallgraph.servers import apt_sid, my_cnf, process
from mallgraph.servers import install as get
from mallgraph.servers.commands import Tell, run

ready = my_cnf.ready
url = my_cnf.url
_PACKAGES = ["mysql-server-core", "mysql-client-core"]


def find(cache: Path) -> Path | None:
    """MySQL on this machine, else ours; MariaDB's mysqld is none."""
    found = get.on_path("mysqld")
    if found and "mariadb" not in run([str(found), "--version"]).lower():
        return found
    ours = cache / "mysql/usr/sbin/mysqld"
    return ours if ours.exists() else None


def install(cache: Path, tell: Tell) -> None:
    """Unpack the packages of sid into the cache; nothing on the machine changes."""
    get.require_linux_x86()
    get.whole(cache / "mysql", lambda tree: apt_sid.unpack(_PACKAGES, tree, tell))


def command(binary: Path) -> list[str]:
    """How to call it: sid's programs need the loader and libraries they came with."""
    root = binary.parents[2]
    loader = root / "usr/lib64/ld-linux-x86-64.so.2"
    if root == Path("/") or not loader.exists():
        return [str(binary)]
    libraries = f"{root}/usr/lib/x86_64-linux-gnu:{root}/usr/lib/mysql/private"
    return [str(loader), "--library-path", libraries, str(binary)]


def start(binary: Path, folder: Path, port: int) -> int:
    """Start it and return its pid; its data directory is made if there is none."""
    options = my_cnf.write(folder, port, ["mysqlx=OFF", *_places(binary)])
    call = [*command(binary), f"--defaults-file={options}"]
    new = "--initialize-insecure"
    my_cnf.fill_once(folder, lambda data: run([*call, new, f"--datadir={data}"]))
    return process.spawn(call, folder / "server.log")


def _places(binary: Path) -> list[str]:
    """Where its own files are, which it would look for in the system's folders."""
    root = binary.parents[2]
    if root == Path("/"):
        return []
    return [
        f"basedir={root}/usr",
        f"plugin-dir={root}/usr/lib/mysql/plugin",
        f"lc-messages-dir={root}/usr/share/mysql",
        f"character-sets-dir={root}/usr/share/mysql/charsets",
        'secure-file-priv=""',
    ]

"""MariaDB, the relational store that `up` proposes."""

import getpass
from pathlib import Path

from mallgraph.servers import install as get
from mallgraph.servers import my_cnf, process
from mallgraph.servers.commands import Tell, run

ready = my_cnf.ready
url = my_cnf.url
_MORE = ["binlog_format=ROW"]


def find(_cache: Path) -> Path | None:
    """The server on this machine, if the program that makes its data directory is there, too."""
    return get.on_path("mariadbd") if get.on_path("mariadb-install-db") else None


def install(_cache: Path, tell: Tell) -> None:
    """Install the distribution's programs; its package with the service is not needed."""
    get.apt_install(["mariadb-server-core", "mariadb-client-core"], tell)


def start(binary: Path, folder: Path, port: int) -> int:
    """Start it and return its pid; its data directory is made if there is none."""
    options = my_cnf.write(folder, port, _MORE)
    my_cnf.fill_once(folder, _make_data)
    return process.spawn([str(binary), f"--defaults-file={options}"], folder / "server.log")


def _make_data(data: Path) -> None:
    program = get.on_path("mariadb-install-db") or Path("mariadb-install-db")
    who = [f"--user={getpass.getuser()}", "--auth-root-authentication-method=normal"]
    run([str(program), "--no-defaults", *who, "--skip-test-db", f"--datadir={data}"])

"""What MariaDB and MySQL have in common: one file of options and one greeting."""

import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from mallgraph.servers import process

_OPTIONS = """\
[mysqld]
datadir={folder}/data
tmpdir={folder}/tmp
# Relative to datadir: a path of a socket may have about 100 characters only.
socket=server.sock
pid-file=server.pid
init-file={folder}/init.sql
bind-address=127.0.0.1
port={port}
server-id=1
log-bin=binlog
binlog_row_metadata=FULL
character-set-server=utf8mb4
innodb_buffer_pool_size=256M
innodb_flush_log_at_trx_commit=1
max_connections=300
"""
_INIT = "CREATE DATABASE IF NOT EXISTS shop CHARACTER SET utf8mb4;\n"


def write(folder: Path, port: int, more: Sequence[str]) -> Path:
    """Write the options of a server and return their file."""
    (folder / "tmp").mkdir(parents=True, exist_ok=True)
    (folder / "init.sql").write_text(_INIT)
    user = ["user=root"] if os.getuid() == 0 else []
    file = folder / "my.cnf"
    lines = [*user, *more, ""]
    file.write_text(_OPTIONS.format(folder=folder, port=port) + "\n".join(lines))
    return file


def fill_once(folder: Path, fill: Callable[[Path], object]) -> None:
    """Let `fill` make the data directory, which bears its name only when complete."""
    data, draft = folder / "data", folder / "data.new"
    if not data.exists():
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir()
        fill(draft)
        draft.rename(data)


def ready(port: int) -> bool:
    """Whether it greets; it listens before, but says nothing until init.sql was run."""
    # Behind the four bytes of length and number stands the version of the protocol, 10.
    return process.exchange(port, b"")[4:5] == b"\n"


def url(port: int) -> str:
    """Where it is, without a database."""
    return f"mysql+asyncmy://root@127.0.0.1:{port}"

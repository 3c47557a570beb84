"""Running servers as settings of the shop."""

from collections.abc import Iterable

from mallgraph.servers.state import Entry

_NAMES = {
    "mariadb": "MALLGRAPH_SQL_URL",
    "mysql": "MALLGRAPH_SQL_URL",
    "mongodb": "MALLGRAPH_DOCUMENTS_URL",
    "elasticsearch": "MALLGRAPH_SEARCH_URL",
    "redis": "MALLGRAPH_CARTS_URL",
}
_BEHIND = {
    "mariadb": "/shop",
    "mysql": "/shop",
    "mongodb": "/shop?replicaSet=rs0",
    "elasticsearch": "/mallgraph",
    "redis": "/0",
}


def lines(entries: Iterable[Entry]) -> list[str]:
    """`NAME=url` for each running server, in a fixed order.

    A comment stands for what cannot be set at the same time: MySQL beside MariaDB.
    """
    running = {entry.name: entry for entry in entries if entry.running}
    return [_line(running[name], running) for name in _BEHIND if name in running]


def _line(entry: Entry, running: dict[str, Entry]) -> str:
    url = entry.url + _BEHIND[entry.name]
    mark = "# " if entry.name == "mysql" and "mariadb" in running else ""
    return f"{mark}{_NAMES[entry.name]}={url}"

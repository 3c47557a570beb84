"""Real servers on this machine for development and tests, without containers.

Each runs under the user who starts it, with its data in its own folder, on a free port of
127.0.0.1, and is stopped by its own pid only.
"""

from mallgraph.servers.commands import ServerError
from mallgraph.servers.control import SERVERS, Outcome, Place, Status, down, start, status, stop, up
from mallgraph.servers.install import cache_folder
from mallgraph.servers.process import free_port
from mallgraph.servers.state import Entry, read

__all__ = [
    "SERVERS",
    "Entry",
    "Outcome",
    "Place",
    "ServerError",
    "Status",
    "cache_folder",
    "down",
    "free_port",
    "read",
    "start",
    "status",
    "stop",
    "up",
]

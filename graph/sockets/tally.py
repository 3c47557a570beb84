"""What the connections of a process do, for whoever watches."""

from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field

from graph.sockets.messages import TYPES, Code

#: Codes of clients that are told apart: done, going away, none, cut off. They may send any other.
_OF_CLIENTS = (1000, 1001, 1005, 1006)
_OTHER = "other"
#: Statuses of handshakes that are refused: of a foreign page, and for want of room.
_REFUSED = (403, 503)
_ENDS = (*(str(int(code)) for code in (*Code, *_OF_CLIENTS, *_REFUSED)), _OTHER)


@dataclass(slots=True)
class Tally:
    """Connections and operations of this moment; messages and ends since the start."""

    connections: int = 0
    operations: int = 0
    #: Messages that were sent, by type.
    sent: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(TYPES, 0)))
    #: Ends by code; handshakes that were refused by their status.
    ended: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(_ENDS, 0)))

    @contextmanager
    def connection(self) -> Generator[None]:
        """Count a connection while the block runs."""
        self.connections += 1
        try:
            yield
        finally:
            self.connections -= 1

    @contextmanager
    def operation(self) -> Generator[None]:
        """Count an operation while the block runs."""
        self.operations += 1
        try:
            yield
        finally:
            self.operations -= 1

    def end(self, code: int) -> None:
        """Count an end that came from the shop: by a code, or the status of a handshake."""
        self.ended[str(int(code))] += 1

    def left(self, code: int) -> None:
        """Count an end that came from the client, with a code of its choice."""
        self.ended[str(code) if code in _OF_CLIENTS else _OTHER] += 1

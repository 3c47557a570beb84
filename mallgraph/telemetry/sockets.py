"""The metrics of connections over WebSocket, read as all of the state is."""

from graph.sockets import Tally
from mallgraph.telemetry.metrics import Metrics
from mallgraph.telemetry.totals import Totals


class SocketState:
    """What connections do, and did."""

    def __init__(self, metrics: Metrics) -> None:
        """Make the metrics."""
        self._totals = Totals()
        self._connections = metrics.gauge(
            "mallgraph_socket_connections", "Connections over WebSocket that are open."
        )
        self._operations = metrics.gauge(
            "mallgraph_socket_operations", "Operations of connections, subscriptions among them."
        )
        self._sent = metrics.counter(
            "mallgraph_socket_messages_sent", "Messages sent over WebSocket.", "type"
        )
        self._closed = metrics.counter(
            "mallgraph_socket_closed", "Connections that ended, or were refused.", "code"
        )

    def read(self, tally: Tally) -> None:
        """Tell what is so now."""
        self._connections.set(tally.connections)
        self._operations.set(tally.operations)
        for kind, many in tally.sent.items():
            self._totals.move(self._sent, kind, "sent", many)
        for code, many in tally.ended.items():
            self._totals.move(self._closed, code, "closed", many)

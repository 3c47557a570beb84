"""GraphQL over WebSocket, by the protocol graphql-transport-ws and no other.

    endpoint      who may open a connection
    seats         how many come from one address
    connection    the messages of one connection, its patience and its end
    following     one operation: an answer, or what a subscription tells
    executing     runs an operation as HTTP does, with the same limits and errors
    messages      what is written on the wire
    tally         what all of them do, for whoever watches

Strawberry's own handler keeps one context as long as the socket, asks for no origin, sends no
pings, and waits for ever for a client that does not read.
"""

from graph.sockets.endpoint import Sockets
from graph.sockets.tally import Tally

__all__ = ["Sockets", "Tally"]

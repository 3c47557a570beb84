"""One connection: its messages, its patience, and how it ends."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from functools import partial
from typing import Any

import structlog
from graphql import GraphQLError
from starlette.websockets import WebSocket, WebSocketDisconnect

from graph import cart_cookie
from graph.asked import Asked
from graph.client_address import address
from graph.request_errors import RequestCode, RequestRefused
from graph.sockets import messages
from graph.sockets.bearer import Bearer
from graph.sockets.executing import Executing, Party
from graph.sockets.following import Speaker, operate
from graph.sockets.messages import Code, Ending, Message
from graph.sockets.tally import Tally

INIT_SECONDS = 10.0
KEEPALIVE_SECONDS = 20.0
#: How long a client may take to read what is sent.
SEND_SECONDS = 10.0
#: Operations at once, subscriptions among them.
OPERATIONS = 20
_CLOSE_SECONDS = 2.0
_AGAIN_SECONDS = 0.5

_log = structlog.get_logger()


class Connection:
    """A WebSocket that has been accepted."""

    def __init__(self, socket: WebSocket, executing: Executing, tally: Tally) -> None:
        """Do nothing yet; `tally` is that of all connections."""
        self._socket, self._executing, self._tally = socket, executing, tally
        self._bearer = Bearer(socket)
        self._is_acknowledged = self._is_alive = False
        self._initialised = asyncio.Event()
        self._sending = asyncio.Lock()
        self._operations: dict[str, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._over: asyncio.Future[Ending | WebSocketDisconnect]
        self._over = asyncio.get_running_loop().create_future()
        self._speaker = Speaker(_party(socket), self._bearer.subject, self._send, self._done)

    async def serve(self) -> None:
        """Serve until either side ends it; nothing of it runs on afterwards."""
        self._begin(self._receive())
        self._begin(self._watch())
        try:
            ending = await self._over
        finally:
            await _stop(self._tasks)
        if isinstance(ending, WebSocketDisconnect):
            self._tally.left(ending.code)
            return
        self._tally.end(ending.code)
        with suppress(TimeoutError, RuntimeError, WebSocketDisconnect):
            async with asyncio.timeout(_CLOSE_SECONDS):
                await self._socket.close(ending.code, ending.reason)

    def _begin(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(self._guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _guarded(self, work: Coroutine[None, None, None]) -> None:
        """Run work whose failure ends the connection."""
        try:
            await work
        except (Ending, WebSocketDisconnect) as ending:
            self._end(ending)
        except Exception:  # noqa: BLE001  The last one who can tell.
            _log.exception("socket_failed")
            self._end(Ending(Code.BROKEN, "Internal error."))

    def _end(self, ending: Ending | WebSocketDisconnect) -> None:
        if not self._over.done():
            self._over.set_result(ending)

    async def _receive(self) -> None:
        while True:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                raise WebSocketDisconnect(message.get("code", 1005))
            self._is_alive = True
            await self._take(messages.read(message.get("text")))
            # Thousands of them may lie here already, and nothing above waits for anybody.
            await asyncio.sleep(0)

    async def _watch(self) -> None:
        """End what says nothing, and what speaks for a token that has expired."""
        try:
            async with asyncio.timeout(INIT_SECONDS):
                await self._initialised.wait()
        except TimeoutError as error:
            raise Ending(Code.SILENT, "Connection initialisation timeout") from error
        while True:
            self._is_alive = False
            await self._send(messages.write("ping"))
            await asyncio.sleep(KEEPALIVE_SECONDS)
            if not self._is_alive:
                raise Ending(Code.SILENT, "No answer to a ping.")
            await self._bearer.subject()

    async def _take(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "connection_init":
                await self._initialise(messages.payload(message))
            case "ping":
                await self._send(messages.write("pong"))
            case "pong":
                pass
            case "subscribe":
                await self._subscribe(messages.id_of(message), messages.payload(message))
            case "complete":
                self._complete(messages.id_of(message))
            case kind:
                raise Ending(Code.BAD_MESSAGE, f"There is no message of type {kind!r:.40}.")

    async def _initialise(self, payload: dict[str, Any]) -> None:
        if self._initialised.is_set():
            raise Ending(Code.INITIALISED_TWICE, "Too many initialisation requests")
        await self._bearer.take(payload)
        await self._send(messages.write("connection_ack"))
        self._is_acknowledged = True
        self._initialised.set()

    async def _subscribe(self, id_: str, payload: dict[str, Any]) -> None:
        if not self._is_acknowledged:
            raise Ending(Code.NOT_ACKNOWLEDGED, "Unauthorized")
        if id_ in self._operations:
            raise Ending(Code.ID_IN_USE, f"Subscriber for {id_} already exists")
        try:
            asked = Asked.among(payload)
        except RequestRefused as refused:
            raise Ending(Code.BAD_MESSAGE, str(refused)) from refused
        if len(self._operations) >= OPERATIONS:
            await self._send(messages.refusal(id_, [_too_many()]))
            return
        task = self._operations[id_] = self._begin(self._operate(id_, asked))
        task.add_done_callback(lambda _: self._forget(id_, task))

    async def _operate(self, id_: str, asked: Asked) -> None:
        with self._tally.operation():
            await operate(self._executing, self._speaker, id_, asked)

    def _complete(self, id_: str) -> None:
        # Unknown is what has ended by itself in the same moment.
        if task := self._operations.pop(id_, None):
            task.cancel()

    def _done(self, id_: str) -> None:
        self._operations.pop(id_, None)

    def _forget(self, id_: str, task: asyncio.Task[None]) -> None:
        # The id may be that of another operation by now.
        if self._operations.get(id_) is task:
            del self._operations[id_]

    async def _send(self, message: Message) -> None:
        """Send a message. Raises Ending for a client that does not read."""
        async with self._sending:
            try:
                async with asyncio.timeout(SEND_SECONDS):
                    await self._socket.send_text(message.text)
            except TimeoutError as error:
                raise Ending(Code.COME_AGAIN, "Too slow; resume by since.") from error
        self._tally.sent[message.kind] += 1


def _party(socket: WebSocket) -> Party:
    state = socket.app.state
    proxies = state.mall.settings.trusted_proxies
    return Party(
        mall=state.mall,
        viewers=state.viewers,
        pocket=cart_cookie.unpacked(socket),
        address=partial(address, socket, proxies),
    )


async def _stop(tasks: set[asyncio.Task[None]]) -> None:
    """Cancel tasks, again and again until they end: a driver may swallow a cancellation."""
    while running := {task for task in tasks if not task.done()}:
        for task in running:
            task.cancel()
        await asyncio.wait(running, timeout=_AGAIN_SECONDS)


def _too_many() -> GraphQLError:
    return GraphQLError(
        f"A connection runs {OPERATIONS} operations at once; end one, or open another connection.",
        extensions={"code": RequestCode.TOO_MANY_OPERATIONS.value},
    )
